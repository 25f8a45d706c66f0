/* movement.c -- changing shelves and saying so. */
#include "movement.h"

#include "restock.h"

int64_t movement_day(struct text day)
{
	int64_t number;

	return day_number(day, &number) && number > 0 ? number : 1;
}

void movement_begin(struct movement *movement, struct turn *turn, struct text place, struct text reason,
                    uint32_t lines_max)
{
	*movement = (struct movement){.turn = turn,
	                              .place = place,
	                              .reason = reason,
	                              .tuning = tuning_of(turn),
	                              .lines_max = lines_max};
	movement->lines = turn_take(turn, lines_max * sizeof(*movement->lines));
	CHECK(place.size <= CODE_SIZE);
	memcpy(movement->key, place.data, place.size);
	movement->key[place.size] = 0;
	movement->place_size = place.size + 1;
	movement->generation = generation_get(turn); /* last, because what is expected comes with the next row */
}

/* The key of a line's shelf: the place stands there already. */
static struct bytes line_key(struct movement *movement, struct text sku)
{
	CHECK(sku.size <= CODE_SIZE);
	memcpy(movement->key + movement->place_size, sku.data, sku.size);
	return bytes_of(movement->key, movement->place_size + sku.size);
}

void movement_expect(struct turn *turn, struct text place, const struct text *skus, uint32_t count)
{
	uint8_t places[MOVEMENT_EXPECTED][KEY_SIZE];
	struct bytes keys[MOVEMENT_EXPECTED];

	CHECK(count <= MOVEMENT_EXPECTED);
	for (uint32_t i = 0; i < count; i++)
		keys[i] = shelf_key(places[i], place, skus[i]);
	turn_expect(turn, TABLE_SHELF, keys, count);
}

/*~ 5. What sells is what is wanted: the demand of a shelf is learnt from the very movements that lower
 *~    it. */
static void line_demand(struct movement *movement, struct shelf *shelf, struct quantity moved)
{
	struct quantity sold = quantity_of(-moved.milli);

	if (moved.milli > 0)
		demand_take_back(&shelf->demand, movement->demand_day, moved);
	else if (demand_add(&shelf->demand, movement->demand_day, sold, &movement->tuning))
		supply_learn(shelf, &movement->tuning);
}

static void line_note(struct movement *movement, struct text sku, struct quantity before,
                      struct quantity after)
{
	CHECK(movement->line_count < movement->lines_max);
	movement->lines[movement->line_count++] =
	    (struct stock_changed_line){.sku = sku, .delta = quantity_sub(after, before), .on_hand = after};
	/* R4: A movement that takes a balance from zero or above to below zero is said as a shortfall. */
	if (!shortfall_begins(before, after))
		return;
	if (movement->missing == NULL)
		movement->missing =
		    turn_take(movement->turn, movement->lines_max * sizeof(*movement->missing));
	movement->missing[movement->missing_count++] = (struct stock_shortfall_detected_line){
	    .sku = sku, .missing = quantity_of(-after.milli), .on_hand = after};
}

static void line_due(struct movement *movement, struct text sku)
{
	if (movement->due == NULL)
		movement->due = turn_take(movement->turn, movement->lines_max * sizeof(*movement->due));
	movement->due[movement->due_count++] = sku;
}

/*~ 4. The hot path. One row is got, changed as a value and put back; what the master data says is in the
 *~    row itself and is looked up again only when its generation has passed. Lines of the same SKU simply
 *~    follow each other, each with its own balance. */
static void line_apply(struct movement *movement, struct bytes key, struct text sku, struct shelf *shelf,
                       struct change change)
{
	struct quantity before = shelf->stock.on_hand;

	if (shelf->supply.generation != movement->generation)
		supply_renew(movement->turn, movement->place, sku, shelf, movement->generation,
		             &movement->tuning, &movement->way);
	shelf->stock.on_hand = balance_moved(before, change.on_hand);
	shelf->stock.in_transit = balance_moved(shelf->stock.in_transit, change.in_transit);
	shelf->stock.on_order = balance_moved(shelf->stock.on_order, change.on_order);
	shelf->stock.reserved = balance_moved(shelf->stock.reserved, change.reserved);
	if (movement->demand_day != 0)
		line_demand(movement, shelf, change.on_hand);
	if (change.on_hand.milli != 0 || movement->says_all)
		line_note(movement, sku, before, shelf->stock.on_hand);
	if (restock_wanted(shelf))
		line_due(movement, sku);
	shelf_put(movement->turn, key, shelf);
}

void movement_line(struct movement *movement, struct text sku, struct change change)
{
	struct bytes key = line_key(movement, sku);
	struct shelf shelf = shelf_get(movement->turn, key);

	line_apply(movement, key, sku, &shelf, change);
}

void movement_count(struct movement *movement, struct text sku, struct quantity counted)
{
	struct bytes key = line_key(movement, sku);
	struct shelf shelf = shelf_get(movement->turn, key);

	line_apply(movement, key, sku, &shelf,
	           (struct change){.on_hand = quantity_sub(counted, shelf.stock.on_hand)});
}

static void say_supply(struct movement *movement)
{
	struct supply_changed changed = {.warehouse = movement->place, .reason = movement->reason};
	struct supply_changed_line *lines =
	    turn_take(movement->turn, movement->line_count * sizeof(*lines));

	for (uint32_t i = 0; i < movement->line_count; i++)
		lines[i] = (struct supply_changed_line){.sku = movement->lines[i].sku,
		                                        .delta = movement->lines[i].delta,
		                                        .on_hand = movement->lines[i].on_hand};
	changed.lines.items = lines;
	changed.lines.count = movement->line_count;
	emit_supply_changed(movement->turn, &changed);
}

/* R5: One input is one change of a place, with a line for every line that moved goods; the deltas of a
   shelf add up to its balance. */
void movement_say(struct movement *movement)
{
	struct stock_changed changed = {.place = movement->place, .reason = movement->reason};
	struct stock_shortfall_detected missing = {.place = movement->place};

	if (movement->line_count == 0)
		return;
	changed.lines.items = movement->lines;
	changed.lines.count = movement->line_count;
	if (movement->warehouse)
		say_supply(movement);
	else
		emit_stock_changed(movement->turn, &changed);
	if (movement->missing_count == 0)
		return;
	missing.lines.items = movement->missing;
	missing.lines.count = movement->missing_count;
	emit_stock_shortfall_detected(movement->turn, &missing);
}

void movement_end(struct movement *movement)
{
	movement_say(movement);
	for (uint32_t i = 0; i < movement->due_count; i++)
		restock_consider(movement->turn, movement->place, movement->due[i]);
}
