/* on_ticket_submitted.c -- staff opens an after-sales ticket (售后), also for a dealer or a customer. */
#include "desk/matter.h"
#include "desk/service.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct ticket_submitted *ticket, const char *code, const char *message)
{
	return record_refuse(turn, TABLE_TICKET, ticket->ticket, code, "%s", message);
}

/* R201: A ticket is of a known outlet, of a known SKU where it names one, and of words of their lists; the sale that it names has a till, a date and
 * a receipt. */
static bool ticket_valid(struct turn *turn, const struct ticket_submitted *ticket)
{
	unsigned parts = (unsigned)ticket->has_day + ticket->has_receipt;

	if (!record_codes(turn, TABLE_TICKET, ticket) ||
	    !record_word(turn, TABLE_TICKET, ticket->ticket, "kind", ticket->kind, "unknown_kind") ||
	    !record_word(turn, TABLE_TICKET, ticket->ticket, "severity", ticket->severity, "unknown_severity"))
		return false;
	if (!record_known(turn, TABLE_OUTLET, ticket->outlet))
		return refuse(turn, ticket, "unknown_outlet", "the outlet is not known");
	if (ticket->has_sku && !record_known(turn, TABLE_PRODUCT, ticket->sku))
		return refuse(turn, ticket, "unknown_product", "the product is not known");
	if (parts != 0 && (parts != 2 || !ticket->has_terminal))
		return refuse(turn, ticket, "bad_sale", "a sale is named by till, day and receipt");
	return !ticket->has_day || window_ordered(true, ticket->day, false, ticket->day) ||
	       refuse(turn, ticket, "bad_day", "the day of the sale is not a date");
}

static void ticket_open(struct turn *turn, const struct ticket_submitted *ticket)
{
	struct ticket_opened *opened = turn_take(turn, sizeof(*opened));
	struct matter matter = {.opened_us = turn_input(turn)->time_us, .sort = service_severity(ticket->severity)};

	memset(opened, 0, sizeof(*opened));
	CODE_PUT(matter.outlet, ticket->outlet);
	CODE_PUT(matter.kind, ticket->kind);
	matter_note(turn, &flow_ticket, ticket->ticket, &matter, TEXT_LITERAL("open"), (struct text){0});
	matter_due(turn, &flow_ticket, ticket->ticket, &matter, ticket->has_sla_due ? ticket->sla_due : service_due(turn, &matter));
	matter_put(turn, &flow_ticket, ticket->ticket, &matter);
	record_copy(&ticket_submitted_type, ticket, &ticket_opened_type, opened);
	opened->due = matter.due_us;
	opened->version = 1;
	emit_ticket_opened(turn, opened);
}

void on_ticket_submitted(struct turn *turn, const struct ticket_submitted *ticket)
{
	/* R202: A ticket's number is opened once; the same number with other words is refused. */
	if (!record_is_new(turn, TABLE_TICKET, ticket->ticket, ticket, "other_ticket", "this number was opened with other words"))
		return;
	if (!ticket_valid(turn, ticket))
		return;
	record_keep(turn, TABLE_TICKET, bytes_of_text(ticket->ticket), ticket);
	ticket_open(turn, ticket);
}
