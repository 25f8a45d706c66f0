/* on_shipment_dispatched.c -- a shipment has left, and its restocks with it. */
#include "count.h"
#include "process.h"

void on_shipment_dispatched(struct turn *turn, const struct shipment_dispatched *event)
{
	heard(turn, 0);
	process_visit(turn, &flow_shipment, event->shipment, event->outlet, "dispatched");
	for (uint32_t i = 0; i < event->lines.count; i++)
		process_restock(turn, event->lines.items[i].restock, event->outlet, (struct text){0}, "dispatched");
}
