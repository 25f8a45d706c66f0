/*
 * metric.h -- registered metrics: events that are counted by outlet and day because staff wants it.
 *
 * A metric names a type of events, perhaps a field and its value, perhaps a number to add up. Of the types that are rare all
 * events are counted whether a metric asks or not, so that a metric that counts all of such a type knows the past as well.
 */
#ifndef TRIBUTARY_KPI_METRIC_H
#define TRIBUTARY_KPI_METRIC_H

#include "look.h"

#define EVENT_SIZE 64 /* of a type of events, of a value */

struct metric_row {
	int64_t version;
	int32_t since; /* the first day that it counts in full; 0: all of them */
	uint32_t unused;
	char event[EVENT_SIZE];
	char field[CODE_SIZE]; /* empty: all events count */
	char value[EVENT_SIZE];
	char sum[CODE_SIZE]; /* empty: events are counted */
};

_Static_assert(sizeof(struct metric_row) == 208, "a metric has no padding");

/* metric_hear -- an event is heard that belongs to an outlet: whatever counts it counts it. */
void metric_hear(struct turn *turn, const struct event_type *type, const void *event);

/* metric_is_kept -- whether all events of this type are counted in any case.   metric_listens -- whether a metric counts for itself, since what is kept
 * is not what it asks for. */
bool metric_is_kept(struct text type);
bool metric_listens(const struct metric_row *metric);

/* metric_declare -- a metric is registered or changed; changed, it counts anew.   metric_reread -- the same, from this event of the service that
 * reads its journal again on, also where it is known.   metric_fill -- what lies before that. The words of other services are handed over as those
 * of orders. */
void metric_declare(struct turn *turn, struct text code, struct metric_row *metric);
void metric_reread(struct turn *turn, const struct metric_replay_begun *begun);
void metric_fill(struct turn *turn, const struct metric_replayed *replayed);

/* metric_counted -- what a registered metric has counted of an outlet on the days from..until; false: no such metric. The
 * metric "deviations" is there always. */
bool metric_counted(const struct look *look, struct text code, struct text outlet, int32_t from, int32_t until,
		    int64_t *sum);

#endif
