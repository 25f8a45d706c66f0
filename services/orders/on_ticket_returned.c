/* on_ticket_returned.c -- a customer has brought something back; quantities and amounts are positive. */
#include "events/terminals.h"
#include "ticket.h"

_Static_assert(sizeof(struct ticket_returned_line) == sizeof(struct ticket_sold_line),
               "a return's line is a sale's line");
_Static_assert(sizeof(struct sale_returned_line) == sizeof(struct sale_recorded_line),
               "a return's line is a sale's line");

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
	struct ticket_row row = {.seq = emit_sale_returned(turn, &recorded), .state = TICKET_RETURNED};

	ticket_put(turn, turn_input(turn)->source, returned->day, returned->receipt, &row);
}
