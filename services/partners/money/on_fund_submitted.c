/* on_fund_submitted.c -- staff sets up a marketing fund (市场费用). */
#include "money/fund.h"
#include "record.h"

static bool refuse(struct turn *turn, const struct fund_submitted *fund, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_FUND, fund->fund, code, "%s", sentence);
}

/* R160: A fund is for one known outlet, one tier or all, for days in order, in one currency, and stays so; its budget is no less than nothing and
 * than what it has approved. */
static bool fund_valid(struct turn *turn, const struct fund_submitted *fund)
{
	struct fund_submitted before;

	if (fund->has_outlet && fund->has_tier)
		return refuse(turn, fund, "bad_scope", "give an outlet or a tier, not both");
	if (fund->has_outlet && !record_known(turn, TABLE_OUTLET, fund->outlet))
		return refuse(turn, fund, "unknown_outlet", "its outlet is not known");
	if (!record_currency(turn, TABLE_FUND, fund->fund, fund->currency) ||
	    !record_days(turn, TABLE_FUND, fund->fund, true, fund->from, true, fund->until))
		return false;
	if (fund->budget.minor < fund_sum_get(turn, fund->fund).approved)
		return refuse(turn, fund, "bad_budget", "the budget is less than what is approved");
	return fund_known(turn, fund->fund, &before) == 0 ||
	       (text_equal(before.currency, fund->currency) && before.has_outlet == fund->has_outlet && before.has_tier == fund->has_tier &&
		text_equal(before.outlet, fund->outlet) && before.tier == fund->tier) ||
	       refuse(turn, fund, "bad_change", "whom it is for and its currency stay; give another fund");
}

void on_fund_submitted(struct turn *turn, const struct fund_submitted *fund)
{
	if (fund_valid(turn, fund))
		record_submit(turn, TABLE_FUND, bytes_of_text(fund->fund), fund);
}
