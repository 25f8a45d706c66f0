/* on_ticket_sold.c -- a till has sold. */
#include "assortment.h"
#include "events/terminals.h"
#include "right.h"
#include "ticket_areas.h"
#include "waiting.h"

void on_ticket_sold(struct turn *turn, const struct ticket_sold *sold)
{
	struct ticket ticket = {.outlet = sold->outlet,
	                        .receipt = sold->receipt,
	                        .currency = sold->currency,
	                        .day = sold->day,
	                        .has_total = sold->has_total,
	                        .total = sold->total,
	                        .lines = sold->lines.items,
	                        .count = sold->lines.count};
	struct priced priced;

	if (!ticket_price(turn, &ticket, &priced) || !ticket_judge(turn, &ticket, &priced) ||
	    !assortment_judge(turn, &ticket, &priced) || !right_judge(turn, &ticket, &priced))
		return;
	struct sale_recorded recorded = {.outlet = sold->outlet,
	                                 .terminal = turn_input(turn)->source,
	                                 .receipt = sold->receipt,
	                                 .currency = sold->currency,
	                                 .day = sold->day,
	                                 .tier = priced.tier,
	                                 .has_customer = sold->has_customer,
	                                 .customer = sold->customer,
	                                 .total = priced.total,
	                                 .units = priced.units,
	                                 .lines = {priced.lines, ticket.count},
	                                 .has_cashier = sold->has_cashier,
	                                 .cashier = sold->cashier,
	                                 .has_ship_to = sold->has_ship_to,
	                                 .ship_to = sold->ship_to,
	                                 .has_contact = sold->has_contact,
	                                 .contact = sold->contact,
	                                 .has_handed_over_by = sold->has_handed_over_by,
	                                 .handed_over_by = sold->handed_over_by,
	                                 .has_picked_up_at = sold->has_picked_up_at,
	                                 .picked_up_at = sold->picked_up_at,
	                                 .has_serviced_by = sold->has_serviced_by,
	                                 .serviced_by = sold->serviced_by};
	struct ticket_row row = {.seq = emit_sale_recorded(turn, &recorded), .state = TICKET_SOLD};

	ticket_put(turn, turn_input(turn)->source, sold->day, sold->receipt, &row);
	ticket_flag(turn, &ticket, &priced);
	assortment_flag(turn, &ticket, &priced);
	right_flag(turn, &ticket, &priced);
	ticket_promote(turn, &ticket, &priced);
	ticket_areas(turn, sold, &priced);
	waiting_match(turn, &recorded, row.seq);
}
