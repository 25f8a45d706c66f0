/* on_goods_received.c -- a supplier has filled a warehouse. */
#include "events/warehouses.h"
#include "count.h"
#include "movement.h"

/* R21: A count or a receipt that names an unknown place or SKU, or less than nothing, is refused as a
   whole. */
static bool is_refused(struct turn *turn, const struct goods_received *goods)
{
	struct product product;

	if (place_get(turn, goods->warehouse).kind != PLACE_WAREHOUSE) {
		count_refuse(
		    turn, goods->warehouse, goods->reference, "unknown_warehouse",
		    turn_text(turn, "warehouse %.*s is not known here", TEXT_ARGS(goods->warehouse)));
		return true;
	}
	for (uint32_t i = 0; i < goods->lines.count; i++) {
		const struct goods_received_line *line = &goods->lines.items[i];

		if (!product_get(turn, line->sku, &product)) {
			count_refuse(turn, goods->warehouse, goods->reference, "unknown_sku",
			             turn_text(turn, "SKU %.*s is not known here", TEXT_ARGS(line->sku)));
			return true;
		}
		if (line->quantity.milli < 0) {
			count_refuse(
			    turn, goods->warehouse, goods->reference, "negative_quantity",
			    turn_text(turn, "SKU %.*s is received below zero", TEXT_ARGS(line->sku)));
			return true;
		}
	}
	return false;
}

/* R20: Goods received from a supplier raise the warehouse's balance. */
void on_goods_received(struct turn *turn, const struct goods_received *goods)
{
	struct movement movement;

	if (is_refused(turn, goods))
		return;
	movement_begin(&movement, turn, goods->warehouse, TEXT_LITERAL("receipt"), goods->lines.count);
	movement.warehouse = true;
	for (uint32_t i = 0; i < goods->lines.count; i++)
		if (goods->lines.items[i].quantity.milli != 0)
			movement_line(&movement, goods->lines.items[i].sku,
			              (struct change){.on_hand = goods->lines.items[i].quantity});
	movement_end(&movement);
}
