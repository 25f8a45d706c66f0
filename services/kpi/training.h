/*
 * training.h -- at which outlets somebody is trained in a course, day by day (培训, 证书).
 *
 * Partners says which certificates count where and when; here their days are kept, and what the days of outlets brought with and without them is
 * compared when somebody asks. It does not know why: who is trained may sell more, and who sells more may be trained.
 */
#ifndef TRIBUTARY_KPI_TRAINING_H
#define TRIBUTARY_KPI_TRAINING_H

#include "state.h"

/* struct trained -- the days on which a certificate counts at an outlet, both included. */
struct trained {
	int64_t from, until;
};

/* What a certificate says. Borrows from the event; until empty: for ever. */
struct certified {
	struct text course, outlet, result, from, until;
};

/* trained_place -- a certificate counts there on these days and no others; where it never does it is forgotten. */
void trained_place(struct turn *turn, const struct certified *certified);

/* trained_forget -- it never counted there. */
void trained_forget(struct turn *turn, struct text course, struct text outlet, struct text result);

#define TRAINING_DAYS_MAX 366

/* trained_days -- for each day from `from` on whether somebody at the outlet held a certificate of the course. */
void trained_days(struct query *query, struct text course, struct text outlet, int64_t from, bool trained[TRAINING_DAYS_MAX]);

/* struct sums -- of days with tickets: how many, and what they brought. */
struct sums {
	int64_t days;
	wide revenue, units, tickets;
};

/* sums_difference_bp -- by how much the mean of `part` over its days exceeds that of `other`, in basis points of the latter; false: there is
 * none. */
bool sums_difference_bp(wide part, int64_t part_days, wide other, int64_t other_days, int64_t *difference_bp);

#endif
