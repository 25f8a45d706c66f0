/* rules.c -- the arithmetic of stock, in integers only, so that every machine restocks alike. */
#include "rules.h"

#define MINUTES_PER_DAY 1440

static int64_t bounded(wide number)
{
	if (number > BALANCE_MAX)
		return BALANCE_MAX;
	if (number < -BALANCE_MAX)
		return -BALANCE_MAX;
	return (int64_t)number;
}

/* R7: The position is on hand plus in transit plus on order less reserved. */
struct quantity stock_position(const struct stock *stock)
{
	return quantity_of(stock->on_hand.milli + stock->in_transit.milli + stock->on_order.milli -
	                   stock->reserved.milli);
}

/* R6: A balance stays within BALANCE_MAX on both sides of zero; a movement beyond it moves what fits. */
struct quantity balance_moved(struct quantity balance, struct quantity delta)
{
	return quantity_of(bounded((wide)balance.milli + delta.milli));
}

bool shortfall_begins(struct quantity before, struct quantity after)
{
	return before.milli >= 0 && after.milli < 0;
}

/*~ 7. The demand model. A day is an observation; it is complete when the next day's first sale arrives, and
 *~    only then moves the two smoothed figures. Inside a day nothing changes, which is why the policy can
 *~    live in the shelf's row and a sale costs one row. */
static void close_day(struct demand *demand, int64_t sold, int64_t smoothing)
{
	int64_t error = sold - demand->level;
	int64_t weight = demand->days + 2 < smoothing ? demand->days + 2 : smoothing;

	/* R12: When a business day is over its demand and its deviation are smoothed in with weight 1/n, n
	   the days seen so far plus one up to the smoothing; silent days count as zero. */
	demand->deviation += ((error < 0 ? -error : error) - demand->deviation) / weight;
	demand->level += error / weight;
	if (demand->days < smoothing)
		demand->days++;
}

bool demand_add(struct demand *demand, int64_t day, struct quantity sold, const struct tuning *tuning)
{
	bool first = demand->day == 0;

	if (!first && day <= demand->day) {
		demand->today = balance_moved(demand->today, sold);
		return false;
	}
	if (!first) {
		int64_t silent = day - demand->day - 1;

		close_day(demand, demand->today.milli * 1000, tuning->smoothing_days);
		/* After sixteen smoothing spans of silence nothing of the past is left. */
		if (silent > 16 * tuning->smoothing_days) {
			demand->level = 0;
			demand->deviation = 0;
			silent = 0;
		}
		for (; silent > 0; silent--)
			close_day(demand, 0, tuning->smoothing_days);
	}
	demand->day = (int32_t)day;
	demand->today = balance_moved(quantity_of(0), sold);
	return true;
}

void demand_take_back(struct demand *demand, int64_t day, struct quantity sold)
{
	if (day != demand->day)
		return;
	demand->today.milli -= sold.milli < demand->today.milli ? sold.milli : demand->today.milli;
}

uint64_t root_floor(uint64_t number)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
		if ((root + bit) * (root + bit) <= number)
			root += bit;
	return root;
}

/* The root of the lead time in days, in thousandths: what a deviation per day grows by over the lead
   time. */
static int64_t root_of_lead(int64_t lead_minutes)
{
	return (int64_t)root_floor((uint64_t)lead_minutes * 1000000 / MINUTES_PER_DAY);
}

/* Millionths to thousandths, upwards. */
static int64_t milli_up(wide micro)
{
	return bounded((micro + 999) / 1000);
}

/* R11: The computed reorder point is the lead time's demand plus safety percent of the deviation times the
   root of the lead time in days; the order-up-to level adds the demand of the review days, at least one
   pack. */
static void compute(struct policy *policy, const struct demand *demand, const struct supply *supply,
                    const struct tuning *tuning)
{
	int64_t lead =
	    supply->lead_minutes == LEAD_NONE ? 0 : supply->lead_minutes + tuning->handling_minutes;
	wide expected = (wide)demand->level * lead / MINUTES_PER_DAY;
	wide safety = (wide)demand->deviation * tuning->safety_percent * root_of_lead(lead) / (100 * 1000);
	int64_t review = milli_up((wide)demand->level * tuning->review_days);

	policy->reorder_point = quantity_of(milli_up(expected + safety));
	if (review < supply->pack.milli)
		review = supply->pack.milli;
	policy->order_up_to = balance_moved(policy->reorder_point, quantity_of(review));
}

struct policy policy_of(const struct policy *before, const struct rule *rule, const struct demand *demand,
                        const struct supply *supply, const struct tuning *tuning)
{
	struct policy policy = *before;

	/* R10: A policy of the master data wins over a computed one; among those SKU and outlet win over
	   SKU, SKU over category. */
	if (rule != NULL) {
		policy.reorder_point = quantity_of(bounded(rule->reorder_point.milli));
		policy.order_up_to = quantity_of(bounded(rule->order_up_to.milli));
		policy.version = (uint32_t)rule->version;
		policy.origin = POLICY_MASTER;
		return policy;
	}
	if (demand->day == 0)
		return (struct policy){.computed = before->computed};
	compute(&policy, demand, supply, tuning);
	if (before->origin != POLICY_COMPUTED ||
	    policy.reorder_point.milli != before->reorder_point.milli ||
	    policy.order_up_to.milli != before->order_up_to.milli)
		policy.version = ++policy.computed;
	policy.origin = POLICY_COMPUTED;
	return policy;
}

struct text policy_text(uint32_t origin)
{
	static const char *const names[] = {"none", "master", "computed", "order"};

	CHECK(origin < sizeof(names) / sizeof(names[0]));
	return text_of(names[origin]);
}

bool restock_due(struct quantity position, const struct policy *policy)
{
	return policy->origin != POLICY_NONE && position.milli <= policy->reorder_point.milli;
}

struct quantity whole_packs(struct quantity quantity, struct quantity pack)
{
	int64_t packs;

	CHECK(pack.milli > 0);
	if (quantity.milli <= 0)
		return quantity_of(0);
	packs = (quantity.milli - 1) / pack.milli + 1;
	if ((wide)packs * pack.milli > RESTOCK_MAX)
		return quantity_of(RESTOCK_MAX);
	return quantity_of(packs * pack.milli);
}

/* R8: A restock is due when the position is at or below the reorder point; it asks for what leads up to the
   order-up-to level, rounded up to whole packs. */
struct quantity restock_quantity(struct quantity position, const struct policy *policy,
                                 struct quantity pack)
{
	if (!restock_due(position, policy))
		return quantity_of(0);
	return whole_packs(quantity_of(bounded((wide)policy->order_up_to.milli - position.milli)), pack);
}
