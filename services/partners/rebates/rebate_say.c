/* rebate_say.c -- one entry of a period: its sums, its place in the chain, its event. */
#include "rebates/rebate.h"

#include "rebate/entry.h"

static struct text word_of(enum cause cause)
{
	static const char *const words[] = {"accrued", "step_crossed", "return",  "void", "late_sale", "policy",
					    "base_changed", "violation",    "display", "case", "payment"};

	return text_of(words[cause]);
}

struct footing rebate_footing(const struct standing *standing)
{
	return (struct footing){.basis = standing->basis,
				.base = standing->base,
				.share = standing->share,
				.mix = standing->mix,
				.skus = standing->skus,
				.displays = standing->displays,
				.cases = standing->cases};
}

int64_t rebate_balance(const struct standing *standing)
{
	return standing->accrued + standing->adjusted - standing->settled;
}

static int64_t shown(int64_t number)
{
	return number > NUMBER_MAX ? NUMBER_MAX : number < -NUMBER_MAX ? -NUMBER_MAX : number;
}

/* An entry as it is said: of an adjustment all of it, of an accrual all but the next step. Its days are written into days. */
static struct rebate_accrued entry_of(const struct place *place, const struct scheme *scheme, const struct standing *standing,
				      const struct move *move, char days[2][DAY_TEXT_SIZE])
{
	struct footing footing = rebate_footing(standing);
	uint32_t step = ladder_step(scheme, &footing);
	bool has_conditions = ladder_conditions(scheme);

	day_text(place->period, days[0]);
	day_text(move->day, days[1]);
	return (struct rebate_accrued){.scheme = place->scheme,
				       .scheme_version = standing->version,
				       .outlet = place->outlet,
				       .period = text_of(days[0]),
				       .entry = (int64_t)standing->entries,
				       .currency = CODE_TEXT(scheme->currency),
				       .has_day = move->day > 0,
				       .day = text_of(days[1]),
				       .step = step,
				       .rate = step > 0 ? scheme->steps[step - 1].rate : 0,
				       .amount = money_of(move->amount),
				       .basis = shown(standing->basis),
				       .has_base = scheme->growth != GROWTH_NONE,
				       .base = shown(standing->base),
				       .has_share_bp = standing->share > 0,
				       .share_bp = standing->share,
				       .balance = money_of(shown(rebate_balance(standing))),
				       .sale = move->sale,
				       .lines = {move->lines, move->line_count},
				       .has_mix = has_conditions,
				       .mix = shown(standing->mix),
				       .has_mix_skus = has_conditions,
				       .mix_skus = standing->skus,
				       .has_displays = has_conditions,
				       .displays = standing->displays,
				       .has_cases = has_conditions,
				       .cases = standing->cases};
}

/* R118: Every entry of a period is hashed over the one before it: the root of a statement stands for all of its lines in their order. */
static void chain(struct turn *turn, struct standing *standing, const struct rebate_accrued *said, enum cause cause)
{
	struct root_line *lines = turn_take(turn, said->lines.count * sizeof(*lines));
	struct root_entry entry = entry_root(said, word_of(cause), lines);

	/* What is hashed is what has counted, not what an event can show of it. */
	entry.basis = standing->basis;
	entry.base = standing->base;
	entry.conditions[0] = standing->mix;
	root_next(standing->root, &entry, turn_take(turn, root_bytes(&entry)));
}

void rebate_say(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing, const struct move *move)
{
	char days[2][DAY_TEXT_SIZE];

	standing->entries++;
	/* R111: The balance of a period is what was accrued and adjusted less what was settled; each accrual names the lines of one recorded
	 * sale. */
	if (move->cause == CAUSE_SALE)
		standing->accrued += move->amount;
	else
		standing->adjusted += move->amount;
	struct rebate_accrued said = entry_of(place, scheme, standing, move, days);
	chain(turn, standing, &said, move->cause);
	standing_put(turn, place, standing);
	if (move->cause == CAUSE_SALE) {
		struct footing footing = rebate_footing(standing);

		said.has_next_missing = said.has_next_gain = ladder_next(scheme, &footing, &said.next_missing, &said.next_gain.minor);
		emit_rebate_accrued(turn, &said);
	} else {
		struct rebate_adjusted adjusted = entry_adjusted(&said, word_of(move->cause));

		emit_rebate_adjusted(turn, &adjusted);
	}
}

void rebate_settle_footing(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing,
			   enum cause cause)
{
	struct footing footing = rebate_footing(standing);
	struct move move = {.cause = cause};

	move.amount = ladder_due(scheme, &footing) - standing->accrued - standing->adjusted;
	if (cause == CAUSE_PAYMENT)
		move.sale = turn_input(turn)->id;
	if (move.amount != 0 || cause == CAUSE_POLICY || cause == CAUSE_PAYMENT) /* what judges a period, or counts, is said in any case */
		rebate_say(turn, place, scheme, standing, &move);
	else
		standing_put(turn, place, standing);
}
