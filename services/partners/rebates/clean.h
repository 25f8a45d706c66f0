/*
 * clean.h -- clean channel (不窜货): what a violation takes back of a period's rebate, by staff's word or by a decided case.
 */
#ifndef TRIBUTARY_PARTNERS_CLEAN_H
#define TRIBUTARY_PARTNERS_CLEAN_H

#include "channel/conflict_rows.h"
#include "rebates/rebate.h"

/* clean_take -- keep the clawback; the period, if there is one, is due that much less from now on, or again. */
void clean_take(struct turn *turn, const struct place *place, const struct clawback_submitted *clawback);

/* clean_decided -- a case is decided, or decided again on appeal. */
void clean_decided(struct turn *turn, struct text code, const struct conflict *conflict);

#endif
