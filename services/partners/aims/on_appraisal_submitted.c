/* on_appraisal_submitted.c -- staff says what outlets are appraised by. */
#include "record.h"
#include "rules.h"

#define WHOLE_BP 10000

static bool refuse(struct turn *turn, const struct appraisal_submitted *appraisal, const char *code,
                   const char *sentence)
{
	return record_refuse(turn, TABLE_APPRAISAL, appraisal->appraisal, code, "%s", sentence);
}

static bool metric_valid(struct turn *turn, const struct appraisal_submitted *appraisal, uint32_t index)
{
	const struct appraisal_submitted_metric *metric = &appraisal->metrics.items[index];

	/* R68: Each metric of an appraisal is known and there once; money needs its currency. */
	if (!appraisal_measures(metric->metric) && !record_names(turn, TABLE_APPRAISAL, appraisal->appraisal, TABLE_METRIC, metric->metric))
		return false;
	for (uint32_t i = 0; i < index; i++)
		if (text_equal(metric->metric, appraisal->metrics.items[i].metric))
			return record_refuse(turn, TABLE_APPRAISAL, appraisal->appraisal, "bad_metric",
			                     "metric %.*s is there twice", TEXT_ARGS(metric->metric));
	if (appraisal_is_money(metric->metric) && !appraisal->has_currency)
		return refuse(turn, appraisal, "missing_currency", "an appraisal of money names its currency");
	/* R69: From floor by goal to cap a metric runs in its direction. */
	return metric_ordered(metric) ||
	       record_refuse(turn, TABLE_APPRAISAL, appraisal->appraisal, "bad_curve",
	                     "metric %.*s: floor, goal and cap do not run in its direction",
	                     TEXT_ARGS(metric->metric));
}

static bool peers_valid(struct turn *turn, const struct appraisal_submitted *appraisal)
{
	if (appraisal->has_tier == appraisal->has_peer_group)
		return refuse(turn, appraisal, "bad_scope", "give a tier or a peer group");
	return !appraisal->has_peer_group || record_known(turn, TABLE_PEER_GROUP, appraisal->peer_group) ||
	       record_refuse(turn, TABLE_APPRAISAL, appraisal->appraisal, "unknown_peer_group",
	                     "peer group %.*s is not known", TEXT_ARGS(appraisal->peer_group));
}

static bool appraisal_valid(struct turn *turn, const struct appraisal_submitted *appraisal)
{
	int64_t weights = 0;

	if (!period_ordered(appraisal->from, appraisal->until))
		return refuse(turn, appraisal, "bad_period", "from and until are days, the first not after the last");
	if (appraisal->has_currency &&
	    !record_currency(turn, TABLE_APPRAISAL, appraisal->appraisal, appraisal->currency))
		return false;
	if (!peers_valid(turn, appraisal))
		return false;
	for (uint32_t i = 0; i < appraisal->metrics.count; i++) {
		weights += appraisal->metrics.items[i].weight_bp;
		if (!metric_valid(turn, appraisal, i))
			return false;
	}
	/* R67: The weights of an appraisal sum to exactly 10,000 basis points. */
	return weights == WHOLE_BP ||
	       record_refuse(turn, TABLE_APPRAISAL, appraisal->appraisal, "bad_weights",
	                     "the weights sum to %lld, not to 10000", (long long)weights);
}

void on_appraisal_submitted(struct turn *turn, const struct appraisal_submitted *appraisal)
{
	if (appraisal_valid(turn, appraisal))
		record_submit(turn, TABLE_APPRAISAL, bytes_of_text(appraisal->appraisal), appraisal);
}
