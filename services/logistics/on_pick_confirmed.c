/* on_pick_confirmed.c -- a shipment stands ready at its warehouse. */
#include "events/warehouses.h"
#include "progress.h"

void on_pick_confirmed(struct turn *turn, const struct pick_confirmed *pick)
{
	struct progress progress;

	if (!progress_begin(&progress, turn, pick->shipment, pick->warehouse, SHIPMENT_PICKED))
		return;
	progress_end(&progress, SHIPMENT_PICKED);
	emit_shipment_picked(turn,
	                     &(struct shipment_picked){.shipment = pick->shipment,
	                                               .warehouse = pick->warehouse,
	                                               .outlet = CODE_TEXT(progress.shipment.outlet)});
}
