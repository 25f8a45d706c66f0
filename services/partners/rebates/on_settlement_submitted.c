/* on_settlement_submitted.c -- staff says that a rebate was paid. */
#include "rebates/scheme.h"
#include "record.h"
#include "rules.h"

static bool names_valid(struct turn *turn, const struct settlement_submitted *settlement, struct place *place)
{
	int32_t day;

	if (!record_codes(turn, TABLE_SETTLEMENT, settlement) ||
	    !record_word(turn, TABLE_SETTLEMENT, settlement->settlement, "method", settlement->method, "unknown_method"))
		return false;
	if (!record_names(turn, TABLE_SETTLEMENT, settlement->settlement, TABLE_SCHEME, settlement->scheme))
		return false;
	(void)day_counts(settlement->period, &day); /* no period begins at 0 */
	*place = (struct place){settlement->outlet, settlement->scheme, day};
	return true;
}

static bool settlement_valid(struct turn *turn, const struct settlement_submitted *settlement, struct place *place,
			     struct standing *standing)
{
	struct scheme scheme;

	if (!names_valid(turn, settlement, place))
		return false;
	if (!standing_open(turn, place, standing, &scheme))
		return record_refuse(turn, TABLE_SETTLEMENT, settlement->settlement, "unknown_period",
				     "outlet %.*s has nothing in the period %.*s", TEXT_ARGS(settlement->outlet),
				     TEXT_ARGS(settlement->period));
	if (!text_equal(settlement->currency, CODE_TEXT(scheme.currency)))
		return record_refuse(turn, TABLE_SETTLEMENT, settlement->settlement, "wrong_currency", "the scheme is in %.*s",
				     TEXT_ARGS(CODE_TEXT(scheme.currency)));
	/* R106: Only a locked period is settled, by more than nothing and by no more than its balance. */
	if (!standing->is_locked)
		return record_refuse(turn, TABLE_SETTLEMENT, settlement->settlement, "not_locked", "the period is not locked yet");
	if (settlement->amount.minor <= 0)
		return record_refuse(turn, TABLE_SETTLEMENT, settlement->settlement, "bad_amount", "what is paid is more than nothing");
	return settlement->amount.minor <= rebate_balance(standing) ||
	       record_refuse(turn, TABLE_SETTLEMENT, settlement->settlement, "above_balance", "the balance is %lld",
			     (long long)rebate_balance(standing));
}

/* A settlement is a record of one version: its declaration is what was paid. */
static void settle(struct turn *turn, const struct settlement_submitted *settlement, const struct place *place, struct standing *standing)
{
	standing->settled += settlement->amount.minor;
	standing_put(turn, place, standing);
	struct rebate_settled settled = {.settlement = settlement->settlement,
					 .scheme = settlement->scheme,
					 .outlet = settlement->outlet,
					 .period = settlement->period,
					 .amount = settlement->amount,
					 .currency = settlement->currency,
					 .method = settlement->method,
					 .has_reference = settlement->has_reference,
					 .reference = settlement->reference,
					 .balance = money_of(rebate_balance(standing)),
					 .version = 1};

	emit_rebate_settled(turn, &settled);
}

void on_settlement_submitted(struct turn *turn, const struct settlement_submitted *settlement)
{
	struct standing standing;
	struct place place;

	/* R105: A settlement's number is paid once; the same number with other words is refused. */
	if (!record_is_new(turn, TABLE_SETTLEMENT, settlement->settlement, settlement, "already_settled", "this number was settled with other words"))
		return;
	if (!settlement_valid(turn, settlement, &place, &standing))
		return;
	record_keep(turn, TABLE_SETTLEMENT, bytes_of_text(settlement->settlement), settlement);
	settle(turn, settlement, &place, &standing);
}
