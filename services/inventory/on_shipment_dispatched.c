/* on_shipment_dispatched.c -- goods have left a warehouse for an outlet. */
#include "events/logistics.h"
#include "movement.h"
#include "restock.h"
#include "score.h"
#include "window.h"

/* What leaves, and what it is worth in the currency of its lane. */
static void trip_leave(struct turn *turn, const struct shipment_dispatched *shipment)
{
	struct product product;
	struct trip trip;

	if (!trip_get(turn, shipment->shipment, &trip))
		return;
	trip.left_us = turn_input(turn)->time_us;
	for (uint32_t i = 0; i < shipment->lines.count; i++) {
		const struct shipment_dispatched_line *line = &shipment->lines.items[i];

		trip.sent = balance_moved(trip.sent, line->quantity);
		product_get(turn, line->sku, &product);
		if (product.currency[0] == 0 || memcmp(product.currency, trip.currency, CURRENCY_SIZE) != 0)
			continue;
		trip.valued = balance_moved(trip.valued, line->quantity);
		trip.value_e4 = score_bounded((wide)trip.value_e4 + score_value(line->quantity, product.cost));
	}
	trip_put(turn, shipment->shipment, &trip);
}

/*~ 11. Two places change at once: the warehouse has less, the outlet has more under way. Both are movements
 *~    of the same kind, and only the one that changes a balance is said. */

/* R17: Dispatched goods leave the warehouse's balance, and at the outlet turn from on order into in
   transit. */
void on_shipment_dispatched(struct turn *turn, const struct shipment_dispatched *shipment)
{
	struct movement leaving, coming;

	movement_begin(&leaving, turn, shipment->warehouse, TEXT_LITERAL("transfer"),
	               shipment->lines.count);
	movement_begin(&coming, turn, shipment->outlet, TEXT_LITERAL("transfer"), shipment->lines.count);
	leaving.warehouse = true;
	for (uint32_t i = 0; i < shipment->lines.count; i++) {
		const struct shipment_dispatched_line *line = &shipment->lines.items[i];
		struct quantity away = quantity_of(-line->quantity.milli);
		struct quantity ordered =
		    quantity_of(-restock_dispatch(turn, line->restock, line->quantity).milli);

		movement_line(&leaving, line->sku, (struct change){.on_hand = away, .reserved = ordered});
		if (restock_known(turn, line->restock))
			movement_line(&coming, line->sku,
			              (struct change){.in_transit = line->quantity, .on_order = ordered});
	}
	window_note(&leaving, false);
	movement_end(&leaving);
	movement_end(&coming);
	trip_leave(turn, shipment);
}
