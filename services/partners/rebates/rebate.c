/* rebate.c -- a ticket is counted by every scheme that it concerns. */
#include "rebates/rebate.h"

#include "network/outlet.h"
#include "rebates/condition.h"
#include "record.h"
#include "rules.h"

/* The share that a violation takes back of a period that has no sale yet. */
static int64_t share_of(struct turn *turn, const struct place *place)
{
	struct clawback_submitted clawback;
	char period[DAY_TEXT_SIZE];
	uint8_t key[KEY_SIZE];

	day_text(place->period, period);
	const struct text codes[] = {place->scheme, place->outlet, text_of(period)};
	return record_fields(turn, TABLE_CLAWBACK, key_join(key, codes, 3), &clawback) > 0 ? clawback.share_bp : 0;
}

static int64_t offset_of(struct turn *turn, struct text code)
{
	struct outlet_submitted outlet;

	return outlet_known(turn, code, &outlet) ? outlet.tz_offset : 0;
}

static int64_t base_of(struct turn *turn, const struct place *place, const struct scheme *scheme)
{
	struct goods_code goods = {scheme->goods_kind, CODE_TEXT(scheme->goods)};

	/* R113: With growth, a step begins where the basis has grown by so much over the base, rounded up; without anything to grow from no
	 * step is reached. */
	if (scheme->growth == GROWTH_NONE)
		return 0;
	struct day_sum sum =
	    day_sum(turn, place->outlet, CODE_TEXT(scheme->currency), &goods, period_base(scheme, place->period));
	return scheme->basis == BASIS_REVENUE ? sum.revenue : sum.units;
}

static void standing_make(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing)
{
	struct span span = period_of(scheme, place->period);

	*standing = (struct standing){.version = scheme->version,
				      .base = base_of(turn, place, scheme),
				      .share = scheme->clean_channel > 0 ? share_of(turn, place) : 0,
				      .from = span.from,
				      .until = span.until};
	standing->ends_us = ((int64_t)span.until + 1) * US_PER_DAY - offset_of(turn, place->outlet) * US_PER_MINUTE;
	condition_count(turn, place, scheme, standing);
	root_begin(standing->root);
	ending_put(turn, standing->ends_us, place);
	standing_put(turn, place, standing);
}

void rebate_open(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing)
{
	if (!standing_get(turn, place, standing))
		standing_make(turn, place, scheme, standing);
}

/* What the lines of a ticket that a scheme counts bring to its basis; 0 of them: it does not concern the scheme. */
static uint32_t lines_of(struct turn *turn, const struct ticket *ticket, const struct scheme *scheme, struct rebate_accrued_line **out)
{
	struct rebate_accrued_line *lines = turn_take(turn, ticket->count * sizeof(*lines));
	uint32_t count = 0;

	for (uint32_t i = 0; i < ticket->count; i++)
		if (goods_is(scheme, &ticket->lines[i]))
			lines[count++] = (struct rebate_accrued_line){
			    .line = ticket->lines[i].line,
			    .basis = scheme->basis == BASIS_REVENUE ? ticket->lines[i].revenue : ticket->lines[i].units};
	*out = lines;
	return count;
}

/* R114: What a return or a void takes back is an adjustment, and so is a sale that comes after its period was locked. */
static enum cause cause_of(const struct ticket *ticket, const struct standing *standing)
{
	if (ticket->is_void)
		return CAUSE_VOID;
	if (ticket->is_return)
		return CAUSE_RETURN;
	return standing->is_locked ? CAUSE_LATE : CAUSE_SALE;
}

static void note(struct standing *standing, const struct ticket *ticket)
{
	if (ticket->is_void)
		standing->voids++;
	else if (ticket->is_return)
		standing->returns++;
	else
		standing->sales++;
	if (ticket->day > standing->day_max)
		standing->day_max = ticket->day;
}

/* R112: The lines of a ticket bring what they bring at the step that is reached with them; what this step changes for all that was counted
 * before is an adjustment of its own. */
static void count_lines(struct turn *turn, const struct place *place, const struct ticket *ticket, const struct scheme *scheme,
			struct standing *standing, struct rebate_accrued_line *lines, uint32_t count)
{
	struct footing before = rebate_footing(standing), now;

