/* on_sale_voided.c -- a ticket is undone: what it had counted is taken away. */
#include "hour.h"
#include "metric.h"

void on_sale_voided(struct turn *turn, const struct sale_voided *voided)
{
	struct ticket ticket = {.outlet = voided->outlet,
				.terminal = voided->terminal,
				.currency = voided->currency,
				.person = voided->has_cashier ? voided->cashier : (struct text){0},
				.tier = voided->tier,
				.day = day_of(voided->day),
				.is_return = text_equal(voided->was, TEXT_LITERAL("return")),
				.is_void = true,
				.total = voided->total,
				.units = voided->units,
				.line_count = voided->lines.count};

	ticket.slot = hour_slot(ticket.day, turn_input(turn)->time_us);
	ticket.lines = turn_take(turn, ticket.line_count * sizeof(*ticket.lines));
	for (uint32_t i = 0; i < ticket.line_count; i++) {
		const struct sale_voided_line *line = &voided->lines.items[i];

		ticket.lines[i] = (struct ticket_line){.sku = line->sku, .amount = line->amount};
		if (!(line->has_service && line->service))
			ticket.lines[i].units = line->quantity;
	}
	count_ticket(turn, &ticket);
	metric_hear(turn, &sale_voided_type, voided);
}
