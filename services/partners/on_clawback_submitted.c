/* on_clawback_submitted.c -- staff takes a share of a period's rebate back, or gives it back on appeal. */
#include "record.h"
#include "scheme.h"

static bool clawback_valid(struct turn *turn, const struct clawback_submitted *clawback, struct scheme *scheme, struct place *place)
{
	int64_t day;

	if (!record_known(turn, TABLE_OUTLET, clawback->outlet))
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "unknown_outlet", "outlet %.*s is not known",
				     TEXT_ARGS(clawback->outlet));
	if (!scheme_latest(turn, clawback->scheme, scheme))
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "unknown_scheme", "scheme %.*s is not known",
				     TEXT_ARGS(clawback->scheme));
	/* R104: A violation takes back at most the share that its scheme has published, of one period at one outlet. */
	if (clawback->share_bp > scheme->clean_channel)
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "bad_share",
				     "the scheme lets a violation take %u basis points at most", scheme->clean_channel);
	if (!day_number(clawback->period, &day) || day < 1 || day > DAY_MAX || period_of(scheme, (int32_t)day).from != day)
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "unknown_period", "%.*s is not the first day of a period",
				     TEXT_ARGS(clawback->period));
	*place = (struct place){clawback->outlet, clawback->scheme, (int32_t)day};
	return true;
}

void on_clawback_submitted(struct turn *turn, const struct clawback_submitted *clawback)
{
	const struct text codes[] = {clawback->scheme, clawback->outlet, clawback->period};
	struct standing standing;
	struct scheme scheme;
	struct place place;
	uint8_t key[KEY_SIZE];

	if (!clawback_valid(turn, clawback, &scheme, &place))
		return;
	record_submit(turn, TABLE_CLAWBACK, key_join(key, codes, 3), clawback);
	if (!standing_get(turn, &place, &standing) || standing.share == clawback->share_bp ||
	    !scheme_get(turn, place.scheme, standing.version, &scheme))
		return;
	/* R119: A violation takes its share of all that the period is due, what comes later included, until an appeal gives it back. */
	standing.share = clawback->share_bp;
	rebate_settle_footing(turn, &place, &scheme, &standing, CAUSE_VIOLATION);
}
