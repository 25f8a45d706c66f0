/* on_clawback_submitted.c -- staff takes a share of a period's rebate back, or gives it back on appeal. */
#include "rebates/clean.h"
#include "rebates/scheme.h"
#include "record.h"
#include "rules.h"

static bool clawback_valid(struct turn *turn, const struct clawback_submitted *clawback, struct scheme *scheme, struct place *place)
{
	int32_t day;

	if (!record_names(turn, TABLE_CLAWBACK, clawback->scheme, TABLE_OUTLET, clawback->outlet))
		return false;
	if (!scheme_latest(turn, clawback->scheme, scheme))
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "unknown_scheme", "scheme %.*s is not known",
				     TEXT_ARGS(clawback->scheme));
	/* R104: A violation takes back at most the share that its scheme has published, of one period at one outlet. */
	if (clawback->share_bp > scheme->clean_channel)
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "bad_share",
				     "the scheme lets a violation take %u basis points at most", scheme->clean_channel);
	if (!day_counts(clawback->period, &day) || period_of(scheme, day).from != day)
		return record_refuse(turn, TABLE_CLAWBACK, clawback->scheme, "unknown_period", "%.*s is not the first day of a period",
				     TEXT_ARGS(clawback->period));
	*place = (struct place){clawback->outlet, clawback->scheme, day};
	return true;
}

void on_clawback_submitted(struct turn *turn, const struct clawback_submitted *clawback)
{
	struct scheme scheme;
	struct place place;

	if (clawback_valid(turn, clawback, &scheme, &place))
		clean_take(turn, &place, clawback);
}
