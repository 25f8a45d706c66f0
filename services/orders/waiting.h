/*
 * waiting.h -- returns that were heard before their sale: kept until it comes, or until it is too late for it.
 *
 * What they take back is not decided here: promotion_back.c does, as for a return whose sale was known.
 */
#ifndef TRIBUTARY_ORDERS_WAITING_H
#define TRIBUTARY_ORDERS_WAITING_H

#include "state.h"

/* A return that waits, as it lies behind the till and the receipt that it names and its own event. */
struct waiting {
	char outlet[OUTLET_SIZE];
	int64_t day, own_day, until; /* the day that it names or DAY_MIN; its own; the last one on which it waits */
};

#define WAITING_KEY 8 /* bytes behind till and receipt: the event of the return, big-endian */

/* waiting_read -- a row; false: it is none. */
bool waiting_read(struct bytes row, struct waiting *waiting);

/* waiting_end_key -- where the row lies that forgets a return, of the key of the return's own row. */
struct bytes waiting_end_key(uint8_t key[KEY_SIZE], const struct waiting *waiting, struct bytes own);

/* waiting_put -- a return whose sale was not found waits for it.   shape  terminal: the till that it names, or its own. */
void waiting_put(struct turn *turn, const struct ticket_returned *returned, struct text terminal, uint64_t seq);

/* waiting_match -- a sale was recorded: the returns that wait for it are matched.   waiting_forget -- those that have waited long enough. */
void waiting_match(struct turn *turn, const struct sale_recorded *sale, uint64_t seq);
void waiting_forget(struct turn *turn, int64_t day);

#endif
