/* on_sale_returned.c -- what comes back takes its rebate and its commission with it. */
#include "money/commission.h"
#include "rebates/rebate.h"

void on_sale_returned(struct turn *turn, const struct sale_returned *sale)
{
	struct ticket ticket = {.outlet = sale->outlet, .currency = sale->currency, .tier = sale->tier, .is_return = true};
	const struct commission_ticket of = {
	    .terminal = sale->terminal,
	    .receipt = sale->receipt,
	    .day = sale->day,
	    .of = {sale->outlet, sale->handed_over_by, sale->picked_up_at, sale->serviced_by},
	    .sold_at = sale->original_terminal,
	    .sold_on = sale->original,
	    .sold_day = sale->original_day};
	const struct sale_recorded_line *lines = (const struct sale_recorded_line *)(const void *)sale->lines.items;

	_Static_assert(sizeof(struct sale_returned_line) == sizeof(struct sale_recorded_line), "a line is a line");
	rebate_count(turn, &ticket, sale->day, lines, sale->lines.count);
	if (sale->has_handed_over_by || sale->has_picked_up_at || sale->has_serviced_by)
		commission_count(turn, &ticket, &of, lines, sale->lines.count);
	else
		commission_back(turn, &of, lines, sale->lines.count);
}
