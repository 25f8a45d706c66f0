/* ladder.c -- prices by quantity, and the saving of the next break against the cost of holding what it is too much. */
#include "ladder.h"

#define DAYS_PER_YEAR 365
#define WHOLE_BP 10000

/* R145: Where the procurement policy that counts has a ladder of prices (阶梯价), all of a restock costs what the highest break says that it reaches;
   below the first, and without a ladder, what the product does. Budgets and the choice of a source reckon with that. */
struct priced terms_priced(const struct terms *terms, struct quantity quantity)
{
	const struct procure *policy = &terms->policy;
	struct priced priced = {terms->product.cost, terms->product.currency};

	for (uint32_t i = 0; i < policy->break_count && policy->breaks[i].from.milli <= quantity.milli; i++)
		priced = (struct priced){policy->breaks[i].price, policy->currency};
	return priced;
}

/* The first break above a quantity; NULL: there is none. */
static const struct price_break *break_above(const struct procure *policy, struct quantity quantity)
{
	for (uint32_t i = 0; i < policy->break_count; i++)
		if (policy->breaks[i].from.milli > quantity.milli)
			return &policy->breaks[i];
	return NULL;
}

static int64_t upwards(wide number, wide by)
{
	wide whole = (number + by - 1) / by;

	return whole < NUMBER_MAX ? (int64_t)whole : NUMBER_MAX;
}

/* The surplus is sold after what was wanted: a unit of it lies while that is sold and, in the mean, half of the surplus. */
static bool hold(struct rise *rise, int64_t holding_bp, int exponent)
{
	struct quantity surplus = quantity_sub(rise->rounded, rise->wanted);
	struct money cost;

	if (!money_of_line(surplus, rise->rounded_price, exponent, &cost))
		return false;
	rise->days = upwards(2 * (wide)rise->wanted.milli + surplus.milli, 2 * (wide)rise->daily.milli);
#if defined(MUTANT_SURPLUS_IS_FREE)
	cost = money_of(0);
#endif
	rise->holding = money_of(upwards((wide)cost.minor * holding_bp * rise->days, (wide)WHOLE_BP * DAYS_PER_YEAR));
	return true;
}

/* R146: What is due and lies below a break of the ladder is rounded up to it, in whole multiples, where the saving exceeds the cost of holding the surplus.
   The saving is what the rounded quantity would cost at the price of the wanted one, less what it costs; the holding is the surplus at the lower price, by the
   yearly rate, by the days in which what was wanted and half of the surplus are sold at the smoothed demand of a day, over 365; days and holding are rounded
   up, in minor units. Where no demand is known nothing is rounded up. */
struct rise ladder_weigh(const struct terms *terms, struct quantity wanted, struct quantity pack, int64_t level)
{
	const struct price_break *next = break_above(&terms->policy, wanted);
	struct priced now = terms_priced(terms, wanted);
	struct text currency = CODE_TEXT(terms->policy.currency);
	struct rise rise = {.wanted = wanted, .wanted_price = now.price, .daily = quantity_of(level > 0 ? level / 1000 : 0)}, none = {0};
	int exponent = currency_exponent(currency);
	struct money before;

	if (wanted.milli <= 0 || next == NULL || exponent < 0 || memcmp(now.currency, terms->policy.currency, CURRENCY_SIZE) != 0)
		return none;
	rise.rounded = terms_quantity(terms, next->from, pack);
	rise.rounded_price = terms_priced(terms, rise.rounded).price; /* whole multiples may reach a higher one */
	if (rise.rounded.milli < next->from.milli || !money_of_line(wanted, now.price, exponent, &rise.wanted_cost) ||
	    !money_of_line(rise.rounded, rise.rounded_price, exponent, &rise.rounded_cost) ||
	    !money_of_line(rise.rounded, now.price, exponent, &before))
		return none;
	rise.saving = money_sub(before, rise.rounded_cost);
	rise.verdict = RISE_UNKNOWN_DEMAND;
	if (rise.daily.milli == 0)
		return rise;
	if (!hold(&rise, terms->policy.holding_bp, exponent))
		return none;
	rise.verdict = rise.saving.minor > rise.holding.minor ? RISE_ROUNDED_UP : RISE_NOT_WORTH_IT;
	return rise;
}

struct text rise_text(enum rise_verdict verdict)
{
	static const char *const names[] = {"", "rounded_up", "not_worth_it", "unknown_demand", "over_budget"};

	return text_of(names[verdict]);
}
