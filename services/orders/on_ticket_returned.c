/* on_ticket_returned.c -- a customer has brought something back; quantities and amounts are positive. */
#include "events/terminals.h"
#include "ticket.h"
#include "waiting.h"

_Static_assert(sizeof(struct ticket_returned_line) == sizeof(struct ticket_sold_line),
               "a return's line is a sale's line");
_Static_assert(sizeof(struct sale_returned_line) == sizeof(struct sale_recorded_line),
               "a return's line is a sale's line");

static bool is_sale(struct turn *turn, struct text terminal, struct text day, struct text receipt, struct ticket_row *row)
{
	return ticket_get(turn, terminal, day, receipt, row) && row->state == TICKET_SOLD;
}

/* R119: A return that names the receipt of its sale is of a ticket of its own outlet: of its own till where it names none, of the day that it
 * names, else of the latest day with that receipt, no more days before its own than the setting says; what is not found there, is void or was a
 * return itself is no sale that it could be of. */
static bool returned_sale(struct turn *turn, const struct ticket_returned *returned, struct sale_returned *recorded, struct ticket_row *row)
{
	struct text terminal = returned->has_original_terminal ? returned->original_terminal : turn_input(turn)->source;
	int64_t own_day, last = turn_setting(turn, SETTING_RETURN_DAYS);
	struct text day = returned->original_day;
	struct terminal till;

	recorded->original_terminal = terminal;
	if (!returned->has_original || !day_number(returned->day, &own_day) || !terminal_get(turn, terminal, &till) ||
	    !text_equal(terminal_outlet(&till), returned->outlet))
		return false;
	bool is_found = returned->has_original_day && is_sale(turn, terminal, day, returned->original, row);
	for (int64_t back = 0; !returned->has_original_day && !is_found && back <= last; back++) {
		char text[DAY_TEXT_SIZE];

		day_text(own_day - back, text);
		is_found = is_sale(turn, terminal, text_of(text), returned->original, row);
		if (is_found)
			day = turn_text(turn, "%s", text);
	}
	recorded->has_original_terminal = recorded->has_original_day = is_found;
	recorded->original_day = day;
	return is_found;
}

void on_ticket_returned(struct turn *turn, const struct ticket_returned *returned)
{
	struct ticket ticket = {.outlet = returned->outlet,
	                        .receipt = returned->receipt,
	                        .currency = returned->currency,
	                        .day = returned->day,
	                        .has_total = returned->has_total,
	                        .total = returned->total,
	                        .lines = (const struct ticket_sold_line *)(const void *)returned->lines.items,
	                        .count = returned->lines.count};
	struct ticket_row sale;
	struct priced priced;

	if (!ticket_price(turn, &ticket, &priced))
		return;
	struct sale_returned recorded = {
	    .outlet = returned->outlet,
	    .terminal = turn_input(turn)->source,
	    .receipt = returned->receipt,
	    .currency = returned->currency,
	    .day = returned->day,
	    .tier = priced.tier,
	    .has_customer = returned->has_customer,
	    .customer = returned->customer,
	    .has_original = returned->has_original,
	    .original = returned->original,
	    .total = priced.total,
	    .units = priced.units,
	    .lines = {(const struct sale_returned_line *)(const void *)priced.lines, ticket.count},
	    .has_cashier = returned->has_cashier,
	    .cashier = returned->cashier,
	    .has_handed_over_by = returned->has_handed_over_by,
	    .handed_over_by = returned->handed_over_by,
	    .has_picked_up_at = returned->has_picked_up_at,
	    .picked_up_at = returned->picked_up_at,
	    .has_serviced_by = returned->has_serviced_by,
	    .serviced_by = returned->serviced_by};
	bool is_found = returned_sale(turn, returned, &recorded, &sale);
	struct ticket_row row = {.seq = emit_sale_returned(turn, &recorded), .state = TICKET_RETURNED};

	ticket_put(turn, turn_input(turn)->source, returned->day, returned->receipt, &row);
	if (is_found)
		promotion_back(turn, &recorded, sale.seq);
	else if (returned->has_original)
		waiting_put(turn, returned, recorded.original_terminal, row.seq);
}
