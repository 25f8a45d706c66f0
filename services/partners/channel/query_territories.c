/* query_territories.c -- `get territories`: which areas were granted to whom, by area. Arguments: outlet (the holder), area. */
#include "channel/territory.h"

static void answer_day(struct query *query, const char *name, int64_t day)
{
	char text[DAY_TEXT_SIZE];

	if (day == INT64_MIN || day == INT64_MAX)
		return;
	day_text(day, text);
	query_text(query, name, text_of(text));
}

static bool is_wanted(struct query *query, struct text area, const struct grant *grant)
{
	struct text holder = query_argument(query, "outlet"), within = query_argument(query, "area");

	return (holder.size == 0 || text_equal(holder, CODE_TEXT(grant->holder))) && (within.size == 0 || area_contains(area, within));
}

void query_territories(struct query *query)
{
	struct bytes key = query_from(query), row;

	for (row = query_seek(query, TABLE_GRANT, key, &key); key.data != NULL; row = query_next(query, TABLE_GRANT, &key)) {
		struct text area = key_part(key, 0);
		struct grant grant;

		if (row.size != sizeof(grant))
			continue;
		memcpy(&grant, row.data, sizeof(grant));
		if (!is_wanted(query, area, &grant))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "area", area);
		query_text(query, "territory", key_part(key, 1));
		query_text(query, "kind", CODE_TEXT(grant.kind));
		query_text(query, "outlet", CODE_TEXT(grant.holder));
		query_text(query, "brand", CODE_TEXT(grant.brand));
		answer_day(query, "from", grant.from);
		answer_day(query, "until", grant.until);
		if (query_get(query, TABLE_SHAPE, bytes_of_text(key_part(key, 1))).size > 0)
			query_bool(query, "polygon", true);
	}
}
