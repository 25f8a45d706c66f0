/* on_shipment_picked.c -- a shipment stands ready. */
#include "count.h"
#include "process.h"

void on_shipment_picked(struct turn *turn, const struct shipment_picked *event)
{
	heard(turn, 0);
	process_visit(turn, &flow_shipment, event->shipment, event->outlet, "picked");
}
