/*
 * reward.h -- rewards: what a final score is worth, granted when it is earned and revoked when it no longer is.
 */
#ifndef TRIBUTARY_KPI_REWARD_H
#define TRIBUTARY_KPI_REWARD_H

#include "appraisal.h"

/* As it lies in its row. */
struct reward {
	int64_t version;
	int64_t from_bp, until_bp;
	int64_t amount; /* minor units; 0: none */
	char currency[CURRENCY_SIZE];
	uint32_t unused;
	char status[CODE_SIZE]; /* empty: none */
};

_Static_assert(sizeof(struct reward) == 72, "a reward has no padding");

/* reward_declare -- a reward is set or changed; it may have hung on another appraisal before. */
void reward_declare(struct turn *turn, struct text appraisal, struct text code, const struct reward *reward);

/* reward_settle -- an outlet has a final score: grant what it has earned and has not, revoke what it has and does not earn. */
void reward_settle(struct turn *turn, struct text appraisal, const struct sheet *sheet);

#endif
