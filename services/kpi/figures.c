/* figures.c -- rates out of sums. */
#include "figures.h"

#include "kernel/query.h"
#include "till.h"

struct text scope_text(char scope)
{
	switch (scope) {
	case SCOPE_OUTLET:
		return TEXT_LITERAL("outlet");
	case SCOPE_TIER:
		return TEXT_LITERAL("tier");
	case SCOPE_CATEGORY:
		return TEXT_LITERAL("category");
	case SCOPE_BRAND:
		return TEXT_LITERAL("brand");
	default:
		return TEXT_LITERAL("total");
	}
}

char scope_of(struct text word)
{
	static const char scopes[] = {SCOPE_OUTLET, SCOPE_TIER, SCOPE_CATEGORY, SCOPE_BRAND, SCOPE_TOTAL};

	for (size_t i = 0; i < sizeof(scopes); i++)
		if (text_equal(scope_text(scopes[i]), word))
			return scopes[i];
	return 0;
}

int64_t look_setting(struct query *query, enum kpi_setting setting)
{
	return engine_setting(query_engine(query), setting);
}

static bool standing_look(struct query *query, const struct measure_parts *parts, struct standing *standing)
{
	uint8_t key[KEY_SIZE];

	return look_get(query, TABLE_MEASURE, measure_key(key, parts->scope, parts->code, parts->currency, 0),
			standing, sizeof(*standing));
}

bool figures_measures(struct query *query, const struct measure_parts *parts, struct measures *measures)
{
	uint8_t key[KEY_SIZE];
	struct standing standing;

	if (parts->day != 0 &&
	    look_get(query, TABLE_MEASURE,
		     measure_key(key, parts->scope, parts->code, parts->currency, parts->day), measures,
		     sizeof(*measures)))
		return true;
	if (!standing_look(query, parts, &standing) || (parts->day != 0 && parts->day != standing.day))
		return false;
	*measures = parts->day == 0 ? standing.running : standing.today;
	return true;
}

/* Units sold in the last `days` business days of a scope that are over; *days becomes how many there are, at
 * least one. */
static int64_t sold_lately(struct query *query, const struct measure_parts *parts,
			   const struct standing *standing, int64_t *days)
{
	uint8_t key[KEY_SIZE];
	struct measure_parts at = {0};
	struct bytes found, value;
	struct measures day;
	wide sold = 0;
	int64_t from = standing->day - *days < 1 ? 1 : standing->day - *days, first = 0;
	size_t prefix = measure_key(key, parts->scope, parts->code, parts->currency, (int32_t)from).size - 4;

	value = query_seek(query, TABLE_MEASURE, bytes_of(key, prefix + 4), &found);
	for (; found.size == prefix + 4 && memcmp(found.data, key, prefix) == 0;
	     value = query_next(query, TABLE_MEASURE, &found)) {
		if (!measure_parts(found, &at) || !copy_row(value, &day, sizeof(day)))
			break; /* the latest day */
		first = first == 0 ? at.day : first;
		sold += day.units.milli;
	}
	*days = first == 0 ? 1 : standing->day - first;
	return first == 0 ? standing->today.units.milli : shown(sold);
}

/* R26: The days of cover are the stock over the mean daily units of the last cover_days business days that
   are over, or of as many as there are; the turnover is the units sold over the mean stock. */
static void stock_figures(struct query *query, const struct measure_parts *parts, struct figures *figures)
{
	int exponent = currency_exponent(parts->currency);
	int64_t days = look_setting(query, SETTING_COVER_DAYS), sold, mean;
	struct standing standing;

	figures->turnover_bp = FIGURE_NONE;
	figures->cover_milli_days = FIGURE_NONE;
	if (parts->day != 0 || !standing_look(query, parts, &standing) || standing.stock.since_us == 0)
		return;
	figures->has_stock = true;
	figures->stock_value = level_value(&standing.stock, exponent < 0 ? 2 : exponent);
	figures->stock_units = quantity_of(shown(standing.stock.units));
	mean = level_mean(&standing.stock, figures->watermark_us);
	if (mean > 0)
		figures->turnover_bp = share_bp(standing.running.units.milli, mean);
	sold = sold_lately(query, parts, &standing, &days);
	figures->cover_milli_days = cover_milli_days(standing.stock.units, sold, days);
}

static void rate_figures(struct figures *figures)
{
	const struct measures *m = &figures->measures;

	figures->average_ticket = ticket_average(m->revenue, m->tickets);
	figures->service_level_bp =
	    m->lines > 0 ? share_bp(m->lines - m->short_lines, m->lines) : FIGURE_NONE;
	figures->lead_us = m->restocks > 0 ? m->lead_us / m->restocks : FIGURE_NONE;
	figures->on_time_bp = m->deliveries > 0 ? share_bp(m->on_time, m->deliveries) : FIGURE_NONE;
}

bool figures_of(struct query *query, struct bytes key, struct figures *figures)
{
	struct measure_parts parts;
	struct completeness tills;

	*figures = (struct figures){0};
	if (!measure_parts(key, &parts) || text_equal(parts.currency, CURRENCY_UNKNOWN) ||
	    !figures_measures(query, &parts, &figures->measures))
		return false;
	figures->scope = parts.scope;
	figures->code = parts.code;
	figures->currency = parts.currency;
	if (parts.day != 0)
		day_text(parts.day, figures->day);
	figures->watermark_us = book_look(query).watermark_us;
	rate_figures(figures);
	stock_figures(query, &parts, figures);
	/* The tills of a category or a brand are those of everybody. */
	bool is_of_goods = parts.scope == SCOPE_CATEGORY || parts.scope == SCOPE_BRAND;
	tills = till_completeness(query, is_of_goods ? SCOPE_TOTAL : parts.scope,
				  is_of_goods ? TOTAL_CODE : parts.code, figures->watermark_us,
				  look_setting(query, SETTING_WINDOW_HOURS));
	figures->terminals_heard = tills.heard;
	figures->terminals_expected = tills.expected;
	figures->completeness_bp = tills.expected > 0 ? share_bp(tills.heard, tills.expected) : WHOLE_BP;
	return true;
}
