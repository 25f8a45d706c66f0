/* on_shipment_received.c -- an outlet has taken a shipment in. */
#include "events/logistics.h"
#include "movement.h"
#include "restock.h"

/* R18: Received goods turn from in transit into on hand, damaged ones into nothing; when all of a
   restock is planned and all that was planned is in, it closes, says what is short, and the position is
   looked at again. */
void on_shipment_received(struct turn *turn, const struct shipment_received *shipment)
{
	struct movement movement;

	movement_begin(&movement, turn, shipment->outlet, TEXT_LITERAL("transfer"), shipment->lines.count);
	for (uint32_t i = 0; i < shipment->lines.count; i++) {
		const struct shipment_received_line *line = &shipment->lines.items[i];
		int64_t landed = restock_known(turn, line->restock) ? line->quantity.milli : 0;

		movement_line(&movement, line->sku,
		              (struct change){.on_hand = quantity_sub(line->quantity, line->damaged),
		                              .in_transit = {-landed}});
	}
	movement_say(&movement);
	for (uint32_t i = 0; i < shipment->lines.count; i++) {
		const struct shipment_received_line *line = &shipment->lines.items[i];

		restock_arrive(turn, line->restock, line->quantity,
		               quantity_sub(line->quantity, line->damaged));
	}
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		restock_consider(turn, shipment->outlet, shipment->lines.items[i].sku);
}
