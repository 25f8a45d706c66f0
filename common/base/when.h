/*
 * when.h -- moments and business days.
 *
 * A moment is int64 microseconds since 1970-01-01 UTC; a business day is the ten characters "2010-12-01" in the
 * outlet's own calendar. The file reads no clock: only common/bus does.
 */
#ifndef TRIBUTARY_BASE_WHEN_H
#define TRIBUTARY_BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "check.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

#define DAY_TEXT_SIZE 11	/* "2010-12-01" and its zero */
#define WHEN_TEXT_SIZE 28	/* "2010-12-01T08:26:00.000000Z" and its zero */

/* days_from_civil -- days since 1970-01-01 of a Gregorian date; source: Hinnant's chrono algorithms. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);

/* day_number -- days since 1970-01-01 of "YYYY-MM-DD"; errors: returns false for any other text or an impossible date. */
bool day_number(struct text day, int64_t *days) must_check;

/* day_text -- writes "YYYY-MM-DD" and a zero for a number of days since 1970-01-01; years 0 to 9999. */
void day_text(int64_t days, char out[DAY_TEXT_SIZE]);

/*
 * when_text -- writes RFC 3339 in UTC with microseconds.   when_parse -- reads RFC 3339; errors: false, also for moments that no event can
 * have (before 1684, after 2255).
 */
void when_text(int64_t time_us, char out[WHEN_TEXT_SIZE]);
bool when_parse(struct text rfc3339, int64_t *time_us) must_check;

#endif
