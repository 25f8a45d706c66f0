/* replay_read.c -- pieces that every format needs: tickets by key, decimals, local times. */
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "replay.h"

struct replay_ticket *replay_ticket_of(struct replay *replay, const char *key, bool *is_new)
{
	struct replay_ticket *ticket = NULL;

	HASH_FIND_STR(replay->tickets, key, ticket);
	*is_new = ticket == NULL;
	if (ticket == NULL) {
		ticket = calloc(1, sizeof(*ticket));
		CHECK(ticket != NULL);
		snprintf(ticket->key, sizeof(ticket->key), "%s", key);
		HASH_ADD_STR(replay->tickets, key, ticket);
	}
	return ticket;
}

struct replay_line *replay_line_add(struct replay_ticket *ticket)
{
	if (ticket->line_count == ticket->line_size) {
		ticket->line_size = ticket->line_size > 0 ? ticket->line_size * 2 : 4;
		ticket->lines = realloc(ticket->lines, ticket->line_size * sizeof(*ticket->lines));
		CHECK(ticket->lines != NULL);
	}
	struct replay_line *line = &ticket->lines[ticket->line_count++];
	memset(line, 0, sizeof(*line));
	return line;
}

struct replay_product *replay_product_of(struct replay *replay, const char *sku, const char *name, bool is_goods)
{
	struct replay_product *product = NULL;

	HASH_FIND_STR(replay->products, sku, product);
	if (product == NULL) {
		product = calloc(1, sizeof(*product));
		CHECK(product != NULL);
		snprintf(product->sku, sizeof(product->sku), "%s", sku);
		product->is_goods = is_goods;
		HASH_ADD_STR(replay->products, sku, product);
	}
	if (product->name[0] == 0)
		snprintf(product->name, sizeof(product->name), "%s", name);
	return product;
}

void replay_place_of(struct replay_place **places, const char *code, const char *outlet)
{
	struct replay_place *place = NULL;

	HASH_FIND_STR(*places, code, place);
	if (place != NULL)
		return;
	place = calloc(1, sizeof(*place));
	CHECK(place != NULL);
	snprintf(place->code, sizeof(place->code), "%s", code);
	snprintf(place->outlet, sizeof(place->outlet), "%s", outlet);
	HASH_ADD_STR(*places, code, place);
}

/* Digits of a decimal, its point and its exponent apart: whole is what it says in units of 10^-after. */
static bool read_digits(const char *text, int64_t *whole, int *after)
{
	bool any = false, point = false;

	for (*whole = 0, *after = 0; *text != 0 && *text != 'e' && *text != 'E'; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || *whole > INT64_MAX / 100)
			return false;
		any = true;
		*whole = *whole * 10 + (*text - '0');
		*after += point;
	}
	if (*text != 0) { /* 4.440892e-16 stands in real files */
		char *end;
		long exponent = strtol(text + 1, &end, 10);

		if (*end != 0 || end == text + 1 || exponent < -400 || exponent > 18)
			return false;
		*after -= (int)exponent;
	}
	return any;
}

bool replay_decimal(const char *text, int digits, int64_t *number)
{
	bool negative = *text == '-';
	int64_t whole, divisor = 1;
	int after;

	if (!read_digits(text + negative, &whole, &after))
		return false;
	for (; after < digits; after++) {
		if (whole > INT64_MAX / 100)
			return false;
		whole *= 10;
	}
	for (; after > digits && divisor <= INT64_MAX / 100; after--)
		divisor *= 10;
	*number = after > digits ? 0 : divide_half_even(negative ? -whole : whole, divisor); /* less than any digit asked for */
	return true;
}

/* Day of the month of the n-th (1..) Sunday of a month, or of the last one (0). */
static int64_t sunday(int64_t year, unsigned month, int nth)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t first = days_from_civil(year, month, 1);
	int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
	int64_t day = 1 + (7 - weekday) % 7;

	if (nth > 0)
		return first + day - 1 + 7 * (nth - 1);
	while (day + 7 <= (int64_t)lengths[month - 1])
		day += 7;
	return first + day - 1;
}

/* Summer time of the zone at this local moment: UK (EU rule) and the US east coast, as in force since 1996 and 2007. */
static bool is_summer(const char *zone, int64_t local_us, int64_t year)
{
	if (strcmp(zone, "GB") == 0)
		return local_us >= sunday(year, 3, 0) * US_PER_DAY + US_PER_HOUR &&
		       local_us < sunday(year, 10, 0) * US_PER_DAY + 2 * US_PER_HOUR;
	return local_us >= sunday(year, 3, 2) * US_PER_DAY + 2 * US_PER_HOUR &&
	       local_us < sunday(year, 11, 1) * US_PER_DAY + 2 * US_PER_HOUR;
}

bool replay_local_time(const char *text, const char *zone, int64_t *time_us, int64_t *tz_offset)
{
	char zoned[40];
	int64_t local_us;

	if (strlen(text) < 19)
		return false;
	snprintf(zoned, sizeof(zoned), "%.19sZ", text);
	if (!when_parse(text_of(zoned), &local_us))
		return false;
	*tz_offset = strcmp(zone, "GB") == 0 ? 0 : -300;
	if (is_summer(zone, local_us, strtoll(text, NULL, 10)))
		*tz_offset += 60;
	*time_us = local_us - *tz_offset * US_PER_MINUTE;
	return true;
}
