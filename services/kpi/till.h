/*
 * till.h -- which tills have been heard, and how complete the figures therefore are.
 *
 * For each scope the expected tills are counted by the hour in which they were last heard, so that "heard
 * within the window" is a sum over a few rows, whatever the number of tills.
 */
#ifndef TRIBUTARY_KPI_TILL_H
#define TRIBUTARY_KPI_TILL_H

#include "state.h"

/* till_heard -- the present input comes from this till. */
void till_heard(struct turn *turn, struct text terminal, struct text outlet);

/* till_declare -- the rulebook says whose till it is, and whether it is in use. */
void till_declare(struct turn *turn, struct text terminal, struct text outlet, bool active);

/* till_outlet_changed -- an outlet has come, has changed its tier or its status: its tills count anew. */
void till_outlet_changed(struct turn *turn, struct text outlet);

/* struct completeness -- tills expected, and heard within the window before the watermark. */
struct completeness {
	int64_t heard, expected;
};
struct completeness till_completeness(struct query *query, char scope, struct text code, int64_t watermark_us,
				      int64_t window_hours);

/* till_within -- a till last heard then counts as heard. */
bool till_within(int64_t heard_us, int64_t watermark_us, int64_t window_hours);

#endif
