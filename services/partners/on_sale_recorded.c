/* on_sale_recorded.c -- a sale earns rebates, and its commission is shared. */
#include "money/commission.h"
#include "rebates/rebate.h"

void on_sale_recorded(struct turn *turn, const struct sale_recorded *sale)
{
	struct ticket ticket = {.outlet = sale->outlet, .currency = sale->currency, .tier = sale->tier};
	const struct commission_ticket of = {
	    .terminal = sale->terminal,
	    .receipt = sale->receipt,
	    .day = sale->day,
	    .of = {sale->outlet, sale->handed_over_by, sale->picked_up_at, sale->serviced_by}};

	rebate_count(turn, &ticket, sale->day, sale->lines.items, sale->lines.count);
	commission_count(turn, &ticket, &of, sale->lines.items, sale->lines.count);
}
