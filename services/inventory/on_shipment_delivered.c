/* on_shipment_delivered.c -- a shipment has reached its outlet: the moment that its promise is measured by. */
#include "events/logistics.h"
#include "score.h"

void on_shipment_delivered(struct turn *turn, const struct shipment_delivered *shipment)
{
	struct trip trip;

	if (!trip_get(turn, shipment->shipment, &trip))
		return;
	trip.arrived_us = turn_input(turn)->time_us;
	trip_put(turn, shipment->shipment, &trip);
}
