/* query_hours.c -- `get hours`: how a day went, hour by hour. Arguments: day (the latest one), scope (total), key or outlet, currency. */
#include "figures.h"
#include "hour.h"

static void row_of(struct query *query, const struct hour_parts *parts, const struct hour *hour)
{
	char day[DAY_TEXT_SIZE];

	day_text(parts->of.day, day);
	query_text(query, "scope", scope_text(parts->of.scope));
	query_text(query, "key", parts->of.code);
	query_text(query, "day", text_of(day));
	query_text(query, "currency", parts->of.currency);
	query_int(query, "hour_us", hour_us(parts->of.day, parts->slot));
	query_int(query, "revenue_minor", hour->revenue);
	query_int(query, "units_milli", hour->units);
	query_int(query, "tickets", hour->tickets);
}

/* The rows of one hour from a key on; false: the page is full. */
static bool answer_hour(struct query *query, struct bytes prefix, struct bytes from, struct text currency)
{
	struct bytes key, value = query_seek(query, TABLE_HOUR, from, &key);
	struct hour_parts parts;
	struct hour hour;

	for (; key.data != NULL; value = query_next(query, TABLE_HOUR, &key)) {
		if (key.size < prefix.size || memcmp(key.data, prefix.data, prefix.size) != 0)
			return true;
		if (!hour_parts(key, &parts) || !copy_row(value, &hour, sizeof(hour)) ||
		    (currency.size > 0 && !text_equal(currency, parts.of.currency)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return false;
		}
		row_of(query, &parts, &hour);
	}
	return true;
}

void query_hours(struct query *query)
{
	struct text scope = query_argument(query, "scope"), code = query_argument(query, "key"), day = query_argument(query, "day");
	struct bytes from = query_from(query);
	struct hour_parts begin = {.of = {.scope = scope.size > 0 ? scope_of(scope) : SCOPE_TOTAL,
					  .day = day.size > 0 ? day_of(day) : book_look(query).day_max}};
	uint8_t place[KEY_SIZE];
	bool goes_on = true;

	if (query_argument(query, "outlet").size > 0) {
		begin.of.scope = SCOPE_OUTLET;
		code = query_argument(query, "outlet");
	}
	if (begin.of.scope == 0 || code.size > CODE_SIZE || (from.size > 0 && !hour_parts(from, &begin)))
		return;
	for (unsigned slot = begin.slot; slot < HOUR_SLOTS && goes_on; slot++) {
		/* Without the currency, and without the end of the code where all are wanted. */
		struct bytes prefix = hour_key(place, begin.of.day, slot, begin.of.scope, code, (struct text){0});

		prefix.size -= code.size > 0 ? 3 : 4;
		goes_on = answer_hour(query, prefix, from.size > 0 ? from : prefix, query_argument(query, "currency"));
		from = bytes_of(NULL, 0);
	}
}
