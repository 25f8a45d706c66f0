/* on_sale_returned.c -- a return counts beside the sales, never against them. */
#include "hour.h"
#include "metric.h"

void on_sale_returned(struct turn *turn, const struct sale_returned *sale)
{
	struct ticket ticket = {.outlet = sale->outlet,
				.terminal = sale->terminal,
				.currency = sale->currency,
				.person = sale->has_cashier ? sale->cashier : (struct text){0},
				.tier = sale->tier,
				.day = day_of(sale->day),
				.is_return = true,
				.total = sale->total,
				.units = sale->units,
				.line_count = sale->lines.count};

	ticket.slot = hour_slot(ticket.day, turn_input(turn)->time_us);
	ticket.lines = turn_take(turn, ticket.line_count * sizeof(*ticket.lines));
	for (uint32_t i = 0; i < ticket.line_count; i++) {
		const struct sale_returned_line *line = &sale->lines.items[i];

		ticket.lines[i] = (struct ticket_line){.sku = line->sku, .amount = line->amount};
		if (!(line->has_service && line->service))
			ticket.lines[i].units = line->quantity;
	}
	count_ticket(turn, &ticket);
	metric_hear(turn, &sale_returned_type, sale);
}
