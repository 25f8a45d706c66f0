/*
 * transfer.h -- transfers between outlets (调拨): who has too much of what another one needs, proposed, accepted or expired.
 *
 * Nothing is moved by a proposal. What is accepted is booked on both sides in one turn, so that no goods are lost between them.
 */
#ifndef TRIBUTARY_INVENTORY_TRANSFER_H
#define TRIBUTARY_INVENTORY_TRANSFER_H

#include "window.h"

#define DONORS_MAX 64	      /* outlets with too much of a SKU that one look sees */
#define TRANSFERS_PER_TICK 200 /* expired by one tick; the others by the next */

enum transfer_state { TRANSFER_PROPOSED, TRANSFER_BOOKED, TRANSFER_EXPIRED };

struct transfer {
	char sku[CODE_SIZE], from[CODE_SIZE], to[CODE_SIZE];
	struct quantity quantity;
	int64_t expires_us;
	uint64_t state; /* enum transfer_state */
};

_Static_assert(sizeof(struct transfer) == 120, "a transfer has no padding");

/* surplus_note -- a window is closed: whether the outlet has more of the SKU than it should keep. */
void surplus_note(struct turn *turn, struct text place, struct text sku, const struct window *window);

/* transfer_look -- an outlet needs so much: is there another one with too much, and a lane from it? Proposed where so. */
void transfer_look(struct turn *turn, struct text place, struct text sku, struct quantity wanted);

/* transfers_tick -- what was not accepted in time expires. */
void transfers_tick(struct turn *turn, int64_t time_us);

/* transfer_get, transfer_number -- by its number; 0: no such text.   transfer_close -- it is booked or expired. */
bool transfer_get(struct turn *turn, uint64_t number, struct transfer *transfer);
uint64_t transfer_number(struct text text);
void transfer_close(struct turn *turn, uint64_t number, struct transfer *transfer, enum transfer_state state);
struct text transfer_state_text(uint64_t state);

#endif
