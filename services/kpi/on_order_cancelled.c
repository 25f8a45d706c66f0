/* on_order_cancelled.c -- an order is not wanted any more. */
#include "process.h"

void on_order_cancelled(struct turn *turn, const struct order_cancelled *event)
{
	process_order(turn, event->outlet, event->order, "cancelled");
}
