/* on_payment_submitted.c -- staff says what has come from an outlet, or went back to it. */
#include "network/outlet.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct payment_submitted *payment, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_PAYMENT, payment->payment, code, "%s", sentence);
}

/* R141: A payment is of a known outlet, in the currency that it trades in, of more than nothing, on a date; a deposit (保证金) is of no order. */
static bool payment_valid(struct turn *turn, const struct payment_submitted *payment)
{
	struct outlet_submitted outlet;
	int32_t day;

	if (!record_codes(turn, TABLE_PAYMENT, payment) ||
	    !record_word(turn, TABLE_PAYMENT, payment->payment, "kind", payment->kind, "unknown_kind"))
		return false;
	if (!outlet_known(turn, payment->outlet, &outlet))
		return refuse(turn, payment, "unknown_outlet", "its outlet is not known");
	if (!text_equal(outlet.currency, payment->currency))
		return refuse(turn, payment, "wrong_currency", "the outlet trades in another currency");
	if (payment->amount.minor <= 0)
		return refuse(turn, payment, "bad_amount", "what is paid is more than nothing");
	if (!day_counts(payment->day, &day))
		return refuse(turn, payment, "bad_day", "its day is no date");
	return !payment->has_order || !text_equal(payment->kind, TEXT_LITERAL("deposit")) ||
	       refuse(turn, payment, "bad_payment", "a deposit is of no order");
}

/* R143: All that an outlet has paid, deposited and was given back, added up whichever way it went, is at most 2^53 - 1 minor units; a payment
 * beyond that is refused. */
static bool payment_fits(struct turn *turn, const struct payment_submitted *payment)
{
	struct bytes key = bytes_of_text(payment->outlet);
	int64_t sum = payment_sum_read(turn_get(turn, TABLE_PAYMENT_SUM, key));

	if (payment->amount.minor > NUMBER_MAX - sum)
		return refuse(turn, payment, "amount_out_of_range", "all that the outlet has paid would be too much to say");
	sum += payment->amount.minor;
	turn_put(turn, TABLE_PAYMENT_SUM, key, bytes_of(&sum, sizeof(sum)));
	return true;
}

static void say_received(struct turn *turn, const struct payment_submitted *payment)
{
	struct payment_received received = {.payment = payment->payment,
					    .outlet = payment->outlet,
					    .kind = payment->kind,
					    .amount = payment->amount,
					    .currency = payment->currency,
					    .day = payment->day,
					    .has_order = payment->has_order,
					    .order = payment->order,
					    .has_reference = payment->has_reference,
					    .reference = payment->reference,
					    .version = 1};

	emit_payment_received(turn, &received);
}

void on_payment_submitted(struct turn *turn, const struct payment_submitted *payment)
{
	/* R142: A payment's number is taken once; the same number with other words is refused. */
	if (!record_is_new(turn, TABLE_PAYMENT, payment->payment, payment, "already_paid", "this number was taken with other words"))
		return;
	if (!payment_valid(turn, payment) || !payment_fits(turn, payment))
		return;
	record_keep(turn, TABLE_PAYMENT, bytes_of_text(payment->payment), payment);
	say_received(turn, payment);
}
