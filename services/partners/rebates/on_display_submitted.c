/* on_display_submitted.c -- staff was there and saw a display stand (陈列), or not. */
#include "rebates/condition.h"
#include "rebates/scheme.h"
#include "record.h"
#include "rules.h"

/* R132: A display is of a known outlet and a known scheme that asks for one, on a date, and stays with them; whether it stood can be said
 * anew. */
static bool display_stays(struct turn *turn, const struct display_submitted *display)
{
	struct display_submitted before;

	if (record_fields(turn, TABLE_DISPLAY, bytes_of_text(display->display), &before) == 0)
		return true;
	return (text_equal(before.outlet, display->outlet) && text_equal(before.scheme, display->scheme) &&
		text_equal(before.day, display->day)) ||
	       record_refuse(turn, TABLE_DISPLAY, display->display, "bad_display", "it was of outlet %.*s on %.*s", TEXT_ARGS(before.outlet),
			     TEXT_ARGS(before.day));
}

static bool display_valid(struct turn *turn, const struct display_submitted *display, struct place *place)
{
	struct scheme scheme;
	int32_t day;

	if (!record_names(turn, TABLE_DISPLAY, display->display, TABLE_OUTLET, display->outlet))
		return false;
	if (!scheme_latest(turn, display->scheme, &scheme) || scheme.display_days == 0)
		return record_refuse(turn, TABLE_DISPLAY, display->display, "unknown_scheme", "there is no scheme %.*s that asks for a display",
				     TEXT_ARGS(display->scheme));
	if (!day_counts(display->day, &day))
		return record_refuse(turn, TABLE_DISPLAY, display->display, "bad_day", "its day is no date");
	*place = (struct place){display->outlet, display->scheme, day};
	return display_stays(turn, display);
}

void on_display_submitted(struct turn *turn, const struct display_submitted *display)
{
	struct place place;

	if (display_valid(turn, display, &place) && record_submit(turn, TABLE_DISPLAY, bytes_of_text(display->display), display) > 0)
		condition_display(turn, &place, display->display, display->stood);
}
