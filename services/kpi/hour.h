/*
 * hour.h -- how a day went: what was sold in each of its hours, per scope, for the latest HOUR_DAYS business days.
 *
 * Hours are those of UTC, from 14 before the day's first to 14 behind its last, so that every place on earth finds its own among them.
 * What was sold later or earlier counts in the nearest of them, so that the hours of a day are the day. The rows of an hour lie side
 * by side: tickets of one moment touch few pages.
 */
#ifndef TRIBUTARY_KPI_HOUR_H
#define TRIBUTARY_KPI_HOUR_H

#include "count.h"
#include "known.h"

#define HOUR_DAYS 15 /* today, and the same weekday a week and two weeks ago */
#define HOUR_SLOTS 52
#define HOUR_BEFORE 14 /* hours before the day's first */

/* struct hour -- sums of sales in one hour; returns are no part of them. */
struct hour {
	int64_t revenue, units, tickets;
};

_Static_assert(sizeof(struct hour) == 24, "an hour has no padding");
_Static_assert(HOUR_SLOTS <= UINT8_MAX, "a slot is known in one byte");

/* hour_slot -- of a moment within a business day.   hour_us -- when it begins. */
uint16_t hour_slot(int32_t day, int64_t time_us);
int64_t hour_us(int32_t day, unsigned slot);

/* hour_key -- in place.   hour_parts -- taken apart again; false: it is none. */
struct hour_parts {
	struct measure_parts of;
	unsigned slot;
};
struct bytes hour_key(uint8_t key[KEY_SIZE], int32_t day, unsigned slot, char scope, struct text code, struct text currency);
bool hour_parts(struct bytes key, struct hour_parts *parts);

/* hour_count -- a ticket's measures of one scope, of which this is known, count in its hour.   hours_forget -- days that have become too old are gone. */
void hour_count(struct turn *turn, struct known *known, const struct book *book, char scope, struct text code,
		const struct ticket *ticket, const struct measures *add);
void hours_forget(struct turn *turn, int32_t day_max);

#endif
