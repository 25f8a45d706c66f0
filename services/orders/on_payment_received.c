/* on_payment_received.c -- an outlet has paid, has deposited (保证金), or was given back. */
#include "credit.h"
#include "events/partners.h"

void on_payment_received(struct turn *turn, const struct payment_received *received)
{
	bool is_refund = text_equal(received->kind, TEXT_LITERAL("refund"));
	bool is_deposit = text_equal(received->kind, TEXT_LITERAL("deposit")) || (is_refund && !received->has_order);
	int64_t amount = is_refund ? -received->amount.minor : received->amount.minor, day;
	struct paid_day paid = {is_deposit ? 0 : amount, is_deposit ? amount : 0};

	/* R57: What goes back is of the order that it names, else of the deposit. */
	if (!day_number(received->day, &day) || day < 1)
		return; /* partners declares none such */
	credit_pay(turn, received->outlet, is_deposit ? (struct text){0} : received->order, (int32_t)day, &paid);
}
