/* layer.c -- the latest receipts of a shelf. */
#include "layer.h"

#include "base/when.h"

static void drop_first(struct layers *layers)
{
	memmove(&layers->layer[0], &layers->layer[1], (LAYERS_MAX - 1) * sizeof(layers->layer[0]));
	layers->count--;
}

/* What was sold since goes from the oldest layers. */
static void drop_sold(struct layers *layers, struct quantity on_hand)
{
	int64_t known = 0;

	for (uint64_t i = layers->count; i > 0; i--) {
		int64_t left = on_hand.milli - known;

		if (left <= 0) {
			while (i-- > 0)
				drop_first(layers);
			return;
		}
		if (layers->layer[i - 1].quantity.milli > left)
			layers->layer[i - 1].quantity.milli = left;
		known += layers->layer[i - 1].quantity.milli;
	}
}

void layers_add(struct layers *layers, int64_t day, struct quantity came, struct quantity on_hand)
{
	uint64_t last = layers->count;

	drop_sold(layers, quantity_sub(on_hand, came));
	last = layers->count;
	if (last > 0 && layers->layer[last - 1].day >= day) {
		layers->layer[last - 1].quantity = balance_moved(layers->layer[last - 1].quantity, came);
		return;
	}
	/* R101: A shelf keeps its twelve latest layers; beyond them the two oldest become one that is as old as the older: a shelf is never
	   shown younger than it is. */
	if (last == LAYERS_MAX) {
		layers->layer[1].day = layers->layer[0].day;
		layers->layer[1].quantity = balance_moved(layers->layer[1].quantity, layers->layer[0].quantity);
		drop_first(layers);
		last--;
	}
	layers->layer[last].day = day;
	layers->layer[last].quantity = came;
	layers->count = last + 1;
}

void layers_note(const struct movement *movement)
{
	int64_t offset_us = place_get(movement->turn, movement->place).offset_minutes * US_PER_MINUTE;
	int64_t there = turn_input(movement->turn)->time_us + offset_us;

	for (uint32_t i = 0; i < movement->line_count; i++) {
		const struct stock_changed_line *line = &movement->lines[i];
		uint8_t key[KEY_SIZE];
		struct bytes at = shelf_key(key, movement->place, line->sku);
		struct layers layers;

		if (line->delta.milli <= 0)
			continue;
		row_get(movement->turn, TABLE_LAYER, at, &layers, sizeof(layers));
		layers_add(&layers, there >= 0 ? there / US_PER_DAY : 0, line->delta, line->on_hand);
		turn_put(movement->turn, TABLE_LAYER, at, bytes_of(&layers, sizeof(layers)));
	}
}

static unsigned age_class(int64_t days)
{
	return days <= 30 ? AGE_30 : days <= 60 ? AGE_60 : days <= 90 ? AGE_90 : days <= 180 ? AGE_180 : AGE_OLDER;
}

/* R100: What lies on a shelf is what came last, receipts and what a count has found; what is more than the layers hold, as after a return,
   has an unknown age and is older than they are. */
struct ages layers_ages(const struct layers *layers, struct quantity on_hand, int64_t today)
{
	struct ages ages = {0};
	int64_t left = on_hand.milli > 0 ? on_hand.milli : 0;

	for (uint64_t i = layers->count; i > 0 && left > 0; i--) {
		int64_t days = today - layers->layer[i - 1].day, part = layers->layer[i - 1].quantity.milli;

#if defined(MUTANT_LAST_OUT)
		days = today - layers->layer[layers->count - i].day;
		part = layers->layer[layers->count - i].quantity.milli;
#endif
		if (part > left)
			part = left;
		ages.quantity[age_class(days)].milli += part;
		ages.oldest = days > 0 ? days : 0;
		left -= part;
	}
	ages.quantity[AGE_UNKNOWN].milli = left;
	return ages;
}
