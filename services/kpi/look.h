/*
 * look.h -- looking at rows alike in a turn and in a query: what is said live and what is asked is made by one piece.
 */
#ifndef TRIBUTARY_KPI_LOOK_H
#define TRIBUTARY_KPI_LOOK_H

#include "state.h"

struct look {
	struct bytes (*seek)(void *context, unsigned table, struct bytes key, struct bytes *found);
	int64_t (*setting)(void *context, enum kpi_setting setting);
	void *context;
};

struct look look_of_turn(struct turn *turn);
struct look look_of_query(struct query *query);

/* look_value -- the row of a key, as it lies there; empty when it is not there. */
struct bytes look_value(const struct look *look, unsigned table, struct bytes key);

/* look_row -- copy a row out; false and all zero when it is not there. */
bool look_row(const struct look *look, unsigned table, struct bytes key, void *row, size_t size);

/* look_days -- what a scope has brought by a metric on the days from `from` to `until`: each day's sum is added to its
 * place in sums (NULL: not wanted). currency: of a revenue; else all. Returns the whole. *first becomes the first day that
 * has any row, where that is earlier than what stands there. */
int64_t look_days(const struct look *look, const struct target *target, struct text code, int32_t from,
		  int32_t until, int64_t *sums, int32_t *first);

/* look_measures -- the sums of a scope over the days from..until in one currency (empty: in all of them). days: NULL, or what is
 * asked of each day that has a row. */
struct measures look_measures(const struct look *look, char scope, struct text code, struct text currency, int32_t from,
			      int32_t until, void (*each)(void *context, int32_t day, const struct measures *measures),
			      void *context);

#endif
