/* on_sale_recorded.c -- a sale earns rebates. */
#include "rebate.h"

void on_sale_recorded(struct turn *turn, const struct sale_recorded *sale)
{
	struct ticket ticket = {.outlet = sale->outlet, .currency = sale->currency, .tier = sale->tier};

	rebate_count(turn, &ticket, sale->day, sale->lines.items, sale->lines.count);
}
