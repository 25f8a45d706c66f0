/* rebate_lock.c -- a period that is over is locked: from then on what it is due only changes by adjustments. */
#include "rebates/rebate.h"

static void lock(struct turn *turn, const struct place *place)
{
	char period[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct standing standing;
	struct scheme scheme;

	if (!standing_open(turn, place, &standing, &scheme))
		return;
	standing.is_locked = true;
	standing_put(turn, place, &standing);
	day_text(standing.from, period);
	day_text(standing.until, until);
	struct rebate_locked locked = {.scheme = place->scheme,
				       .scheme_version = standing.version,
				       .outlet = place->outlet,
				       .period = text_of(period),
				       .until = text_of(until),
				       .currency = CODE_TEXT(scheme.currency),
				       .basis = standing.basis,
				       .accrued = money_of(standing.accrued),
				       .adjusted = money_of(standing.adjusted),
				       .amount = money_of(standing.accrued + standing.adjusted),
				       .entries = (int64_t)standing.entries,
				       .root = {standing.root, ROOT_TEXT}};
	emit_rebate_locked(turn, &locked);
}

/* R120: A period is locked at the first tick of the clock that finds its last day over by the days of grace, in the calendar of its outlet. */
void rebate_lock(struct turn *turn, int64_t time_us, unsigned most)
{
	int64_t grace_us = turn_setting(turn, SETTING_GRACE_DAYS) * US_PER_DAY, ends_us;
	uint8_t key[KEY_SIZE];
	struct place place;
	size_t size;

	for (unsigned i = 0; i < most && ending_first(turn, &ends_us, key, &size) && ends_us + grace_us <= time_us; i++) {
		if (!standing_place(bytes_of(key, size), &place))
			return;
		ending_del(turn, ends_us, &place);
		lock(turn, &place);
	}
}
