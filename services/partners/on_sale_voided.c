/* on_sale_voided.c -- what was undone has earned nothing, or has not come back. */
#include "money/commission.h"
#include "rebates/rebate.h"

void on_sale_voided(struct turn *turn, const struct sale_voided *sale)
{
	struct ticket ticket = {.outlet = sale->outlet,
				.currency = sale->currency,
				.tier = sale->tier,
				.is_void = true,
				.is_return = text_equal(sale->was, TEXT_LITERAL("return"))};

	_Static_assert(sizeof(struct sale_voided_line) == sizeof(struct sale_recorded_line), "a line is a line");
	rebate_count(turn, &ticket, sale->day, (const struct sale_recorded_line *)(const void *)sale->lines.items, sale->lines.count);
	const struct commission_ticket of = {.terminal = sale->terminal, .receipt = sale->receipt, .day = sale->day};
	commission_void(turn, &of);
	if (ticket.is_return)
		commission_back_void(turn, &of);
}
