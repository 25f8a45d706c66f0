/* on_order_rejected.c -- an order will not be served. */
#include "process.h"

void on_order_rejected(struct turn *turn, const struct order_rejected *event)
{
	/* The order of that number is another one, and goes on as it was. */
	if (!text_equal(event->code, TEXT_LITERAL("duplicate_order")))
		process_order(turn, event->outlet, event->order, "rejected");
}
