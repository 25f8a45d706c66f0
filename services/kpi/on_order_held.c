/* on_order_held.c -- an order waits until its outlet's credit bears it. */
#include "process.h"

void on_order_held(struct turn *turn, const struct order_held *event)
{
	process_order(turn, event->outlet, event->order, "held");
}
