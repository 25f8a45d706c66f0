/* on_invoice_settled.c -- an order's payments are all there. */
#include "process.h"

void on_invoice_settled(struct turn *turn, const struct invoice_settled *event)
{
	process_paid(turn, event->outlet, event->order, true);
}
