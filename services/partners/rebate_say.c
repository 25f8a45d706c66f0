/* rebate_say.c -- one entry of a period: its sums, its place in the chain, its event. */
#include "rebate.h"

static struct text word_of(enum cause cause)
{
	static const char *const words[] = {"accrued", "step_crossed", "return", "void", "late_sale", "policy", "base_changed", "violation"};

	return text_of(words[cause]);
}

struct footing rebate_footing(const struct standing *standing)
{
	return (struct footing){standing->basis, standing->base, standing->share};
}

int64_t rebate_balance(const struct standing *standing)
{
	return standing->accrued + standing->adjusted - standing->settled;
}

/* R118: Every entry of a period is hashed over the one before it: the root of a statement stands for all of its lines in their order. */
static void chain(struct turn *turn, struct standing *standing, const struct move *move)
{
	struct root_line *lines = turn_take(turn, move->line_count * sizeof(*lines));
	struct root_entry entry = {.number = (int64_t)standing->entries,
				   .word = word_of(move->cause),
				   .version = standing->version,
				   .sale = move->sale,
				   .basis = standing->basis,
				   .base = standing->base,
				   .share = standing->share,
				   .amount = move->amount,
				   .lines = lines,
				   .line_count = move->line_count};

	for (uint32_t i = 0; i < move->line_count; i++)
		lines[i] = (struct root_line){move->lines[i].line, move->lines[i].basis, move->lines[i].amount.minor};
	root_next(standing->root, &entry, turn_take(turn, root_bytes(&entry)));
}

/* ---- the event ---- */

static int64_t shown(int64_t number)
{
	return number > NUMBER_MAX ? NUMBER_MAX : number < -NUMBER_MAX ? -NUMBER_MAX : number;
}

static void say_accrued(struct turn *turn, const struct place *place, const struct scheme *scheme, const struct standing *standing,
			const struct move *move)
{
	struct footing footing = rebate_footing(standing);
	uint32_t step = ladder_step(scheme, footing.base, footing.basis);
	char period[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];
	int64_t missing = 0, gain = 0;
	bool has_next = ladder_next(scheme, &footing, &missing, &gain);

	day_text(place->period, period);
	day_text(move->day, day);
	struct rebate_accrued accrued = {.scheme = place->scheme,
					 .scheme_version = standing->version,
					 .outlet = place->outlet,
					 .period = text_of(period),
					 .entry = (int64_t)standing->entries,
					 .currency = CODE_TEXT(scheme->currency),
					 .has_day = true,
					 .day = text_of(day),
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
					 .has_next_missing = has_next,
					 .next_missing = missing,
					 .has_next_gain = has_next,
					 .next_gain = money_of(gain)};

	emit_rebate_accrued(turn, &accrued);
}

static void say_adjusted(struct turn *turn, const struct place *place, const struct scheme *scheme, const struct standing *standing,
			 const struct move *move)
{
	uint32_t step = ladder_step(scheme, standing->base, standing->basis);
	char period[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];

	_Static_assert(sizeof(struct rebate_adjusted_line) == sizeof(struct rebate_accrued_line), "a line is a line");
	day_text(place->period, period);
	day_text(move->day, day);
	struct rebate_adjusted adjusted = {
	    .scheme = place->scheme,
	    .scheme_version = standing->version,
	    .outlet = place->outlet,
	    .period = text_of(period),
	    .entry = (int64_t)standing->entries,
	    .currency = CODE_TEXT(scheme->currency),
	    .has_day = move->day > 0,
	    .day = text_of(day),
	    .step = step,
	    .rate = step > 0 ? scheme->steps[step - 1].rate : 0,
	    .amount = money_of(move->amount),
	    .basis = shown(standing->basis),
	    .has_base = scheme->growth != GROWTH_NONE,
	    .base = shown(standing->base),
	    .has_share_bp = standing->share > 0,
	    .share_bp = standing->share,
	    .balance = money_of(shown(rebate_balance(standing))),
	    .cause = word_of(move->cause),
	    .has_sale = move->sale.size > 0,
	    .sale = move->sale,
	    .has_lines = move->line_count > 0,
	    .lines = {(const struct rebate_adjusted_line *)(const void *)move->lines, move->line_count}};

	emit_rebate_adjusted(turn, &adjusted);
}

void rebate_say(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing, const struct move *move)
{
	standing->entries++;
	/* R111: The balance of a period is what was accrued and adjusted less what was settled; each accrual names the lines of one recorded
	 * sale. */
	if (move->cause == CAUSE_SALE)
		standing->accrued += move->amount;
	else
		standing->adjusted += move->amount;
	chain(turn, standing, move);
	standing_put(turn, place, standing);
	if (move->cause == CAUSE_SALE)
		say_accrued(turn, place, scheme, standing, move);
	else
		say_adjusted(turn, place, scheme, standing, move);
}

void rebate_settle_footing(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing,
			   enum cause cause)
{
	struct footing footing = rebate_footing(standing);
	struct move move = {.cause = cause};

	move.amount = ladder_due(scheme, &footing) - standing->accrued - standing->adjusted;
	if (move.amount != 0 || cause == CAUSE_POLICY) /* what judges a period is said in any case */
		rebate_say(turn, place, scheme, standing, &move);
	else
		standing_put(turn, place, standing);
}
