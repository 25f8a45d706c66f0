/* on_invoice_issued.c -- an order is invoiced. */
#include "process.h"

void on_invoice_issued(struct turn *turn, const struct invoice_issued *event)
{
	process_order(turn, event->outlet, event->order, "invoiced");
}
