/* on_delivery_confirmed.c -- a shipment has reached its outlet. */
#include "events/warehouses.h"
#include "progress.h"

void on_delivery_confirmed(struct turn *turn, const struct delivery_confirmed *delivery)
{
	struct progress progress;

	if (!progress_begin(&progress, turn, delivery->shipment, delivery->outlet, SHIPMENT_DELIVERED))
		return;
	progress_end(&progress, SHIPMENT_DELIVERED);
	progress_deliver(&progress);
}
