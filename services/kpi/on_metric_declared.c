/* on_metric_declared.c -- something more is to be counted. */
#include "metric.h"

void on_metric_declared(struct turn *turn, const struct metric_declared *declared)
{
	struct metric_row metric = {.version = declared->version};

	CODE_PUT(metric.event, declared->event);
	if (declared->has_field)
		CODE_PUT(metric.field, declared->field);
	if (declared->has_value)
		CODE_PUT(metric.value, declared->value);
	if (declared->has_sum)
		CODE_PUT(metric.sum, declared->sum);
	metric_declare(turn, declared->metric, &metric);
}
