/* on_calendar_submitted.c -- staff weighs days. */
#include "record.h"
#include "rules.h"

#define WEEK_BP 70000 /* seven mean days */
#define WEEK_SLACK 7  /* a basis point each, for rounding */

static bool refuse(struct turn *turn, const struct calendar_submitted *calendar, const char *code,
                   const char *sentence)
{
	return record_refuse(turn, TABLE_CALENDAR, calendar->calendar, code, "%s", sentence);
}

static bool holidays_valid(struct turn *turn, const struct calendar_submitted *calendar)
{
	int64_t day, before = -1;

	/* R64: The holidays of a calendar are days, in order, each once. */
	for (uint32_t i = 0; i < calendar->holidays.count; i++) {
		if (!day_number(calendar->holidays.items[i].day, &day) || day <= before)
			return refuse(turn, calendar, "bad_holiday",
			              "holidays are days, in order, each once");
		before = day;
	}
	return true;
}

static bool calendar_valid(struct turn *turn, const struct calendar_submitted *calendar)
{
	int64_t week = calendar->monday + calendar->tuesday + calendar->wednesday + calendar->thursday +
	               calendar->friday + calendar->saturday + calendar->sunday;

	/* R63: A calendar is for one outlet, for one tier, or for all, and its weekdays weigh 70,000 basis points
	 * together, but for one each of rounding. */
	if (calendar->has_outlet && calendar->has_tier)
		return refuse(turn, calendar, "bad_scope", "give an outlet or a tier, not both");
	if (calendar->has_outlet && !record_names(turn, TABLE_CALENDAR, calendar->calendar, TABLE_OUTLET, calendar->outlet))
		return false;
	if (week < WEEK_BP - WEEK_SLACK || week > WEEK_BP + WEEK_SLACK)
		return record_refuse(turn, TABLE_CALENDAR, calendar->calendar, "bad_weights",
		                     "the weekdays weigh %lld basis points, not 70000", (long long)week);
	if (!validity_ordered(calendar->has_from ? calendar->from : (struct text){0},
	                      calendar->has_until ? calendar->until : (struct text){0}))
		return refuse(turn, calendar, "bad_period", "from and until are days, the first not after the last");
	return holidays_valid(turn, calendar);
}

void on_calendar_submitted(struct turn *turn, const struct calendar_submitted *calendar)
{
	if (calendar_valid(turn, calendar))
		record_submit(turn, TABLE_CALENDAR, bytes_of_text(calendar->calendar), calendar);
}
