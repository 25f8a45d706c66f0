/* on_shipment_planned.c -- restocks will travel together. */
#include "count.h"
#include "process.h"

void on_shipment_planned(struct turn *turn, const struct shipment_planned *event)
{
	heard(turn, 0);
	process_visit(turn, &flow_shipment, event->shipment, event->outlet, "planned");
	for (uint32_t i = 0; i < event->lines.count; i++)
		process_restock(turn, event->lines.items[i].restock, event->outlet, (struct text){0}, "planned");
}
