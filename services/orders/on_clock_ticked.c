/* on_clock_ticked.c -- where a day begins, what went where is looked at; promotions end, the journal is read again, returns have waited for
 * their sale. */
#include "counted.h"
#include "events/clock.h"
#include "promotion.h"
#include "region.h"
#include "waiting.h"

void on_clock_ticked(struct turn *turn, const struct clock_ticked *ticked)
{
	int64_t day = ticked->time / US_PER_DAY;

	if (region_due(turn, day))
		region_judge(turn, day);
	else
		backfill_step(turn, &counted); /* either of both takes much of what a handler may */
	promotion_watch(turn, day);
	waiting_forget(turn, day);
}
