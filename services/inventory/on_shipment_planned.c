/* on_shipment_planned.c -- logistics has put restocks into a shipment. */
#include "events/logistics.h"
#include "restock.h"

void on_shipment_planned(struct turn *turn, const struct shipment_planned *shipment)
{
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		restock_plan(turn, shipment->lines.items[i].restock, shipment->lines.items[i].quantity);
}
