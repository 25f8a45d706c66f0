/* on_price_deviation_detected.c -- a price left its corridor: the channel is not clean. */
#include "metric.h"

void on_price_deviation_detected(struct turn *turn, const struct price_deviation_detected *deviation)
{
	metric_hear(turn, &price_deviation_detected_type, deviation);
}
