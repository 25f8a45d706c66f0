/* on_shipment_metric_replayed.c -- a part of what a metric has counted of logistics before it was declared. */
#include "backfill/backfill.h"
#include "metric.h"

BACKFILL_SAME(shipment_metric_replayed);

void on_shipment_metric_replayed(struct turn *turn, const struct shipment_metric_replayed *replayed)
{
	metric_fill(turn, &BACKFILL_PART(metric_replayed, replayed));
}
