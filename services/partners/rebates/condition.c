/* condition.c -- what the conditions of schemes look at. */
#include "rebates/condition.h"

#include "rebates/scheme.h"

static struct goods_code mix_of(const struct scheme *scheme)
{
	return (struct goods_code){scheme->mix_kind, CODE_TEXT(scheme->mix)};
}

/* R131: The mix of a period is the share of a category or a brand in all that the scheme counts, and the number of SKUs of which it has sold
 * more than came back. */
void condition_lines(struct turn *turn, const struct place *place, const struct scheme *scheme, const struct ticket *ticket,
		     struct standing *standing)
{
	for (uint32_t i = 0; i < ticket->count; i++) {
		const struct counted *line = &ticket->lines[i];

		if (!goods_is(scheme, line))
			continue;
		if (scheme->mix_kind != 0 && goods_in(mix_of(scheme), line))
			standing->mix = sum_of(standing->mix, scheme->basis == BASIS_REVENUE ? line->revenue : line->units);
		if (scheme->mix_skus > 0)
			standing->skus += sku_add(turn, place, line->sku, line->units);
	}
}

int64_t condition_mix(struct turn *turn, const struct place *place, const struct scheme *scheme, struct span days)
{
	struct goods_code goods = mix_of(scheme);

	if (scheme->mix_kind == 0)
		return 0;
	struct day_sum sum = day_sum(turn, place->outlet, CODE_TEXT(scheme->currency), &goods, days);
	return scheme->basis == BASIS_REVENUE ? sum.revenue : sum.units;
}

void condition_count(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing)
{
	struct span span = {standing->from, standing->until};

	standing->displays = scheme->display_days > 0 ? found_count(turn, 'w', place, span) : 0;
	standing->cases = scheme->clean_only > 0 ? found_count(turn, 'v', place, span) : 0;
}

/* A period that is there is counted again; one that is not yet will look for itself. */
static void look_again(struct turn *turn, const struct place *place, enum cause cause)
{
	struct standing standing;
	struct scheme scheme;

	if (!standing_open(turn, place, &standing, &scheme))
		return;
	condition_count(turn, place, &scheme, &standing);
	rebate_settle_footing(turn, place, &scheme, &standing, cause);
}

/* R133: A day on which staff saw the display stand counts once, for the period that it lies in, whenever it is told; without as many of them
 * as the scheme says nothing is due. */
void condition_display(struct turn *turn, const struct place *place, struct text number, bool stood)
{
	struct place period = *place;
	struct scheme scheme;

	if (stood)
		found_put(turn, 'w', place, number);
	else
		found_del(turn, 'w', place, number);
	if (!scheme_latest(turn, place->scheme, &scheme) || place->period < scheme.from || place->period > scheme.until)
		return;
	period.period = period_of(&scheme, place->period).from;
	look_again(turn, &period, CAUSE_DISPLAY);
}

/* R134: A case that is upheld, however lightly, is one of the period in which it was opened for as long as it stays upheld; a scheme of clean
 * channel alone has nothing due for a period with one. */
void condition_case(struct turn *turn, const struct place *place, const struct scheme *scheme)
{
	if (scheme->clean_only > 0)
		look_again(turn, place, CAUSE_CASE);
}
