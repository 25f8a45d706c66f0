/* query_rebates.c -- `get rebates`: how every period stands. Arguments: outlet, scheme, day (the first one of the period). */
#include "rebates/rebate.h"

/* Money and units have columns of their own; a scheme fills one of the two. */
static void in_unit(struct query *query, const struct scheme *scheme, const char *minor, const char *milli, int64_t number)
{
	query_int(query, minor, scheme->basis == BASIS_REVENUE ? number : 0);
	query_int(query, milli, scheme->basis == BASIS_UNITS ? number : 0);
}

/* While its conditions are not met, the step that the basis would reach with them. */
static int64_t next_of(const struct scheme *scheme, const struct footing *footing, int64_t missing)
{
	struct footing there = *footing;
	uint32_t step = scheme->step_count;

	there.basis = sum_of(there.basis, missing);
	while (step > 1 && there.basis < ladder_from(scheme, there.base, step))
		step--;
	return step;
}

/* What the conditions ask for, and how far they are met. */
static void answer_conditions(struct query *query, const struct scheme *scheme, const struct footing *footing)
{
	if (!ladder_conditions(scheme))
		return;
	query_bool(query, "met", ladder_meets(scheme, footing));
	query_int(query, "mix_wanted_bp", scheme->mix_bp);
	in_unit(query, scheme, "mix_minor", "mix_milli", footing->mix);
	query_int(query, "skus_wanted", scheme->mix_skus);
	query_int(query, "skus", footing->skus);
	query_int(query, "displays_wanted", scheme->display_days);
	query_int(query, "displays", footing->displays);
	query_int(query, "cases", footing->cases);
}

static void answer_next(struct query *query, const struct scheme *scheme, const struct footing *footing)
{
	int64_t missing = 0, gain = 0;
	bool has_next = ladder_next(scheme, footing, &missing, &gain);

	query_int(query, "next_step", has_next ? next_of(scheme, footing, missing) : 0);
	in_unit(query, scheme, "missing_minor", "missing_milli", missing);
	query_int(query, "gain_minor", gain);
}

static void answer_sums(struct query *query, const struct scheme *scheme, const struct standing *standing)
{
	struct footing footing = rebate_footing(standing);
	uint32_t step = ladder_step(scheme, &footing);

	in_unit(query, scheme, "revenue_minor", "units_milli", standing->basis);
	query_int(query, "step", step);
	query_int(query, scheme->basis == BASIS_REVENUE ? "rate_bp" : "rate_e4", step > 0 ? scheme->steps[step - 1].rate : 0);
	query_int(query, "accrued_minor", standing->accrued);
	query_int(query, "adjusted_minor", standing->adjusted);
	query_int(query, "settled_minor", standing->settled);
	query_int(query, "balance_minor", rebate_balance(standing));
	answer_next(query, scheme, &footing);
	in_unit(query, scheme, "base_minor", "base_milli", standing->base);
	query_int(query, "clawback_bp", standing->share);
	answer_conditions(query, scheme, &footing);
	query_bool(query, "locked", standing->is_locked);
	query_int(query, "sales", (int64_t)standing->sales);
	query_int(query, "returns", (int64_t)standing->returns);
	query_int(query, "voids", (int64_t)standing->voids);
	query_int(query, "entries", (int64_t)standing->entries);
	query_text(query, "root", (struct text){standing->root, ROOT_TEXT});
}

/* False: the page is full. */
static bool answer_row(struct query *query, struct bytes key, const struct place *place, const struct standing *standing)
{
	char period[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct scheme scheme;

	if (!scheme_look(query, place->scheme, standing->version, &scheme))
		return true;
	if (!query_row(query)) {
		query_more(query, key);
		return false;
	}
	day_text(place->period, period);
	day_text(standing->until, until);
	query_text(query, "outlet", place->outlet);
	query_text(query, "scheme", place->scheme);
	query_text(query, "period", text_of(period));
	query_text(query, "until", text_of(until));
	query_int(query, "version", standing->version);
	query_text(query, "currency", CODE_TEXT(scheme.currency));
	answer_sums(query, &scheme, standing);
	return true;
}

static bool is_wanted(struct query *query, const struct place *place)
{
	struct text scheme = query_argument(query, "scheme"), day = query_argument(query, "day");
	char period[DAY_TEXT_SIZE];

	day_text(place->period, period);
	return (scheme.size == 0 || text_equal(scheme, place->scheme)) && (day.size == 0 || text_equal(day, text_of(period)));
}

void query_rebates(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key = query_from(query), row;
	struct standing standing;
	struct place place;

	if (key.size == 0)
		key = bytes_of_text(outlet);
	for (row = query_seek(query, TABLE_REBATE, key, &key); key.data != NULL; row = query_next(query, TABLE_REBATE, &key)) {
		if (!standing_place(key, &place) || !standing_read(row, &standing))
			continue;
		if (outlet.size > 0 && !text_equal(outlet, place.outlet)) {
			if (bytes_compare(bytes_of_text(place.outlet), bytes_of_text(outlet)) > 0)
				return;
			continue;
		}
		if (is_wanted(query, &place) && !answer_row(query, key, &place, &standing))
			return;
	}
}
