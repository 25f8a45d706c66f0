/* on_shipment_received.c -- a shipment is taken in. */
#include "count.h"
#include "process.h"

void on_shipment_received(struct turn *turn, const struct shipment_received *event)
{
	heard(turn, 0);
	process_visit(turn, &flow_shipment, event->shipment, event->outlet, "received");
}
