/* on_credit_submitted.c -- staff sets how much an outlet may owe (信用额度). */
#include "network/outlet.h"
#include "record.h"

/* R140: A credit limit is no less than nothing, of a known outlet, in the currency that it trades in. */
static bool credit_valid(struct turn *turn, const struct credit_submitted *credit)
{
	struct outlet_submitted outlet;

	if (!outlet_known(turn, credit->outlet, &outlet))
		return record_refuse(turn, TABLE_CREDIT, credit->outlet, "unknown_outlet", "outlet %.*s is not known", TEXT_ARGS(credit->outlet));
	if (!text_equal(outlet.currency, credit->currency))
		return record_refuse(turn, TABLE_CREDIT, credit->outlet, "wrong_currency", "the outlet trades in %.*s", TEXT_ARGS(outlet.currency));
	return credit->limit.minor >= 0 ||
	       record_refuse(turn, TABLE_CREDIT, credit->outlet, "bad_amount", "a limit is no less than nothing");
}

void on_credit_submitted(struct turn *turn, const struct credit_submitted *credit)
{
	if (credit_valid(turn, credit))
		record_submit(turn, TABLE_CREDIT, bytes_of_text(credit->outlet), credit);
}
