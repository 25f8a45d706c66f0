/* on_order_accepted.c -- the principal will supply what an outlet has ordered. */
#include "events/orders.h"
#include "procure.h"
#include "restock.h"

/* A line joins what waits for its shelf; twice the same order and SKU adds up. */
static void line_waits(struct turn *turn, const struct order_accepted *order,
                       const struct order_accepted_line *line)
{
	struct waiting waiting = waiting_get(turn, order->outlet, line->sku, order->order);
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, order->outlet, line->sku);
	struct shelf shelf = shelf_get(turn, at);
	struct quantity backlog = balance_moved(shelf.stock.backlog, line->quantity);

	waiting.quantity = quantity_add(waiting.quantity, quantity_sub(backlog, shelf.stock.backlog));
	waiting.need_by_us = order->has_need_by ? order->need_by : 0;
	CODE_PUT(waiting.cause, turn_input(turn)->id);
	shelf.stock.backlog = backlog;
	waiting_put(turn, order->outlet, line->sku, order->order, &waiting);
	shelf_put(turn, at, &shelf);
}

/* R98: Where the supplier decides (供应商管理库存) what an outlet orders is not restocked, and that is said. */
static bool is_declined(struct turn *turn, const struct order_accepted *order, const struct order_accepted_line *line)
{
	struct terms terms = terms_of(turn, order->outlet, line->sku);

	if (terms.code[0] == 0 || terms.policy.method != METHOD_VENDOR)
		return false;
	emit_restock_declined(turn, &(struct restock_declined){.place = order->outlet,
	                                                       .sku = line->sku,
	                                                       .order = order->order,
	                                                       .quantity = line->quantity,
	                                                       .procurement = CODE_TEXT(terms.code),
	                                                       .procurement_version = (int64_t)terms.policy.version});
	return true;
}

/* R15: An accepted order becomes a restock with the policy "order"; while one is open for the shelf its
   line waits as backlog. */
void on_order_accepted(struct turn *turn, const struct order_accepted *order)
{
	for (uint32_t i = 0; i < order->lines.count; i++)
		if (order->lines.items[i].quantity.milli > 0 && !is_declined(turn, order, &order->lines.items[i]))
			line_waits(turn, order, &order->lines.items[i]);
	for (uint32_t i = 0; i < order->lines.count; i++)
		restock_consider(turn, order->outlet, order->lines.items[i].sku);
}
