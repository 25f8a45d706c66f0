/* on_order_accepted.c -- the principal will supply what an outlet has ordered. */
#include "events/orders.h"
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

/* R15: An accepted order becomes a restock with the policy "order"; while one is open for the shelf its
   line waits as backlog. */
void on_order_accepted(struct turn *turn, const struct order_accepted *order)
{
	for (uint32_t i = 0; i < order->lines.count; i++)
		if (order->lines.items[i].quantity.milli > 0)
			line_waits(turn, order, &order->lines.items[i]);
	for (uint32_t i = 0; i < order->lines.count; i++)
		restock_consider(turn, order->outlet, order->lines.items[i].sku);
}
