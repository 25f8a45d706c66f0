/* on_metric_replayed.c -- a part of what a metric has counted before it was declared. */
#include "metric.h"

void on_metric_replayed(struct turn *turn, const struct metric_replayed *replayed)
{
	metric_fill(turn, replayed);
}
