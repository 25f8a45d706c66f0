/* on_shipment_delayed.c -- a promise is broken before the truck has come. */
#include "count.h"
#include "metric.h"

void on_shipment_delayed(struct turn *turn, const struct shipment_delayed *shipment)
{
	struct measures add = {.delayed = 1};
	struct outlet outlet;

	outlet_get(turn, shipment->outlet, &outlet);
	count_outlet(turn, shipment->outlet, &outlet, day_at(turn_input(turn)->time_us, outlet.offset), &add,
		     NULL);
	metric_hear(turn, &shipment_delayed_type, shipment);
}
