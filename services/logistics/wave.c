/* wave.c -- the books of pending and waiting restocks. */
#include "wave.h"

#include "choice.h"
#include "plan.h"

static void next_wave_lower(struct turn *turn, int64_t closes_us)
{
	int64_t next = next_wave_get(turn);

	if (next == 0 || closes_us < next)
		next_wave_put(turn, closes_us);
}

static int64_t window_end(struct turn *turn)
{
	int64_t end =
	    turn_input(turn)->time_us + turn_setting(turn, SETTING_CONSOLIDATION_MINUTES) * US_PER_MINUTE;

	return end > 0 ? end : 1;
}

/* R1: A wave opens with the first pending restock of a warehouse and is planned when a later restock or a
   tick of the clock passes its window of consolidation_minutes. */
static void wave_count_up(struct turn *turn, struct text warehouse)
{
	struct wave wave;

	if (!ROW_GET(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave)) {
		wave.closes_us = window_end(turn);
		next_wave_lower(turn, wave.closes_us);
	}
	wave.count++;
	ROW_PUT(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
}

static void wave_count_down(struct turn *turn, struct text warehouse)
{
	struct wave wave;

	ROW_GET(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
	if (wave.count <= 1) {
		turn_del(turn, TABLE_WAVE, bytes_of_text(warehouse));
		return;
	}
	wave.count--;
	ROW_PUT(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
}

/* The vehicle that would carry an outlet's load, as its first restock of the wave sees it. */
static struct quantity load_capacity(struct turn *turn, struct text warehouse, struct text outlet,
                                     int64_t need_by_us)
{
	struct choice choice;

	struct errand errand = {.warehouse = warehouse,
	                        .outlet = outlet,
	                        .minutes_left = choice_minutes_left(need_by_us, turn_input(turn)->time_us)};

	if (!choice_of(turn, &errand, &choice))
		return quantity_of(0);
	return choice.capacity;
}

static void load_add(struct turn *turn, struct text warehouse, struct text outlet,
                     const struct pending *pending)
{
	uint8_t key[KEY_SIZE];
	struct load load;

	if (!ROW_GET(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet), &load))
		load.capacity = load_capacity(turn, warehouse, outlet, pending->need_by_us);
	load.quantity = quantity_add(load.quantity, pending->quantity);
	ROW_PUT(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet), &load);
}

static void load_take(struct turn *turn, struct text warehouse, struct text outlet,
                      struct quantity quantity)
{
	uint8_t key[KEY_SIZE];
	struct load load;

	ROW_GET(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet), &load);
	load.quantity = quantity_sub(load.quantity, quantity);
	if (load.quantity.milli > 0)
		ROW_PUT(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet), &load);
	else
		turn_del(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet));
}

void wave_add(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
              const struct pending *added)
{
	struct text sku = CODE_TEXT(added->sku);
	struct supply supply = supply_get(turn, warehouse, sku);
	struct pending pending;
	uint8_t key[KEY_SIZE];

	if (!ROW_GET(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending))
		wave_count_up(turn, warehouse);
	struct quantity quantity = quantity_add(pending.quantity, added->quantity);
	pending = *added;
	pending.quantity = quantity;
	ROW_PUT(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending);
	supply.asked = quantity_add(supply.asked, added->quantity);
	supply_put(turn, warehouse, sku, &supply);
	load_add(turn, warehouse, outlet, added);
}

void wave_plan_full(struct turn *turn, struct text warehouse, struct text outlet)
{
	uint8_t key[KEY_SIZE];
	struct load load;
	struct wave wave;

	/* R2: An outlet whose pending load fills a vehicle does not wait for the window: full vehicles are
	   planned at once, with what is not scarce. */
	ROW_GET(turn, TABLE_LOAD, KEY_JOIN(key, warehouse, outlet), &load);
	if (load.capacity.milli > 0 && load.quantity.milli >= load.capacity.milli)
		plan_full(turn, warehouse, outlet);
	/* R3: A wave that holds WAVE_RESTOCKS_MAX restocks is planned at once. */
	ROW_GET(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
	if (wave.count >= WAVE_RESTOCKS_MAX)
		plan_wave(turn, warehouse);
}

void wave_take(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
               struct quantity quantity)
{
	struct pending pending;
	struct supply supply;
	uint8_t key[KEY_SIZE];

	if (!ROW_GET(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending))
		return;
	pending.quantity = quantity_sub(pending.quantity, quantity);
	if (pending.quantity.milli > 0) {
		ROW_PUT(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending);
	} else {
		turn_del(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock));
		wave_count_down(turn, warehouse);
	}
	supply = supply_get(turn, warehouse, CODE_TEXT(pending.sku));
	supply.asked = quantity_sub(supply.asked, quantity);
	supply_put(turn, warehouse, CODE_TEXT(pending.sku), &supply);
	load_take(turn, warehouse, outlet, quantity);
}

