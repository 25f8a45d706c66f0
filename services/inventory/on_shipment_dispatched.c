/* on_shipment_dispatched.c -- goods have left a warehouse for an outlet. */
#include "events/logistics.h"
#include "movement.h"
#include "restock.h"

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
	movement_end(&leaving);
	movement_end(&coming);
}
