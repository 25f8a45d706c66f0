/* early.c -- orders that were paid in time. */
#include "rebates/early.h"

#include <stdio.h>

#include "base/error.h"
#include "network/outlet.h"
#include "rules.h"

struct goods_code early_goods(int64_t days, char code[CODE_SIZE])
{
	snprintf(code, CODE_SIZE, days < 0 ? "paid" : "%lld", (long long)days);
	return (struct goods_code){'i', text_of(code)};
}

/* Orders are kept by how long they took, so that a scheme that is declared later finds them. */
static void sum_add(struct turn *turn, const struct invoice *invoice, int32_t day, int64_t days, int64_t amount)
{
	const struct place place = {.outlet = invoice->outlet, .period = day};
	const struct day_sum add = {.revenue = amount};
	char code[CODE_SIZE];
	struct goods_code goods = early_goods(days, code);

	if (days <= EARLY_DAYS_MAX)
		day_add(turn, &place, invoice->currency, &goods, &add);
}

int64_t early_sum(struct turn *turn, struct text outlet, const struct scheme *scheme, struct span days)
{
	char code[CODE_SIZE];
	int64_t sum = 0;

	for (int64_t took = 0; took < (int64_t)scheme->paid_within; took++) { /* one more than the days */
		struct goods_code goods = early_goods(took, code);

		sum = sum_of(sum, day_sum(turn, outlet, CODE_TEXT(scheme->currency), &goods, days).revenue);
	}
	return sum;
}

/* R137: A scheme of early payment counts the worth of an outlet's orders that are paid in full within its days, each on the order's business
 * day, and no sales; an order that turns out to be paid earlier, later or not at all is counted anew. */
static void count_scheme(struct turn *turn, const struct invoice *invoice, int32_t day, const struct aim *aim)
{
	struct place place = {.outlet = invoice->outlet, .scheme = CODE_TEXT(aim->scheme)};
	struct standing standing;
	struct scheme scheme;

	if (!scheme_aimed(turn, aim, &scheme) || scheme.paid_within == 0 || scheme.is_draft || day < scheme.from || day > scheme.until ||
	    !text_equal(CODE_TEXT(scheme.currency), invoice->currency))
		return;
	int64_t within = scheme.paid_within; /* one more than the days */
	bool counts = invoice->days >= 0 && invoice->days < within, counted = invoice->was_days >= 0 && invoice->was_days < within;
	if (counts == counted)
		return;
	place.period = period_of(&scheme, day).from;
	if (standing_get(turn, &place, &standing) && standing.version != scheme.version &&
	    !turn_must(turn, scheme_get(turn, place.scheme, standing.version, &scheme)))
		return;
	rebate_open(turn, &place, &scheme, &standing);
	standing.basis = sum_of(standing.basis, counts ? invoice->amount : -invoice->amount);
	standing.day_max = day > standing.day_max ? day : standing.day_max;
	rebate_settle_footing(turn, &place, &scheme, &standing, CAUSE_PAYMENT);
}

static void count_place(struct turn *turn, const struct invoice *invoice, int32_t day, char kind, struct text code)
{
	size_t count;
	const struct aim *aims = aims_get(turn, kind, code, &count);

	for (size_t i = 0; i < count; i++)
		count_scheme(turn, invoice, day, &aims[i]);
}

void early_count(struct turn *turn, const struct invoice *invoice)
{
	struct outlet_submitted outlet;
	int32_t day;

	if (!outlet_known(turn, invoice->outlet, &outlet) || !day_counts(invoice->day, &day))
		return;
	char tier = (char)('0' + outlet.tier);
	if (invoice->was_days >= 0)
		sum_add(turn, invoice, day, invoice->was_days, -invoice->amount);
	else
		sum_add(turn, invoice, day, EARLY_NEVER, invoice->amount); /* so that its day is found */
	if (invoice->days >= 0)
		sum_add(turn, invoice, day, invoice->days, invoice->amount);
	count_place(turn, invoice, day, 'o', invoice->outlet);
	count_place(turn, invoice, day, 't', (struct text){&tier, 1});
	count_place(turn, invoice, day, 'a', (struct text){0});
}
