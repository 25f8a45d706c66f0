/* on_target_submitted.c -- staff sets what is to be reached, by whom, until when. */
#include "record.h"
#include "rules.h"

static bool target_valid(struct turn *turn, const struct target_submitted *target)
{
	/* R7: A target has a known metric and a period of days in order; money needs its currency. */
	if (!metric_known(target->metric))
		return record_refuse(turn, TABLE_TARGET, target->target, "unknown_metric",
		                     "metric is revenue, units or tickets, not %.*s",
		                     TEXT_ARGS(target->metric));
	if (!period_ordered(target->from, target->until))
		return record_refuse(turn, TABLE_TARGET, target->target, "bad_period",
		                     "from and until are days, the first not after the last");
	if (text_equal(target->metric, TEXT_LITERAL("revenue")) && !target->has_currency)
		return record_refuse(turn, TABLE_TARGET, target->target, "missing_currency",
		                     "a target of revenue names its currency");
	if (target->has_currency && !record_currency(turn, TABLE_TARGET, target->target, target->currency))
		return false;
	return !target->has_outlet || record_known(turn, TABLE_OUTLET, target->outlet) ||
	       record_refuse(turn, TABLE_TARGET, target->target, "unknown_outlet", "outlet %.*s is not known",
	                     TEXT_ARGS(target->outlet));
}

void on_target_submitted(struct turn *turn, const struct target_submitted *target)
{
	if (target_valid(turn, target))
		record_submit(turn, TABLE_TARGET, bytes_of_text(target->target), target);
}
