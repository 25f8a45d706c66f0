/* on_payout_submitted.c -- staff says that a month's commissions were paid. */
#include "money/commission.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct payout_submitted *payout, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_PAYOUT, payout->payout, code, "%s", sentence);
}

static bool payout_valid(struct turn *turn, const struct payout_submitted *payout, struct commission_place *place,
			 struct commission_statement *statement)
{
	int32_t day;

	if (!record_codes(turn, TABLE_PAYOUT, payout) ||
	    !record_word(turn, TABLE_PAYOUT, payout->payout, "method", payout->method, "unknown_method"))
		return false;
	*place = (struct commission_place){payout->outlet, payout->currency, 0};
	if (!day_counts(payout->period, &day) || commission_month(day) != day)
		return refuse(turn, payout, "bad_day", "a month is named by its first day");
	place->month = day;
	if (!commission_statement_get(turn, place, statement))
		return refuse(turn, payout, "unknown_period", "the outlet has no commissions of that month in that currency");
	/* R165: Only a locked statement is paid, by more than nothing and by no more than its balance. */
#if !defined(MUTANT_PAID_UNLOCKED)
	if (!statement->is_locked)
		return refuse(turn, payout, "not_locked", "the month is not locked yet");
#endif
	if (payout->amount.minor <= 0)
		return refuse(turn, payout, "bad_amount", "what is paid is more than nothing");
	return payout->amount.minor <= commission_balance(statement) ||
	       record_refuse(turn, TABLE_PAYOUT, payout->payout, "above_balance", "the balance is %lld", (long long)commission_balance(statement));
}

/* A payout is a record of one version: its declaration is what was paid. */
static void say_settled(struct turn *turn, const struct payout_submitted *payout, const struct commission_statement *statement)
{
	struct commission_settled settled = {.payout = payout->payout,
					     .outlet = payout->outlet,
					     .currency = payout->currency,
					     .period = payout->period,
					     .amount = payout->amount,
					     .method = payout->method,
					     .has_reference = payout->has_reference,
					     .reference = payout->reference,
					     .balance = commission_shown(commission_balance(statement)),
					     .version = 1};

	emit_commission_settled(turn, &settled);
}

void on_payout_submitted(struct turn *turn, const struct payout_submitted *payout)
{
	struct commission_statement statement;
	struct commission_place place;

	/* R166: A payout's number is paid once; the same number with other words is refused. */
	if (!record_is_new(turn, TABLE_PAYOUT, payout->payout, payout, "already_settled", "this number was paid with other words"))
		return;
	if (!payout_valid(turn, payout, &place, &statement))
		return;
	record_keep(turn, TABLE_PAYOUT, bytes_of_text(payout->payout), payout);
	statement.settled = sum_of(statement.settled, payout->amount.minor);
	commission_statement_put(turn, &place, &statement);
	say_settled(turn, payout, &statement);
}
