/* on_order_cancelled.c -- an accepted order is no longer wanted. */
#include "events/orders.h"
#include "restock.h"

/* R16: A cancelled order takes back what still waits and cancels a restock that stands for it alone, as
   long as nothing is planned; what is planned comes. */
static void line_withdraw(struct turn *turn, const struct order_cancelled *order, struct text sku)
{
	struct waiting waiting = waiting_get(turn, order->outlet, sku, order->order);
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, order->outlet, sku);
	struct shelf shelf = shelf_get(turn, at);

	if (waiting.quantity.milli > 0) {
		shelf.stock.backlog =
		    balance_moved(shelf.stock.backlog, quantity_of(-waiting.quantity.milli));
		waiting_del(turn, order->outlet, sku, order->order);
		shelf_put(turn, at, &shelf);
	} else if (restock_withdraw(turn, shelf.restock, order->order)) {
		restock_consider(turn, order->outlet, sku);
	}
}

void on_order_cancelled(struct turn *turn, const struct order_cancelled *order)
{
	for (uint32_t i = 0; i < order->lines.count; i++)
		line_withdraw(turn, order, order->lines.items[i].sku);
}
