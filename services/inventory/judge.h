/*
 * judge.h -- the round over the shelves that follows a change of the master data, so that it takes effect where nothing moves as well.
 *
 * A round only reads: a shelf where nothing is due now is left as it is, and is renewed when it moves next (supply.h).
 */
#ifndef TRIBUTARY_INVENTORY_JUDGE_H
#define TRIBUTARY_INVENTORY_JUDGE_H

#include "state.h"

#define JUDGED_PER_TICK 50000 /* shelves that one tick holds against the master data; the others by the next */
#define DUE_PER_TICK 1000     /* of them, that ask for a restock */

/* shelves_tick -- goes on with the round, or begins one where the master data has changed since the last one began. */
void shelves_tick(struct turn *turn);

#endif
