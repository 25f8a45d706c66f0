/*
 * check_appraisals.c -- the provisional score of each dealer is what the last version of the appraisal gives for all that it has sold,
 * whatever versions there were on the way: worked out here from the tickets alone.
 */
#include "events/partners.h"
#include "truth.h"

#define MARCH TEXT_LITERAL("MARCH")

struct appraisals {
	int64_t revenue_bp, revenue_goal, version;
	unsigned rows;
};

static void take_appraisal(void *context, const struct envelope *envelope)
{
	struct appraisals *appraisals = context;
	struct appraisal_declared appraisal;

	if (!truth_unpack(&appraisal_declared_type, envelope, &appraisal) || !text_equal(appraisal.appraisal, MARCH))
		return;
	if (appraisal.version != appraisals->version + 1 || appraisal.metrics.count != 2)
		truth_broken("version %lld of the appraisal follows %lld", (long long)appraisal.version, (long long)appraisals->version);
	appraisals->version = appraisal.version;
	appraisals->revenue_bp = appraisal.metrics.items[0].weight_bp;
	appraisals->revenue_goal = appraisal.metrics.items[0].goal;
}

/* Half to even, of numbers that are not negative. */
static int64_t divided(int64_t whole, int64_t by)
{
	int64_t part = whole / by, rest = whole % by;

	return part + (2 * rest > by || (2 * rest == by && part % 2 == 1));
}

static int64_t worth(int64_t raw, int64_t goal)
{
	return raw < 0 ? 0 : raw > goal ? 10000 : divided(raw * 10000, goal);
}

static void take_row(void *context, struct bytes row)
{
	const struct truth *truth = truth_tickets();
	struct appraisals *appraisals = context;
	int outlet = truth_row_text(row, "outlet").data[1] - '1';
	int64_t revenue = 0, tickets = 0;

	if (!text_equal(truth_row_text(row, "appraisal"), MARCH))
		return;
	appraisals->rows++;
	if (outlet < OUTLETS / 2 || outlet >= OUTLETS) {
		truth_broken("who is no dealer is appraised as one");
		return;
	}
	for (int day = 0; day < DAYS; day++) {
		revenue += truth->revenue[outlet][day] - truth->returns[outlet][day];
		tickets += truth->tickets[outlet][day];
	}
	int64_t score = divided(worth(revenue, appraisals->revenue_goal) * appraisals->revenue_bp, 10000) +
			divided(worth(tickets, STORY_TICKETS_GOAL) * (10000 - appraisals->revenue_bp), 10000);
	bool is_revenue = text_equal(truth_row_text(row, "metric"), TEXT_LITERAL("revenue"));
	if (truth_row_int(row, "raw") != (is_revenue ? revenue : tickets) || truth_row_int(row, "score_bp") != score ||
	    truth_row_int(row, "version") != appraisals->version)
		truth_broken("S%d: a score of %lld by version %lld; it should be %lld by version %lld", outlet + 1,
			     (long long)truth_row_int(row, "score_bp"), (long long)truth_row_int(row, "version"), (long long)score,
			     (long long)appraisals->version);
}

void check_appraisals(struct network *network)
{
	struct appraisals appraisals = {0};

	truth_each_event(network, PARTNERS, take_appraisal, &appraisals);
	truth_each_row(network, KPI, "appraisals", take_row, &appraisals);
	if (appraisals.rows != OUTLETS) /* two metrics of each of the dealers, who are half of them */
		truth_broken("%u rows of the appraisal", appraisals.rows);
}
