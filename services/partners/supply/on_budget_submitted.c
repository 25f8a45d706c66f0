/* on_budget_submitted.c -- staff says what restocks of a period may cost (采购预算). */
#include "record.h"

static bool refuse(struct turn *turn, const struct budget_submitted *budget, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_BUDGET, budget->budget, code, "%s", sentence);
}

static bool same(bool has, struct text text, bool had, struct text before)
{
	return has == had && (!has || text_equal(text, before));
}

/* R261: What a procurement policy or a budget is for stays; a change of that is another one. */
static bool scope_stays(struct turn *turn, const struct budget_submitted *budget)
{
	struct budget_submitted before;

	if (record_fields(turn, TABLE_BUDGET, bytes_of_text(budget->budget), &before) == 0)
		return true;
	return (same(budget->has_outlet, budget->outlet, before.has_outlet, before.outlet) &&
	        same(budget->has_category, budget->category, before.has_category, before.category) &&
	        text_equal(budget->currency, before.currency) && text_equal(budget->from, before.from)) ||
	       refuse(turn, budget, "scope_changed", "it is for something else; give that a code of its own");
}

/* R262: A budget is no less than nothing, in a currency, of days in order, for a known outlet or all of them. */
static bool budget_valid(struct turn *turn, const struct budget_submitted *budget)
{
	if (!record_currency(turn, TABLE_BUDGET, budget->budget, budget->currency) ||
	    (budget->has_outlet && !record_names(turn, TABLE_BUDGET, budget->budget, TABLE_OUTLET, budget->outlet)))
		return false;
	if (budget->amount.minor < 0)
		return refuse(turn, budget, "negative_amount", "it is less than nothing");
	if (!record_days(turn, TABLE_BUDGET, budget->budget, true, budget->from, true, budget->until))
		return false;
	return scope_stays(turn, budget);
}

void on_budget_submitted(struct turn *turn, const struct budget_submitted *budget)
{
	if (budget_valid(turn, budget))
		record_submit(turn, TABLE_BUDGET, bytes_of_text(budget->budget), budget);
}
