/*
 * condition.h -- what a scheme asks for beside its steps: a mix of goods, a display (陈列) that stood, a clean channel (不窜货).
 *
 * While a condition is not met no step is reached. The mix moves with tickets; what staff has found is counted again when it changes.
 */
#ifndef TRIBUTARY_PARTNERS_CONDITION_H
#define TRIBUTARY_PARTNERS_CONDITION_H

#include "rebates/rebate.h"

/* condition_lines -- the lines of a ticket that a scheme counts change its period's mix. */
void condition_lines(struct turn *turn, const struct place *place, const struct scheme *scheme, const struct ticket *ticket,
		     struct standing *standing);

/* condition_count -- what staff has found in a period so far.   condition_mix -- the mix of days that were heard before. */
void condition_count(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing);
int64_t condition_mix(struct turn *turn, const struct place *place, const struct scheme *scheme, struct span days);

/* condition_display -- a display stood on place's day, or did not after all. */
void condition_display(struct turn *turn, const struct place *place, struct text number, bool stood);

/* condition_case -- a case of a period is upheld, or not any more; its row is there, or gone. */
void condition_case(struct turn *turn, const struct place *place, const struct scheme *scheme);

#endif
