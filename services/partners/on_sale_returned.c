/* on_sale_returned.c -- what comes back takes its rebate with it. */
#include "rebate.h"

void on_sale_returned(struct turn *turn, const struct sale_returned *sale)
{
	struct ticket ticket = {.outlet = sale->outlet, .currency = sale->currency, .tier = sale->tier, .is_return = true};

	_Static_assert(sizeof(struct sale_returned_line) == sizeof(struct sale_recorded_line), "a line is a line");
	rebate_count(turn, &ticket, sale->day, (const struct sale_recorded_line *)(const void *)sale->lines.items, sale->lines.count);
}
