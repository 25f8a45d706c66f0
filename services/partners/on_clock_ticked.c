/* on_clock_ticked.c -- periods that are over are locked, cases that wait too long are said. */
#include "aims/red.h"
#include "channel/conflict.h"
#include "desk/matter.h"
#include "money/commission.h"
#include "people/training.h"
#include "rebates/rebate.h"

#define LOCKS_MAX 500 /* of one tick; the others wait for the next */

void on_clock_ticked(struct turn *turn, const struct clock_ticked *ticked)
{
	conflict_watch(turn, ticked->time);
	matter_watch(turn, ticked->time);
	commission_lock(turn, ticked->time, LOCKS_MAX);
	certificate_watch(turn, ticked->time);
	red_forget(turn, ticked->time - 2 * US_PER_DAY);
	rebate_lock(turn, ticked->time, LOCKS_MAX);
}
