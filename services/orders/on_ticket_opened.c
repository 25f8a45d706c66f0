/* on_ticket_opened.c -- an after-sales ticket names a sale: is what it is about under warranty (保修)? */
#include "base/error.h"
#include "events/partners.h"
#include "state.h"

static bool is_on_sale(const struct sale_recorded *sale, struct text sku)
{
	for (uint32_t i = 0; i < sale->lines.count; i++)
		if (text_equal(sale->lines.items[i].sku, sku) && sale->lines.items[i].quantity.milli > 0)
			return true;
	return false;
}

/* The verdict on a ticket that was sold here; the SKU is the one of the ticket, else the only one of the sale. */
static const char *judge(struct turn *turn, const struct sale_recorded *sale, int64_t now_day, struct warranty_checked *checked, char until[DAY_TEXT_SIZE])
{
	struct warranty warranty;
	int64_t day;

	if (!checked->has_sku && sale->lines.count == 1) {
		checked->has_sku = true;
		checked->sku = sale->lines.items[0].sku;
	}
	if (!checked->has_sku || !is_on_sale(sale, checked->sku))
		return "not_on_sale";
	if (!warranty_get(turn, checked->sku, &warranty) || warranty.days == 0 || !day_number(sale->day, &day))
		return "no_warranty";
	day_text(day + warranty.days - 1, until);
	checked->has_until = checked->has_product_version = true;
	checked->until = text_of(until);
	checked->product_version = warranty.version;
	return now_day <= day + warranty.days - 1 ? "covered" : "expired";
}

static const char *check(struct turn *turn, const struct ticket_opened *ticket, struct warranty_checked *checked, char until[DAY_TEXT_SIZE])
{
	struct sale_recorded sale;
	struct ticket_row row;
	struct envelope envelope;

	if (!ticket_get(turn, ticket->terminal, ticket->day, ticket->receipt, &row) || !turn_own_event(turn, row.seq, &envelope) ||
	    !text_equal(envelope.type, text_of(sale_recorded_type.name)))
		return "unknown_sale";
	struct reader reader = reader_of(envelope.data);
	CHECK(sale_recorded_type.unpack(&sale, &reader, turn_arena(turn)) == ERR_NONE);
	checked->has_sale = checked->has_day = true;
	checked->sale = turn_text(turn, "orders#%llu", (unsigned long long)row.seq);
	checked->day = sale.day;
	if (row.state == TICKET_VOIDED)
		return "voided";
	return judge(turn, &sale, turn_input(turn)->time_us / US_PER_DAY, checked, until);
}

/* R74: A ticket that names a sale is told whether its goods are under warranty: as many days as the product says, the day of the sale included, up to the day
 * of the ticket in UTC; a sale that is not known, was voided or does not hold the SKU is told as that. */
void on_ticket_opened(struct turn *turn, const struct ticket_opened *ticket)
{
	struct warranty_checked checked = {.ticket = ticket->ticket, .outlet = ticket->outlet, .has_sku = ticket->has_sku, .sku = ticket->sku};
	char until[DAY_TEXT_SIZE];

	if (!ticket->has_receipt || !ticket->has_day || !ticket->has_terminal)
		return;
	checked.verdict = text_of(check(turn, ticket, &checked, until));
	emit_warranty_checked(turn, &checked);
}
