/* on_metric_replay_begun.c -- a metric counts from here on; what lies before is read again. */
#include "metric.h"

void on_metric_replay_begun(struct turn *turn, const struct metric_replay_begun *begun)
{
	struct metric_row metric = {.version = begun->metric_version};

	CODE_PUT(metric.event, begun->event);
	CODE_PUT(metric.field, begun->field); /* empty where not given */
	CODE_PUT(metric.value, begun->value);
	CODE_PUT(metric.sum, begun->sum);
	metric_begin(turn, begun->metric, &metric);
}
