/* on_shipment_metric_replay_begun.c -- a metric of events of logistics counts from here on; what lies before is read again. */
#include "backfill/backfill.h"
#include "metric.h"

void on_shipment_metric_replay_begun(struct turn *turn, const struct shipment_metric_replay_begun *begun)
{
	metric_reread(turn, &BACKFILL_BEGUN(metric_replay_begun, begun));
}
