/*
 * movement.h -- what one input does to the shelves of one place.
 *
 * A movement is begun for a place, takes one change per line, and is said at its end: one stock.changed
 * (supply.changed for a warehouse) with every line, one stock.shortfall_detected with those that went below
 * zero, then the restocks that became due. It does not know tickets, counts or shipments: the handlers do.
 */
#ifndef TRIBUTARY_INVENTORY_MOVEMENT_H
#define TRIBUTARY_INVENTORY_MOVEMENT_H

#include "supply.h"

/* struct change -- by how much one line changes what is known of an SKU. All may be zero. */
struct change {
	struct quantity on_hand, in_transit, on_order, reserved;
};

struct movement {
	struct turn *turn;
	struct text place;
	struct text reason; /* of types.yaml movement_reason */
	int64_t demand_day; /* sales of this day are demand; 0: the movement says nothing about demand */
	bool warehouse;     /* the place is a warehouse: it says supply.changed */
	bool says_all;      /* a line that moves nothing is said too: it was counted */
	uint32_t generation;
	struct tuning tuning;
	struct way way;
	uint32_t lines_max, line_count, missing_count, due_count;
	struct stock_changed_line *lines;
	struct stock_shortfall_detected_line *missing;
	struct text *due;  /* SKUs whose position calls for a restock */
	size_t place_size; /* of the key's first part with its separator */
	uint8_t key[KEY_SIZE];
};

/* movement_day -- a business day as demand_day wants it, at least 1. */
int64_t movement_day(struct text day);

/* movement_begin -- a movement of at most lines_max lines; reason is static text. */
void movement_begin(struct movement *movement, struct turn *turn, struct text place, struct text reason,
                    uint32_t lines_max);

/* movement_expect -- a hint, that the shelves of these SKUs will be changed next, best given before the movement begins; at most MOVEMENT_EXPECTED. */
#define MOVEMENT_EXPECTED 8
void movement_expect(struct turn *turn, struct text place, const struct text *skus, uint32_t count);

/* movement_line -- change one shelf: one row got, one row put. */
void movement_line(struct movement *movement, struct text sku, struct change change);

/* movement_count -- set one shelf's balance to what was counted; the difference is the movement. */
void movement_count(struct movement *movement, struct text sku, struct quantity counted);

/* movement_say -- announce what moved.   movement_end -- that, and request the restocks that are due. */
void movement_say(struct movement *movement);
void movement_end(struct movement *movement);

#endif
