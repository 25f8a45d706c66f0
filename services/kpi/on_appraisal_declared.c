/* on_appraisal_declared.c -- outlets are appraised by this from now on. */
#include "appraisal.h"

static struct weighted weighted_of(const struct appraisal_declared_metric *metric)
{
	struct weighted weighted = {.weight = metric->weight_bp,
				    .floor = metric->floor,
				    .goal = metric->goal,
				    .cap = metric->has_cap ? metric->cap : metric->goal};

	CODE_PUT(weighted.metric, metric->metric);
	return weighted;
}

void on_appraisal_declared(struct turn *turn, const struct appraisal_declared *declared)
{
	struct bytes key = bytes_of_text(declared->appraisal);
	struct book book = book_get(turn);
	struct scheme before, scheme = {.head = {.version = declared->version,
						 .from = day_of(declared->from),
						 .until = day_of(declared->until),
						 .tier = declared->has_tier ? (uint32_t)declared->tier : 0}};

	(void)scheme_read(turn_get(turn, TABLE_APPRAISAL, key), &before);
	scheme.head.scored = before.head.scored;
#if defined(MUTANT_FIRST_SHEET)
	if (before.head.version > 0)
		return;
#endif
	if (declared->has_currency)
		CODE_PUT(scheme.head.currency, declared->currency);
	if (declared->has_peer_group)
		CODE_PUT(scheme.head.peer_group, declared->peer_group);
	for (uint32_t i = 0; i < declared->metrics.count && i < APPRAISAL_METRICS_MAX; i++)
		scheme.metrics[scheme.head.count++] = weighted_of(&declared->metrics.items[i]);
	row_put(turn, TABLE_APPRAISAL, key, &scheme, sizeof(scheme.head) + scheme.head.count * sizeof(scheme.metrics[0]));
	book.appraise_us = 0;
	book_put(turn, &book);
}
