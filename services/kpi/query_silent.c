/* query_silent.c -- `get silent`: open outlets that have not sold anything for some business days. Arguments: days (7), outlet. */
#include "figures.h"

#define SILENT_DAYS 7

/* The last business day with a ticket; 0: it never sold. */
static int64_t last_sale(struct query *query, struct text outlet)
{
	uint8_t place[KEY_SIZE];
	struct measure_parts parts;
	struct measures measures;
	struct bytes prefix = key_scope(place, SCOPE_OUTLET, outlet), key;
	int64_t last = 0;

	place[prefix.size++] = 0;
	(void)query_seek(query, TABLE_MEASURE, prefix, &key);
	for (; key.data != NULL; (void)query_next(query, TABLE_MEASURE, &key)) {
		if (key.size < prefix.size || memcmp(key.data, prefix.data, prefix.size) != 0 || !measure_parts(key, &parts))
			break;
		if (parts.day > last && figures_measures(query, &parts, &measures) && measures.tickets > 0)
			last = parts.day;
	}
	return last;
}

/* The day of a moment in an outlet's own calendar. */
static int64_t day_there(int64_t us, const struct outlet *outlet)
{
	int64_t there = us + outlet->offset * US_PER_MINUTE;

	return there >= 0 ? there / US_PER_DAY : (there - US_PER_DAY + 1) / US_PER_DAY;
}

static void row_of(struct query *query, struct text code, const struct outlet *outlet, const int64_t days[2])
{
	char day[DAY_TEXT_SIZE];

	query_text(query, "outlet", code);
	query_int(query, "tier", outlet->tier);
	if (days[0] == 0)
		return;
	day_text(days[0], day);
	query_text(query, "last_day", text_of(day));
	query_int(query, "days", days[1] - days[0]);
}

/* R50: An outlet is silent when it is open and its last business day with a ticket lies as many days back as is asked for, in its own
   calendar at the watermark; one that has never sold is silent as well. */
void query_silent(struct query *query)
{
	int64_t least = query_argument_int(query, "days", SILENT_DAYS), watermark_us = book_look(query).watermark_us;
	struct text wanted = query_argument(query, "outlet");
	struct outlet outlet;
	struct bytes key, value = query_seek(query, TABLE_OUTLET, query_from(query), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_OUTLET, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(value, &outlet, sizeof(outlet)) || outlet.tier == 0 || outlet.closed ||
		    (wanted.size > 0 && !text_equal(wanted, code)))
			continue;
		const int64_t days[2] = {last_sale(query, code), day_there(watermark_us, &outlet)};
		if (days[0] != 0 && days[1] - days[0] < least)
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_of(query, code, &outlet, days);
	}
}
