/* on_order_placed.c -- an outlet has ordered. */
#include "process.h"

void on_order_placed(struct turn *turn, const struct order_placed *event)
{
	process_order(turn, event->outlet, event->order, "placed");
}
