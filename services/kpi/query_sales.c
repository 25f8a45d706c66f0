/* query_sales.c -- `get sales`: what every outlet sold on every day. Arguments: outlet, day. */
#include "figures.h"

static bool any_sales(const struct measures *m)
{
	return m->tickets != 0 || m->return_tickets != 0 || m->revenue.minor != 0 || m->returns.minor != 0 ||
	       m->units.milli != 0 || m->returned_units.milli != 0;
}

static void row_of(struct query *query, const struct measure_parts *parts, const char *day,
		   const struct measures *m)
{
	query_text(query, "outlet", parts->code);
	query_text(query, "day", text_of(day));
	query_text(query, "currency", parts->currency);
	query_int(query, "tickets", m->tickets);
	query_int(query, "units_milli", m->units.milli);
	query_int(query, "revenue_minor", m->revenue.minor);
	query_int(query, "returns_minor", m->returns.minor);
	query_int(query, "return_tickets", m->return_tickets);
	query_int(query, "returned_units_milli", m->returned_units.milli);
	query_int(query, "written_off_milli", m->written_off.milli);
}

void query_sales(struct query *query)
{
	struct text outlet = query_argument(query, "outlet"), wanted_day = query_argument(query, "day");
	uint8_t place[KEY_SIZE];
	char day[DAY_TEXT_SIZE];
	struct measure_parts parts;
	struct measures measures;
	struct bytes prefix, key;

	if (outlet.size > CODE_SIZE)
		return;
	prefix = key_scope(place, SCOPE_OUTLET, outlet);
	if (outlet.size > 0)
		place[prefix.size++] = 0;
	(void)query_seek(query, TABLE_MEASURE, query_from(query).size > 0 ? query_from(query) : prefix, &key);
	for (; key.data != NULL; (void)query_next(query, TABLE_MEASURE, &key)) {
		if (key.size < prefix.size || memcmp(key.data, prefix.data, prefix.size) != 0 ||
		    !measure_parts(key, &parts))
			return;
		if (parts.day == 0 || !figures_measures(query, &parts, &measures) || !any_sales(&measures))
			continue;
		day_text(parts.day, day);
		if (wanted_day.size > 0 && !text_equal(wanted_day, text_of(day)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_of(query, &parts, day, &measures);
	}
}
