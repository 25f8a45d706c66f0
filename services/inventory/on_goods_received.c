/* on_goods_received.c -- a supplier has filled a warehouse. */
#include "base/when.h"
#include "events/warehouses.h"
#include "count.h"
#include "layer.h"
#include "movement.h"
#include "score.h"
#include "window.h"

/* R21: A count or a receipt that names an unknown place or SKU, or less than nothing, is refused as a
   whole. */
static struct quantity damage(const struct goods_received_line *line)
{
	return line->has_damaged ? line->damaged : quantity_of(0);
}

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
		if (damage(line).milli < 0 || damage(line).milli > line->quantity.milli) {
			count_refuse(turn, goods->warehouse, goods->reference, "bad_damage",
			             turn_text(turn, "SKU %.*s: less or more is damaged than came", TEXT_ARGS(line->sku)));
			return true;
		}
	}
	return false;
}

/* When it was promised: as said, else the supplier's lead time after the order; 0: it was not. */
static int64_t promise(struct turn *turn, const struct goods_received *goods)
{
	int64_t minutes;

	if (goods->has_promised)
		return goods->promised;
	if (!goods->has_ordered_at || !row_get(turn, TABLE_SUPPLIER, bytes_of_text(goods->supplier), &minutes, sizeof(minutes)))
		return 0;
	return goods->ordered_at + minutes * US_PER_MINUTE;
}

/* The cost of a line, as the receipt says, else as the product has it in this currency; false: not known. */
static bool cost_of(struct turn *turn, const struct goods_received *goods, const struct goods_received_line *line, struct price *cost)
{
	struct product product;

	*cost = line->cost;
	if (line->has_cost || !goods->has_currency)
		return line->has_cost && goods->has_currency;
	product_get(turn, line->sku, &product);
	*cost = product.cost;
	return text_equal(CODE_TEXT(product.currency), goods->currency);
}

/* R89: A receipt counts for its supplier: what was ordered, what came, what of it can be sold, what it cost. */
static void score(struct turn *turn, const struct goods_received *goods)
{
	struct delivery delivery = {.code = goods->supplier,
	                            .arrived_us = turn_input(turn)->time_us,
	                            .left_us = goods->has_ordered_at ? goods->ordered_at : 0,
	                            .promised_us = promise(turn, goods)};

	if (goods->has_currency) {
		delivery.currency = goods->currency;
		delivery.freight = goods->has_freight ? goods->freight : money_of(0);
	}
	for (uint32_t i = 0; i < goods->lines.count; i++) {
		const struct goods_received_line *line = &goods->lines.items[i];
		struct quantity asked = line->has_ordered ? line->ordered : line->quantity;
		struct price cost;

		delivery.asked = balance_moved(delivery.asked, asked);
		delivery.sent = balance_moved(delivery.sent, line->quantity);
		delivery.usable = balance_moved(delivery.usable, quantity_sub(line->quantity, damage(line)));
		if (!cost_of(turn, goods, line, &cost))
			continue;
		delivery.valued = balance_moved(delivery.valued, line->quantity);
		delivery.value_e4 = score_bounded((wide)delivery.value_e4 + score_value(line->quantity, cost));
	}
	score_add(turn, SCORE_SUPPLIER, &delivery);
}

/* R20: Goods received from a supplier raise the warehouse's balance, but for damaged ones. */
void on_goods_received(struct turn *turn, const struct goods_received *goods)
{
	struct movement movement;

	if (is_refused(turn, goods))
		return;
	movement_begin(&movement, turn, goods->warehouse, TEXT_LITERAL("receipt"), goods->lines.count);
	movement.warehouse = true;
	for (uint32_t i = 0; i < goods->lines.count; i++) {
		const struct goods_received_line *line = &goods->lines.items[i];
		struct quantity usable = quantity_sub(line->quantity, damage(line));

		if (usable.milli != 0)
			movement_line(&movement, line->sku, (struct change){.on_hand = usable});
	}
	window_note(&movement, true);
	layers_note(&movement);
	movement_end(&movement);
	if (goods->has_supplier)
		score(turn, goods);
}
