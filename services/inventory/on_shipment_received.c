/* on_shipment_received.c -- an outlet has taken a shipment in. */
#include "events/logistics.h"
#include "layer.h"
#include "movement.h"
#include "restock.h"
#include "score.h"
#include "window.h"

static void trip_end(struct turn *turn, const struct shipment_received *shipment)
{
	int64_t now_us = turn_input(turn)->time_us;
	struct delivery delivery = {0};
	struct trip trip;

	if (!trip_get(turn, shipment->shipment, &trip))
		return;
	delivery = (struct delivery){.code = CODE_TEXT(trip.lane),
	                             .currency = CODE_TEXT(trip.currency),
	                             .arrived_us = trip.arrived_us != 0 ? trip.arrived_us : now_us,
	                             .left_us = trip.left_us,
	                             .promised_us = trip.promised_us,
	                             .asked = trip.asked,
	                             .sent = trip.sent,
	                             .valued = trip.valued,
	                             .value_e4 = trip.value_e4,
	                             .freight = trip.freight};
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		delivery.usable = balance_moved(delivery.usable, quantity_sub(shipment->lines.items[i].quantity,
		                                                              shipment->lines.items[i].damaged));
	/* What has arrived had left, whatever was said of it then. */
	if (delivery.usable.milli > delivery.sent.milli)
		delivery.sent = delivery.usable;
	score_add(turn, SCORE_LANE, &delivery);
	trip_del(turn, shipment->shipment);
}

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
	window_note(&movement, true);
	layers_note(&movement);
	movement_say(&movement);
	for (uint32_t i = 0; i < shipment->lines.count; i++) {
		const struct shipment_received_line *line = &shipment->lines.items[i];

		restock_arrive(turn, line->restock, line->quantity,
		               quantity_sub(line->quantity, line->damaged));
	}
	for (uint32_t i = 0; i < shipment->lines.count; i++)
		restock_consider(turn, shipment->outlet, shipment->lines.items[i].sku);
	trip_end(turn, shipment);
}
