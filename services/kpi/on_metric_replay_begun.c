/* on_metric_replay_begun.c -- a metric counts from here on; what lies before is read again. */
#include "metric.h"

void on_metric_replay_begun(struct turn *turn, const struct metric_replay_begun *begun)
{
	metric_reread(turn, begun);
}
