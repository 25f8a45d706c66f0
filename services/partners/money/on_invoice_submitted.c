/* on_invoice_submitted.c -- staff says that an order is invoiced. */
#include "network/outlet.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct invoice_submitted *invoice, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_INVOICE, invoice->invoice, code, "%s", sentence);
}

/* R144: An invoice (发票) is of a known outlet, in the currency that it trades in, of more than nothing, on a date. */
static bool invoice_valid(struct turn *turn, const struct invoice_submitted *invoice)
{
	struct outlet_submitted outlet;
	int32_t day;

	if (!record_codes(turn, TABLE_INVOICE, invoice))
		return false;
	if (!outlet_known(turn, invoice->outlet, &outlet))
		return refuse(turn, invoice, "unknown_outlet", "its outlet is not known");
	if (!text_equal(outlet.currency, invoice->currency))
		return refuse(turn, invoice, "wrong_currency", "the outlet trades in another currency");
	if (invoice->amount.minor <= 0)
		return refuse(turn, invoice, "bad_amount", "what is invoiced is more than nothing");
	return day_counts(invoice->day, &day) || refuse(turn, invoice, "bad_day", "its day is no date");
}

void on_invoice_submitted(struct turn *turn, const struct invoice_submitted *invoice)
{
	struct invoice_issued issued = {0};

	/* R145: An invoice's number is written once; the same number with other words is refused. */
	if (!record_is_new(turn, TABLE_INVOICE, invoice->invoice, invoice, "already_invoiced", "this number was written with other words"))
		return;
	if (!invoice_valid(turn, invoice))
		return;
	record_keep(turn, TABLE_INVOICE, bytes_of_text(invoice->invoice), invoice);
	record_copy(&invoice_submitted_type, invoice, &invoice_issued_type, &issued);
	issued.version = 1;
	emit_invoice_issued(turn, &issued);
}
