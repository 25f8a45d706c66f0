/*
 * fund.h -- marketing funds (市场费用) and the claims on them (核销): how far a claim is, and what a fund has approved.
 *
 * A claim's steps are those of a flow. A fund never approves more than its budget.
 */
#ifndef TRIBUTARY_PARTNERS_FUND_H
#define TRIBUTARY_PARTNERS_FUND_H

#include "state.h"

/* struct fund_sum -- what became of the claims on a fund. */
struct fund_sum {
	int64_t approved, settled; /* minor units */
	uint64_t claims;
};

/* struct claim -- how far a claim is. */
struct claim {
	int64_t amount; /* that is endorsed, approved or settled; 0: nothing yet */
	char state[16], by[64]; /* by: who took the last step */
};

/* fund_known -- a fund's record and its version; 0: it is not known.   claim_known -- the same of a claim.   owns  texts are the turn's. */
int64_t fund_known(struct turn *turn, struct text code, struct fund_submitted *fund);
int64_t claim_known(struct turn *turn, struct text code, struct claim_submitted *claim);

bool fund_sum_read(struct bytes row, struct fund_sum *sum);
struct fund_sum fund_sum_get(struct turn *turn, struct text code);
void fund_sum_put(struct turn *turn, struct text code, const struct fund_sum *sum);

bool claim_read(struct bytes row, struct claim *claim);
bool claim_get(struct turn *turn, struct text code, struct claim *claim);
void claim_put(struct turn *turn, struct text code, const struct claim *claim);

#endif