void wave_wait(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
               struct quantity quantity)
{
	struct pending pending, waiting;
	struct supply supply;
	uint8_t key[KEY_SIZE];

	if (!ROW_GET(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending))
		return;
	struct text sku = CODE_TEXT(pending.sku);
	ROW_GET(turn, TABLE_WAITING, KEY_JOIN(key, warehouse, sku, outlet, restock), &waiting);
	pending.quantity = quantity_add(waiting.quantity, quantity);
	ROW_PUT(turn, TABLE_WAITING, KEY_JOIN(key, warehouse, sku, outlet, restock), &pending);
	wave_take(turn, warehouse, outlet, restock, quantity);
	supply = supply_get(turn, warehouse, sku);
	supply.waiting = quantity_add(supply.waiting, quantity);
	supply_put(turn, warehouse, sku, &supply);
}

static void waiting_del(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
                        const struct pending *waiting)
{
	struct text sku = CODE_TEXT(waiting->sku);
	struct supply supply = supply_get(turn, warehouse, sku);
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_WAITING, KEY_JOIN(key, warehouse, sku, outlet, restock));
	supply.waiting = quantity_sub(supply.waiting, waiting->quantity);
	supply_put(turn, warehouse, sku, &supply);
}

static bool wave_has_room(struct turn *turn, struct text warehouse)
{
	struct wave wave;

	ROW_GET(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
	return wave.count < WAVE_RESTOCKS_MAX;
}

/* R4: What a warehouse does not have waits and joins the next wave when the warehouse is known to have
   more. */
void wave_wake(struct turn *turn, struct text warehouse, struct text sku)
{
	struct pending waiting;
	struct walk walk;
	uint8_t key[KEY_SIZE];

	walk_begin(&walk, turn, TABLE_WAITING, KEY_JOIN(key, warehouse, sku, (struct text){0}));
	while (wave_has_room(turn, warehouse) && walk_next(&walk)) {
		struct text outlet = key_part(walk.key, 2), restock = key_part(walk.key, 3);

		if (!ROW_GET(turn, TABLE_WAITING, walk.key, &waiting))
			continue;
		waiting_del(turn, warehouse, outlet, restock, &waiting);
		wave_add(turn, warehouse, outlet, restock, &waiting);
	}
}

void wave_drop(struct turn *turn, struct text restock, const struct restock *row)
{
	struct text warehouse = CODE_TEXT(row->warehouse), outlet = CODE_TEXT(row->outlet),
	            sku = CODE_TEXT(row->sku);
	struct pending pending;
	uint8_t key[KEY_SIZE];

	if (ROW_GET(turn, TABLE_PENDING, KEY_JOIN(key, warehouse, outlet, restock), &pending))
		wave_take(turn, warehouse, outlet, restock, pending.quantity);
	if (ROW_GET(turn, TABLE_WAITING, KEY_JOIN(key, warehouse, sku, outlet, restock), &pending))
		waiting_del(turn, warehouse, outlet, restock, &pending);
}

/* What a plan has left of a wave waits for another window. */
static void reopen(struct turn *turn, struct text warehouse)
{
	struct wave wave;

	if (!ROW_GET(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave))
		return;
	wave.closes_us = window_end(turn) + 1; /* later than now, also with a window of nothing */
	ROW_PUT(turn, TABLE_WAVE, bytes_of_text(warehouse), &wave);
}

void wave_close_due(struct turn *turn, int64_t time_us)
{
	int64_t next = next_wave_get(turn), first = 0;
	unsigned closed = 0;
	struct wave wave;
	struct walk walk;

	if (next == 0 || time_us < next)
		return;
	walk_begin(&walk, turn, TABLE_WAVE, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text warehouse = key_part(walk.key, 0);

		if (!ROW_GET(turn, TABLE_WAVE, walk.key, &wave))
			continue;
		if (time_us >= wave.closes_us && closed++ < WAVES_PER_INPUT_MAX) {
			plan_wave(turn, warehouse);
			reopen(turn, warehouse);
			if (!ROW_GET(turn, TABLE_WAVE, walk.key, &wave))
				continue;
		}
		if (first == 0 || wave.closes_us < first)
			first = wave.closes_us;
	}
	next_wave_put(turn, first);
}
