/* scheme.c -- a version of a scheme begins to count. */
#include "rebates/scheme.h"

#include "base/error.h"
#include "network/outlet.h"
#include "rebates/condition.h"
#include "rebates/early.h"
#include "record.h"
#include "rules.h"

static uint32_t word_at(struct text word, const char *const *words)
{
	uint32_t at = 0;

	while (words[at] != NULL && !text_equal(word, text_of(words[at])))
		at++;
	return at;
}

static int32_t day_of(struct text day)
{
	int32_t number;

	(void)day_counts(day, &number);
	return number;
}

static void compile_goods(const struct scheme_submitted *submitted, struct scheme *scheme)
{
	scheme->goods_kind = submitted->has_sku ? 's' : submitted->has_category ? 'c' : submitted->has_brand ? 'b' : 'a';
	CODE_PUT(scheme->goods, submitted->has_sku	  ? submitted->sku
				: submitted->has_category ? submitted->category
				: submitted->has_brand	  ? submitted->brand
							  : (struct text){0});
}

static void compile_conditions(const struct scheme_submitted *submitted, struct scheme *scheme)
{
	scheme->mix_kind = submitted->has_mix_category ? 'c' : submitted->has_mix_brand ? 'b' : 0;
	CODE_PUT(scheme->mix, submitted->has_mix_category ? submitted->mix_category : submitted->mix_brand);
	scheme->mix_bp = submitted->has_mix_bp ? (uint32_t)submitted->mix_bp : 0;
	scheme->mix_skus = submitted->has_mix_skus ? (uint32_t)submitted->mix_skus : 0;
	scheme->display_days = submitted->has_display_days ? (uint32_t)submitted->display_days : 0;
	scheme->paid_within = submitted->has_paid_within ? (uint32_t)submitted->paid_within + 1 : 0;
	scheme->clean_only = submitted->has_clean_only && submitted->clean_only;
}

void scheme_compile(const struct scheme_submitted *submitted, struct scheme *scheme)
{
	static const char *const periods[] = {"month", "quarter", "year", "once", NULL};
	int exponent = currency_exponent(submitted->currency);

	*scheme = (struct scheme){.cap = submitted->has_cap ? submitted->cap.minor : -1,
				  .from = day_of(submitted->from),
				  .until = submitted->has_until ? day_of(submitted->until) : DAY_MAX,
				  .basis = text_equal(submitted->basis, TEXT_LITERAL("units")) ? BASIS_UNITS : BASIS_REVENUE,
				  .period = word_at(submitted->period, periods),
				  .ladder = text_equal(submitted->ladder, TEXT_LITERAL("band")) ? LADDER_BAND : LADDER_WHOLE,
				  .tier = submitted->has_tier ? (uint32_t)submitted->tier : 0,
				  .exponent = exponent > 0 ? (uint32_t)exponent : 0,
				  .clean_channel = submitted->has_clean_channel ? (uint32_t)submitted->clean_channel : 0,
				  .is_draft = submitted->has_status && text_equal(submitted->status, TEXT_LITERAL("draft")),
				  .step_count = submitted->steps.count};
	if (submitted->has_growth)
		scheme->growth =
		    text_equal(submitted->growth, TEXT_LITERAL("previous")) ? GROWTH_PREVIOUS : GROWTH_YEAR_BEFORE;
	compile_goods(submitted, scheme);
	compile_conditions(submitted, scheme);
	if (submitted->has_outlet)
		CODE_PUT(scheme->outlet, submitted->outlet);
	CODE_PUT(scheme->currency, submitted->currency);
	for (uint32_t i = 0; i < submitted->steps.count && i < STEPS_MAX; i++) {
		const struct scheme_submitted_step *step = &submitted->steps.items[i];

		scheme->steps[i] = (struct step){step->from, scheme->basis == BASIS_UNITS ? step->amount.e4 : step->rate_bp};
	}
}

bool scheme_latest(struct turn *turn, struct text code, struct scheme *scheme)
{
	int64_t version = record_get(turn, TABLE_SCHEME, bytes_of_text(code)).version;

	return version > 0 && turn_must(turn, scheme_get(turn, code, version, scheme));
}

bool scheme_same(const struct scheme *before, const struct scheme *now)
{
	return before->basis == now->basis && before->period == now->period && before->growth == now->growth && before->from == now->from &&
	       before->tier == now->tier && before->goods_kind == now->goods_kind &&
	       memcmp(before->goods, now->goods, sizeof(now->goods)) == 0 && memcmp(before->outlet, now->outlet, sizeof(now->outlet)) == 0 &&
	       memcmp(before->currency, now->currency, sizeof(now->currency)) == 0 && before->mix_kind == now->mix_kind &&
	       memcmp(before->mix, now->mix, sizeof(now->mix)) == 0 && (before->mix_skus > 0) == (now->mix_skus > 0) &&
	       before->paid_within == now->paid_within && (before->is_draft || !now->is_draft);
}

/* The first period of a scheme at an outlet that begins on this day or later; false: there is none. */
static bool standing_from(struct turn *turn, struct text outlet, struct text code, int32_t from, struct place *place,
			  struct standing *standing)
{
	struct place wanted = {outlet, code, from};
	uint8_t key[KEY_SIZE];
	struct bytes found, row = turn_seek(turn, TABLE_REBATE, standing_key(key, &wanted), &found);

	if (found.data == NULL || !standing_place(found, place) || !text_equal(place->outlet, outlet) || !text_equal(place->scheme, code) ||
	    !standing_read(row, standing))
		return false;
	*place = (struct place){outlet, code, place->period}; /* the key is lent for a moment only */
	return true;
}

