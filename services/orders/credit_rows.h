/*
 * credit_rows.h -- rows of what outlets owe: their books, the orders that wait, the payments by order and day.
 *
 * The only file that knows their layout. It decides nothing.
 */
#ifndef TRIBUTARY_ORDERS_CREDIT_ROWS_H
#define TRIBUTARY_ORDERS_CREDIT_ROWS_H

#include "state.h"

/* struct credit -- the book of one outlet, in the currency that it trades in; minor units. */
struct credit {
	int64_t limit, version; /* version 0: no limit was ever set */
	int64_t ordered;	/* what its accepted orders are worth */
	int64_t paid, deposit;	/* less what went back */
	int64_t held;		/* how many orders wait */
};

/* What came on one day for one order, or for none. */
struct paid_day {
	int64_t paid, deposit;
};

bool credit_read(struct bytes row, struct credit *credit);
struct credit credit_get(struct turn *turn, struct text outlet);
void credit_put(struct turn *turn, struct text outlet, const struct credit *credit);

/* held_key -- where an order waits: outlet and the sequence of its order.placed.   held_put, held_del -- it waits, or not any more.
 * held_next -- the first that waits behind this sequence; false: there is none.   owns  its number is taken from the turn. */
struct bytes held_key(uint8_t key[KEY_SIZE], struct text outlet, uint64_t seq);
void held_put(struct turn *turn, struct text outlet, uint64_t seq, struct text order);
void held_del(struct turn *turn, struct text outlet, uint64_t seq);
bool held_next(struct turn *turn, struct text outlet, uint64_t *seq, struct text *order);

/* paid_add -- more came on a day; an empty order is none in particular. */
void paid_add(struct turn *turn, struct text outlet, struct text order, int32_t day, const struct paid_day *add);

/* paid_since -- the day since which the payments of an order have been at least this much; 0: they are not. */
int32_t paid_since(struct turn *turn, struct text outlet, struct text order, int64_t amount);

/* paid_read -- a row of the payments, and whose it is.   owns  borrows from the key. */
bool paid_read(struct bytes key, struct bytes row, struct text *outlet, struct paid_day *paid);

#endif
