/* on_shipment_delivered.c -- a truck has come, in time or not. */
#include "count.h"
#include "metric.h"
#include "process.h"

/* R25: A delivered shipment counts as a delivery, and as one in time when logistics says so; a delayed one
   counts as delayed when that is said. */
void on_shipment_delivered(struct turn *turn, const struct shipment_delivered *shipment)
{
	struct measures add = {.deliveries = 1, .on_time = shipment->on_time};
	struct outlet outlet;

	heard(turn, 0);
	outlet_get(turn, shipment->outlet, &outlet);
	count_outlet(turn, shipment->outlet, &outlet, day_at(turn_input(turn)->time_us, outlet.offset), &add,
		     NULL);
	process_visit(turn, &flow_shipment, shipment->shipment, shipment->outlet, "delivered");
	metric_hear(turn, &shipment_delivered_type, shipment);
}
