/* on_invoice_settled.c -- an outlet has paid an order in full, or otherwise than was said. */
#include "events/orders.h"
#include "rebates/early.h"

void on_invoice_settled(struct turn *turn, const struct invoice_settled *settled)
{
	early_count(turn, &(struct invoice){.outlet = settled->outlet,
					    .currency = settled->currency,
					    .day = settled->day,
					    .amount = settled->amount.minor,
					    .days = settled->days,
					    .was_days = settled->has_was_days ? settled->was_days : EARLY_NEVER});
}