int32_t scheme_counted(struct turn *turn, struct text code)
{
	char outlet[CODE_SIZE] = {0};
	int32_t latest = 0;

	while (day_next_outlet(turn, CODE_TEXT(outlet), outlet)) {
		struct standing standing;
		struct place place;

		for (int32_t from = 0; standing_from(turn, CODE_TEXT(outlet), code, from, &place, &standing); from = place.period + 1)
			latest = standing.day_max > latest ? standing.day_max : latest;
	}
	return latest;
}

/* What a version that judges a period changes of it: its end, and what is due. */
static void judge(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing)
{
	struct span span = period_of(scheme, place->period);

	standing->version = scheme->version;
	if (span.until != standing->until) {
		ending_del(turn, standing->ends_us, place);
		standing->ends_us += ((int64_t)span.until - standing->until) * US_PER_DAY;
		standing->until = span.until;
		ending_put(turn, standing->ends_us, place);
	}
	condition_count(turn, place, scheme, standing);
	/* R115: A new version of a scheme judges every period that is not locked; what that changes is an adjustment. */
	rebate_settle_footing(turn, place, scheme, standing, CAUSE_POLICY);
}

static void judge_outlet(struct turn *turn, struct text outlet, struct text code, const struct scheme *scheme)
{
	struct standing standing;
	struct place place;

	for (int32_t from = 0; standing_from(turn, outlet, code, from, &place, &standing); from = place.period + 1)
#if !defined(MUTANT_LOCK_REOPENED)
		if (!standing.is_locked && standing.version != scheme->version)
#endif
			judge(turn, &place, scheme, &standing);
}

/* R117: The days of a scheme that were heard before it was declared count too, as far back as any scheme has been known; those of one SKU
 * alone do not. */
static void recount_outlet(struct turn *turn, struct text outlet, struct text code, const struct scheme *scheme)
{
	char paid[CODE_SIZE];
	struct goods_code goods =
	    scheme->paid_within > 0 ? early_goods(EARLY_NEVER, paid) : (struct goods_code){scheme->goods_kind, CODE_TEXT(scheme->goods)};
	struct text currency = CODE_TEXT(scheme->currency);
	int32_t latest = scheme->paid_within > 0 ? DAY_MAX : book_get(turn).day_max, day = day_first(turn, outlet, currency, &goods, scheme->from);

	while (day > 0 && day <= latest && day <= scheme->until) {
		struct span span = period_of(scheme, day), days = span;
		struct place place = {outlet, code, span.from};
		struct standing standing;

		days.from = days.from < scheme->from ? scheme->from : days.from;
		days.until = days.until > scheme->until ? scheme->until : days.until;
		struct day_sum sum = day_sum(turn, outlet, currency, &goods, days);
		rebate_open(turn, &place, scheme, &standing);
		if (!standing.is_locked) {
			standing.basis = scheme->paid_within > 0	    ? early_sum(turn, outlet, scheme, days)
					 : scheme->basis == BASIS_REVENUE ? sum.revenue
									  : sum.units;
			standing.mix = condition_mix(turn, &place, scheme, days);
			standing.day_max = day_last(turn, outlet, currency, &goods, days);
			judge(turn, &place, scheme, &standing);
		}
		day = days.until < DAY_MAX ? day_first(turn, outlet, currency, &goods, days.until + 1) : 0;
	}
}

static bool is_for(struct turn *turn, const struct scheme *scheme, struct text code)
{
	struct outlet_submitted outlet;

	if (scheme->outlet[0] != 0)
		return text_equal(CODE_TEXT(scheme->outlet), code);
	if (scheme->tier == 0)
		return true;
	return outlet_known(turn, code, &outlet) && outlet.tier == scheme->tier;
}

static void aim(struct turn *turn, struct text code, const struct scheme *scheme)
{
	char tier = (char)('0' + scheme->tier);
	struct book book = book_get(turn);
	struct aim aim = {.version = scheme->version};

	CODE_PUT(aim.scheme, code);
	if (scheme->outlet[0] != 0)
		aims_put(turn, 'o', CODE_TEXT(scheme->outlet), &aim);
	else if (scheme->tier != 0)
		aims_put(turn, 't', (struct text){&tier, 1}, &aim);
	else
		aims_put(turn, 'a', (struct text){0}, &aim);
	book.places |= scheme->outlet[0] != 0 ? PLACE_OUTLET : scheme->tier != 0 ? PLACE_TIER : PLACE_ALL;
	book.schemes += scheme->version == 1;
	book_put(turn, &book);
}

void scheme_declare(struct turn *turn, struct text code, struct scheme *scheme)
{
	char outlet[CODE_SIZE] = {0};
	struct scheme before;
	bool known = scheme->version > 1;

	if (known && !turn_must(turn, scheme_get(turn, code, scheme->version - 1, &before)))
		return;
	bool recount = scheme->goods_kind != 's' && scheme->mix_skus == 0 && (!known || before.is_draft || before.until != scheme->until);

	scheme_put(turn, code, scheme);
	aim(turn, code, scheme);
	while (!scheme->is_draft && day_next_outlet(turn, CODE_TEXT(outlet), outlet)) {
		struct text at = CODE_TEXT(outlet);

		if (recount && is_for(turn, scheme, at))
			recount_outlet(turn, at, code, scheme);
		judge_outlet(turn, at, code, scheme);
	}
}
