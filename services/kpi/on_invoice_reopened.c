/* on_invoice_reopened.c -- an order is not paid, after all. */
#include "process.h"

void on_invoice_reopened(struct turn *turn, const struct invoice_reopened *event)
{
	process_paid(turn, event->outlet, event->order, false);
}
