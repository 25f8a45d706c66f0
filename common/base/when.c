/* when.c -- civil dates and RFC 3339, without any clock. */
#include "when.h"

#include <stdio.h>

#include "units.h"

int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Reads exactly count digits at *at and moves on; false when one is missing. */
static bool digits(struct text text, uint32_t *at, uint32_t count, int64_t *number)
{
	*number = 0;
	for (uint32_t i = 0; i < count; i++, (*at)++) {
		if (*at >= text.size || text.data[*at] < '0' || text.data[*at] > '9')
			return false;
		*number = *number * 10 + (text.data[*at] - '0');
	}
	return true;
}

static bool literal(struct text text, uint32_t *at, char wanted)
{
	return *at < text.size && text.data[(*at)++] == wanted;
}

static int64_t days_of_month(int64_t year, int64_t month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

static bool civil_at(struct text text, uint32_t *at, int64_t *days)
{
	int64_t year, month, day;

	if (!digits(text, at, 4, &year) || !literal(text, at, '-') || !digits(text, at, 2, &month) ||
	    !literal(text, at, '-') || !digits(text, at, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	*days = days_from_civil(year, (unsigned)month, (unsigned)day);
	return true;
}

bool day_number(struct text day, int64_t *days)
{
	uint32_t at = 0;

	return day.size == DAY_TEXT_SIZE - 1 && civil_at(day, &at, days);
}

static void put_digits(char *out, int64_t number, unsigned count)
{
	while (count > 0) {
		out[--count] = (char)('0' + number % 10);
		number /= 10;
	}
}

void day_text(int64_t days, char out[DAY_TEXT_SIZE])
{
	int64_t year, month, day;

	civil_from_days(days, &year, &month, &day);
	CHECK(year >= 0 && year <= 9999);
	put_digits(out, year, 4); /* by hand: every entry of a rebate has two days */
	out[4] = out[7] = '-';
	put_digits(out + 5, month, 2);
	put_digits(out + 8, day, 2);
	out[10] = 0;
}

void when_text(int64_t time_us, char out[WHEN_TEXT_SIZE])
{
	int64_t days = time_us / US_PER_DAY - (time_us % US_PER_DAY < 0);
	int64_t rest = time_us - days * US_PER_DAY;
	char day[DAY_TEXT_SIZE];

	day_text(days, day);
	snprintf(out, WHEN_TEXT_SIZE, "%sT%02u:%02u:%02u.%06uZ", day, (unsigned)(rest / US_PER_HOUR) % 24,
		 (unsigned)(rest / US_PER_MINUTE % 60), (unsigned)(rest / US_PER_SECOND % 60),
		 (unsigned)(rest % US_PER_SECOND));
}

static bool offset_at(struct text text, uint32_t *at, int64_t *offset_us)
{
	int64_t hours, minutes;

	*offset_us = 0;
	if (*at < text.size && (text.data[*at] == 'Z' || text.data[*at] == 'z')) {
		(*at)++;
		return true;
	}
	if (*at >= text.size || (text.data[*at] != '+' && text.data[*at] != '-'))
		return false;
	bool behind = text.data[(*at)++] == '-';
	if (!digits(text, at, 2, &hours) || !literal(text, at, ':') || !digits(text, at, 2, &minutes))
		return false;
	*offset_us = (hours * US_PER_HOUR + minutes * US_PER_MINUTE) * (behind ? -1 : 1);
	return hours < 24 && minutes < 60;
}

bool when_parse(struct text rfc3339, int64_t *time_us)
{
	int64_t days, hours, minutes, seconds, offset, fraction = 0, scale = US_PER_SECOND;
	uint32_t at = 0;

	if (!civil_at(rfc3339, &at, &days) || at >= rfc3339.size)
		return false;
	char between = rfc3339.data[at++];
	if ((between != 'T' && between != 't' && between != ' ') || !digits(rfc3339, &at, 2, &hours) ||
	    !literal(rfc3339, &at, ':') || !digits(rfc3339, &at, 2, &minutes) ||
	    !literal(rfc3339, &at, ':') || !digits(rfc3339, &at, 2, &seconds))
		return false;
	if (at < rfc3339.size && rfc3339.data[at] == '.')
		for (at++; at < rfc3339.size && rfc3339.data[at] >= '0' && rfc3339.data[at] <= '9'; at++) {
			scale /= 10;
			fraction += scale * (rfc3339.data[at] - '0');
		}
	if (!offset_at(rfc3339, &at, &offset) || at != rfc3339.size)
		return false;
	if (hours > 23 || minutes > 59 || seconds > 60)
		return false;
	*time_us = days * US_PER_DAY + hours * US_PER_HOUR + minutes * US_PER_MINUTE +
		   seconds * US_PER_SECOND + fraction - offset;
	return *time_us >= -NUMBER_MAX && *time_us <= NUMBER_MAX;
}
