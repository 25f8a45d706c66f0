/* on_shipment_planned.c -- logistics has put restocks into a shipment. */
#include "events/logistics.h"
#include "restock.h"
#include "score.h"

/* R90: A shipment counts for its lane when it is received: on time by its delivery, in full by what was planned and arrived fit to be
   sold, its lead time from its departure. */
static void trip_begin(struct turn *turn, const struct shipment_planned *shipment)
{
	struct trip trip = {.freight = shipment->cost, .promised_us = shipment->promised};

	CODE_PUT(trip.lane, shipment->lane);
	CODE_PUT(trip.currency, shipment->currency);
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		trip.asked = balance_moved(trip.asked, shipment->lines.items[i].quantity);
	trip_put(turn, shipment->shipment, &trip);
}

void on_shipment_planned(struct turn *turn, const struct shipment_planned *shipment)
{
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		restock_plan(turn, shipment->lines.items[i].restock, shipment->lines.items[i].quantity);
	trip_begin(turn, shipment);
}
