/* on_sale_recorded.c -- a sale counts for its outlet, its tier, its categories and the whole. */
#include "hour.h"
#include "metric.h"

void on_sale_recorded(struct turn *turn, const struct sale_recorded *sale)
{
	struct ticket ticket = {.outlet = sale->outlet,
				.terminal = sale->terminal,
				.currency = sale->currency,
				.person = sale->has_cashier ? sale->cashier : (struct text){0},
				.tier = sale->tier,
				.day = day_of(sale->day),
				.total = sale->total,
				.units = sale->units,
				.line_count = sale->lines.count};

	ticket.slot = hour_slot(ticket.day, turn_input(turn)->time_us);
	ticket.lines = turn_take(turn, ticket.line_count * sizeof(*ticket.lines));
	for (uint32_t i = 0; i < ticket.line_count; i++) {
		const struct sale_recorded_line *line = &sale->lines.items[i];

		product_expect(turn, line->sku); /* its categories count last */
		ticket.lines[i] = (struct ticket_line){.sku = line->sku, .amount = line->amount};
		if (!(line->has_service && line->service))
			ticket.lines[i].units = line->quantity;
	}
	count_ticket(turn, &ticket);
	metric_hear(turn, &sale_recorded_type, sale);
}
