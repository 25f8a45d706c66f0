/* query_kpi.c -- `get kpi`: every measure. Arguments: scope, key (or outlet), currency, day ("running" for
 * the running rows alone). */
#include "figures.h"

static void optional(struct query *query, const char *key, int64_t value)
{
	if (value != FIGURE_NONE)
		query_int(query, key, value);
}

static void row_of(struct query *query, const struct figures *f)
{
	const struct measures *m = &f->measures;

	query_text(query, "scope", scope_text(f->scope));
	query_text(query, "key", f->code);
	query_text(query, "day", text_of(f->day));
	query_text(query, "currency", f->currency);
	query_int(query, "revenue_minor", m->revenue.minor);
	query_int(query, "returns_minor", m->returns.minor);
	query_int(query, "units_milli", m->units.milli);
	query_int(query, "returned_units_milli", m->returned_units.milli);
	query_int(query, "written_off_milli", m->written_off.milli);
	query_int(query, "tickets", m->tickets);
	query_int(query, "return_tickets", m->return_tickets);
	query_int(query, "average_ticket_minor", f->average_ticket.minor);
	if (f->has_stock) {
		query_int(query, "stock_value_minor", f->stock_value.minor);
		query_int(query, "stock_units_milli", f->stock_units.milli);
	}
	optional(query, "turnover_bp", f->turnover_bp);
	optional(query, "days_of_cover_milli", f->cover_milli_days);
	query_int(query, "stock_outs", m->stock_outs);
	optional(query, "service_level_bp", f->service_level_bp);
	query_int(query, "restocks", m->restocks);
	optional(query, "lead_time_us", f->lead_us);
	query_int(query, "deliveries", m->deliveries);
	query_int(query, "delayed", m->delayed);
	optional(query, "on_time_bp", f->on_time_bp);
	query_int(query, "watermark_us", f->watermark_us);
	query_int(query, "terminals_heard", f->terminals_heard);
	query_int(query, "terminals_expected", f->terminals_expected);
	query_int(query, "completeness_bp", f->completeness_bp);
}

struct wanted {
	char scope;
	struct text code, currency, day;
};

static bool is_wanted(const struct wanted *wanted, const struct figures *f)
{
	if (wanted->currency.size > 0 && !text_equal(wanted->currency, f->currency))
		return false;
	if (wanted->code.size > 0 && !text_equal(wanted->code, f->code))
		return false;
	if (text_equal(wanted->day, TEXT_LITERAL("running")))
		return f->day[0] == 0;
	return wanted->day.size == 0 || text_equal(wanted->day, text_of(f->day));
}

/* The first key behind one: the figures of a row look around in the table, so the walk seeks anew. */
static struct bytes key_behind(uint8_t place[KEY_SIZE + 1], struct bytes key)
{
	CHECK(key.size <= KEY_SIZE);
	memcpy(place, key.data, key.size);
	place[key.size] = 0;
	return bytes_of(place, key.size + 1);
}

void query_kpi(struct query *query)
{
	struct wanted wanted = {.scope = scope_of(query_argument(query, "scope")),
				.code = query_argument(query, "key"),
				.currency = query_argument(query, "currency"),
				.day = query_argument(query, "day")};
	uint8_t place[KEY_SIZE], behind[KEY_SIZE + 1];
	struct bytes prefix = {0}, key, at;
	struct figures figures;

	if (query_argument(query, "outlet").size > 0) {
		wanted.scope = SCOPE_OUTLET;
		wanted.code = query_argument(query, "outlet");
	}
	if (wanted.code.size > CODE_SIZE || (wanted.scope == 0 && query_argument(query, "scope").size > 0))
		return;
	if (wanted.scope != 0)
		prefix = key_scope(place, wanted.scope, wanted.code);
	at = query_from(query).size > 0 ? query_from(query) : prefix;
	for (;; at = key_behind(behind, key)) {
		(void)query_seek(query, TABLE_MEASURE, at, &key);
		if (key.data == NULL || key.size < prefix.size || memcmp(key.data, place, prefix.size) != 0)
			return;
		if (!figures_of(query, key, &figures) || !is_wanted(&wanted, &figures))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_of(query, &figures);
	}
}
