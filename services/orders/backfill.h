/*
 * backfill.h -- the journal is read again for a metric that was registered late (补算), a part at every tick, so that it knows the past.
 *
 * It does not know what a metric is for; kpi adds the parts to what it counts from the beginning of the reading on.
 */
#ifndef TRIBUTARY_ORDERS_BACKFILL_H
#define TRIBUTARY_ORDERS_BACKFILL_H

#include "state.h"

#define BACKFILL_EVENTS 2000 /* of the journal, that one tick reads again */

/* backfill_begin -- of a metric as it was declared, where it counts events of this service and cannot know its past otherwise.
 * backfill_step -- one part of the first metric that waits. */
void backfill_begin(struct turn *turn, const struct metric_declared *declared);
void backfill_step(struct turn *turn);

#endif
