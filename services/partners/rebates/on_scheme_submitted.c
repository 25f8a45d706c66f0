/* on_scheme_submitted.c -- staff publishes a rebate scheme. */
#include "rebates/scheme.h"
#include "record.h"
#include "rules.h"

/* R100: A scheme is for one outlet, one tier or all, and counts one SKU, one category, one brand or all goods; what it names is known. */
static bool scope_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	if (scheme->has_outlet && scheme->has_tier)
		return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_scope", "give an outlet or a tier, not both");
	if (scheme->has_sku + scheme->has_category + scheme->has_brand > 1)
		return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_scope", "give a sku, a category or a brand, not several");
	if (scheme->has_outlet && !record_names(turn, TABLE_SCHEME, scheme->scheme, TABLE_OUTLET, scheme->outlet))
		return false;
	return !scheme->has_sku || record_names(turn, TABLE_SCHEME, scheme->scheme, TABLE_PRODUCT, scheme->sku);
}

/* R101: The words of a scheme are those of their lists, and its days are days in order; what is one period has a last day. */
static bool words_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	const struct text last = scheme->has_until ? scheme->until : TEXT_LITERAL("9999-12-31");
	int64_t first = 0;

	if (!record_word(turn, TABLE_SCHEME, scheme->scheme, "basis", scheme->basis, "unknown_basis") ||
	    !record_word(turn, TABLE_SCHEME, scheme->scheme, "period", scheme->period, "bad_period") ||
	    !record_word(turn, TABLE_SCHEME, scheme->scheme, "ladder", scheme->ladder, "bad_ladder") ||
	    !record_currency(turn, TABLE_SCHEME, scheme->scheme, scheme->currency))
		return false;
	if (scheme->has_growth && !record_word(turn, TABLE_SCHEME, scheme->scheme, "growth", scheme->growth, "bad_growth"))
		return false;
	if (scheme->has_status && !record_word(turn, TABLE_SCHEME, scheme->scheme, "status", scheme->status, "unknown_status"))
		return false;
	if (!period_ordered(scheme->from, last) || !day_number(scheme->from, &first) || first < 1)
		return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_period",
				     "from and until are days from 1970-01-02 on, the first not after the last");
	return scheme->has_until || !text_equal(scheme->period, TEXT_LITERAL("once")) ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_period", "a scheme of one period has a last day");
}

/* R102: The steps of a ladder rise strictly and its rates nowhere fall; revenue has rates of at most the whole, units have amounts; a cap is not
 * negative. */
static bool ladder_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	bool units = text_equal(scheme->basis, TEXT_LITERAL("units"));
	struct scheme compiled;

	for (uint32_t i = 0; i < scheme->steps.count; i++) {
		const struct scheme_submitted_step *step = &scheme->steps.items[i];

		if (step->has_amount != units || step->has_rate_bp == units)
			return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_ladder",
					     "step %u: revenue has a rate_bp, units have an amount", i + 1);
		if (!units && step->rate_bp > WHOLE_BP)
			return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_ladder", "step %u gives back more than was paid", i + 1);
	}
	scheme_compile(scheme, &compiled);
	if (!steps_rise(compiled.steps, compiled.step_count))
		return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_ladder",
				     "steps rise strictly, rates nowhere fall and are not negative");
	return !scheme->has_cap || scheme->cap.minor >= 0 ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_cap", "a cap is not negative");
}

/* R103: A scheme that is known may change its name, steps, cap, clawback, conditions and last day, and become active; what it counts, where and from when
 * is another scheme. No day that has counted falls out. */
static bool change_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	struct scheme known, now;

	if (!scheme_latest(turn, scheme->scheme, &known))
		return true;
	scheme_compile(scheme, &now);
	if (!scheme_same(&known, &now))
		return record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_change",
				     "what a scheme counts, where and from when stays; give another scheme");
	return now.until >= known.until || scheme_counted(turn, scheme->scheme) <= now.until ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_change", "days after its new last one have counted");
}

/* Growth is measured by sums of days, which are kept by category, by brand and for all goods. */
static bool growth_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	return !scheme->has_growth || !scheme->has_sku ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_growth", "growth is measured of a category, a brand or all goods");
}

/* R130: A condition on the mix is a share of one category or one brand in all goods, a number of SKUs, or both. */
static bool mix_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	bool narrow = scheme->has_sku || scheme->has_category || scheme->has_brand;
	int of = scheme->has_mix_category + scheme->has_mix_brand;

	return (of == scheme->has_mix_bp && !(of > 0 && narrow)) ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_mix", "a mix is a mix_bp of one category or one brand in all goods");
}

/* R136: A scheme of early payment counts revenue of all orders: it has no goods, no growth and no mix. */
static bool early_valid(struct turn *turn, const struct scheme_submitted *scheme)
{
	bool narrow = scheme->has_sku || scheme->has_category || scheme->has_brand || scheme->has_growth || scheme->has_mix_bp ||
		      scheme->has_mix_skus;

	return !scheme->has_paid_within || (!narrow && text_equal(scheme->basis, TEXT_LITERAL("revenue"))) ||
	       record_refuse(turn, TABLE_SCHEME, scheme->scheme, "bad_early",
			     "early payment counts the revenue of all orders, without goods, growth or mix");
}

void on_scheme_submitted(struct turn *turn, const struct scheme_submitted *submitted)
{
	int64_t version = record_get(turn, TABLE_SCHEME, bytes_of_text(submitted->scheme)).version;
	struct scheme scheme;

	if (!scope_valid(turn, submitted) || !words_valid(turn, submitted) || !ladder_valid(turn, submitted) ||
	    !growth_valid(turn, submitted) || !mix_valid(turn, submitted) || !early_valid(turn, submitted) || !change_valid(turn, submitted))
		return;
	record_submit(turn, TABLE_SCHEME, bytes_of_text(submitted->scheme), submitted);
	scheme_compile(submitted, &scheme);
	scheme.version = record_get(turn, TABLE_SCHEME, bytes_of_text(submitted->scheme)).version;
	if (scheme.version > version)
		scheme_declare(turn, submitted->scheme, &scheme);
}