	for (uint32_t i = 0; i < count; i++)
		standing->basis = sum_of(standing->basis, lines[i].basis);
	if (ladder_conditions(scheme))
		condition_lines(turn, place, scheme, ticket, standing);
	/* R109: What is due for a period is a function of its basis alone, rounded half to even once, at most the cap and at least nothing. */
	/* R110: A whole ladder gives the rate of the step that is reached for all of the period's basis; a band ladder gives each step's rate
	 * for what lies between it and the next. */
	/* R135: While a condition is not met no step is reached, and the next step that is shown is the one that the basis would reach with
	 * it; a ticket that meets a condition, or breaks it, crosses a step. */
	now = rebate_footing(standing);
	uint32_t step = ladder_applied(scheme, &now);
	now.basis = before.basis;
	int64_t due = ladder_due_at(scheme, &now, step), first = due;
	for (uint32_t i = 0; i < count; i++) {
		now.basis = sum_of(now.basis, lines[i].basis);
		int64_t next = ladder_due_at(scheme, &now, step);

		lines[i].amount = money_of(next - due);
		due = next;
	}
	struct move move = {.cause = cause_of(ticket, standing),
			    .sale = turn_input(turn)->id,
			    .day = ticket->day,
			    .lines = lines,
			    .line_count = count,
			    .amount = due - first};
	struct move crossing = {.cause = CAUSE_STEP, .sale = move.sale, .day = ticket->day};
	crossing.amount = first - ladder_due(scheme, &before);
#if defined(MUTANT_STEP_FORGOTTEN)
	crossing.amount = 0;
#endif
	note(standing, ticket);
	rebate_say(turn, place, scheme, standing, &move);
	if (crossing.amount != 0)
		rebate_say(turn, place, scheme, standing, &crossing);
}

/* A ticket of the days that another period's growth is measured against; a period that is not there yet will look for itself. */
static void count_base(struct turn *turn, const struct ticket *ticket, const struct scheme *latest, struct place place)
{
	struct rebate_accrued_line *lines;
	struct standing standing;
	struct scheme scheme;

	if (!period_grown(latest, ticket->day, &place.period) || !standing_open(turn, &place, &standing, &scheme))
		return;
	uint32_t count = lines_of(turn, ticket, &scheme, &lines);
#if defined(MUTANT_BASE_FORGOTTEN)
	count = 0;
#endif
	for (uint32_t i = 0; i < count; i++)
		standing.base = sum_of(standing.base, lines[i].basis);
	if (count > 0)
		rebate_settle_footing(turn, &place, &scheme, &standing, CAUSE_BASE);
}

/* R107: A scheme counts the goods of the tickets of its outlets in its currency, each on its business day, from its first day to its last;
 * services do not count, and schemes do not exclude each other. */
static void count_scheme(struct turn *turn, const struct ticket *ticket, const struct aim *aim)
{
	struct place place = {.outlet = ticket->outlet, .scheme = CODE_TEXT(aim->scheme)};
	struct rebate_accrued_line *lines;
	struct standing standing;
	struct scheme scheme;

	if (!scheme_aimed(turn, aim, &scheme) || scheme.is_draft || scheme.paid_within > 0 || !text_equal(CODE_TEXT(scheme.currency), ticket->currency))
		return;
	if (scheme.growth != GROWTH_NONE)
		count_base(turn, ticket, &scheme, place);
	if (ticket->day < scheme.from || ticket->day > scheme.until)
		return;
	place.period = period_of(&scheme, ticket->day).from;
	/* R116: A period that is locked stays with the version of its scheme that it was locked by. */
	bool is_there = standing_get(turn, &place, &standing);
	if (is_there && standing.version != scheme.version && !turn_must(turn, scheme_get(turn, place.scheme, standing.version, &scheme)))
		return;
	if (ticket->day > scheme.until)
		return;
	uint32_t count = lines_of(turn, ticket, &scheme, &lines);
	if (count == 0)
		return;
	if (!is_there)
		standing_make(turn, &place, &scheme, &standing);
	count_lines(turn, &place, ticket, &scheme, &standing, lines, count);
}

static void count_place(struct turn *turn, const struct ticket *ticket, char kind, struct text code)
{
	size_t count;
	const struct aim *aims = aims_get(turn, kind, code, &count);

	for (size_t i = 0; i < count; i++)
		count_scheme(turn, ticket, &aims[i]);
}

void rebate_count(struct turn *turn, struct ticket *ticket, struct text day, const struct sale_recorded_line *lines, uint32_t count)
{
	struct book book = book_get(turn);
	char tier = (char)('0' + ticket->tier);

	if (!day_counts(day, &ticket->day))
		return;
	if (ticket->day > book.day_max) {
		book.day_max = ticket->day;
		book_put(turn, &book);
	}
	if (book.schemes == 0)
		return;
	goods_take(turn, ticket, lines, count);
	if (ticket->count == 0)
		return;
	goods_of_lines(turn, ticket);
	goods_sum_day(turn, ticket);
	if ((book.places & PLACE_OUTLET) != 0)
		count_place(turn, ticket, 'o', ticket->outlet);
	if ((book.places & PLACE_TIER) != 0)
		count_place(turn, ticket, 't', (struct text){&tier, 1});
	if ((book.places & PLACE_ALL) != 0)
		count_place(turn, ticket, 'a', (struct text){0});
}
