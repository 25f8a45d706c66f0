/*
 * check_rebates.c -- the rebate of each outlet is what the last version of the ladder gives for all that it has sold, whatever versions
 * there were on the way and in whatever order the tickets came: worked out here from the tickets alone.
 */
#include "events/partners.h"
#include "truth.h"

struct rebates {
	struct {
		int64_t from, rate_bp;
	} steps[STORY_STEPS];
	int64_t version;
	unsigned outlets;
};

static void take_scheme(void *context, const struct envelope *envelope)
{
	struct rebates *rebates = context;
	struct scheme_declared scheme;

	if (!truth_unpack(&scheme_declared_type, envelope, &scheme))
		return;
	if (scheme.version != rebates->version + 1 || scheme.steps.count != STORY_STEPS)
		truth_broken("version %lld of the scheme follows %lld", (long long)scheme.version, (long long)rebates->version);
	rebates->version = scheme.version;
	for (unsigned i = 0; i < STORY_STEPS && i < scheme.steps.count; i++) {
		rebates->steps[i].from = scheme.steps.items[i].from;
		rebates->steps[i].rate_bp = scheme.steps.items[i].rate_bp;
	}
}

/* Half to even. */
static int64_t share(int64_t basis, int64_t rate_bp)
{
	int64_t whole = basis * rate_bp / 10000, rest = basis * rate_bp % 10000;

	return whole + (rest > 5000 || (rest == 5000 && whole % 2 == 1));
}

static void take_rebate(void *context, struct bytes row)
{
	const struct truth *truth = truth_tickets();
	struct rebates *rebates = context;
	int outlet = truth_row_text(row, "outlet").data[1] - '1';
	int64_t basis = 0, rate_bp = 0;

	if (outlet < 0 || outlet >= OUTLETS) {
		truth_broken("there is a rebate of an outlet that never was");
		return;
	}
	for (int day = 0; day < DAYS; day++)
		basis += truth->revenue[outlet][day] - truth->returns[outlet][day];
	for (unsigned i = 0; i < STORY_STEPS; i++)
		if (basis >= rebates->steps[i].from)
			rate_bp = rebates->steps[i].rate_bp;
	int64_t due = share(basis, rate_bp), balance = truth_row_int(row, "balance_minor");
	if (truth_row_int(row, "revenue_minor") != basis || balance != due ||
	    truth_row_int(row, "accrued_minor") + truth_row_int(row, "adjusted_minor") != balance ||
	    truth_row_int(row, "version") != rebates->version)
		truth_broken("S%d: a rebate of %lld of %lld by version %lld; it should be %lld of %lld by version %lld", outlet + 1, (long long)balance,
			     (long long)truth_row_int(row, "revenue_minor"), (long long)truth_row_int(row, "version"), (long long)due,
			     (long long)basis, (long long)rebates->version);
	rebates->outlets++;
}

void check_rebates(struct network *network)
{
	struct rebates rebates = {.version = 0};

	truth_each_event(network, PARTNERS, take_scheme, &rebates);
	truth_each_row(network, PARTNERS, "rebates", take_rebate, &rebates);
	if (rebates.outlets != OUTLETS)
		truth_broken("%u outlets have a rebate, not %d", rebates.outlets, OUTLETS);
}
