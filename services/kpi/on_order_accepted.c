/* on_order_accepted.c -- an order will be served. */
#include "process.h"

void on_order_accepted(struct turn *turn, const struct order_accepted *event)
{
	process_order(turn, event->outlet, event->order, "accepted");
}
