/* on_invoice_reopened.c -- an order is no longer paid in full. */
#include "events/orders.h"
#include "rebates/early.h"

void on_invoice_reopened(struct turn *turn, const struct invoice_reopened *reopened)
{
	early_count(turn, &(struct invoice){.outlet = reopened->outlet,
					    .currency = reopened->currency,
					    .day = reopened->day,
					    .amount = reopened->amount.minor,
					    .days = EARLY_NEVER,
					    .was_days = reopened->was_days});
}
