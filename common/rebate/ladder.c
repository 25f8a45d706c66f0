/* ladder.c -- steps, amounts and periods. */
#include "rebate/ladder.h"

#include "base/when.h"

static int64_t within(wide number)
{
	if (number > NUMBER_MAX)
		return NUMBER_MAX;
	return number < -NUMBER_MAX ? -NUMBER_MAX : (int64_t)number;
}

int64_t ladder_from(const struct scheme *scheme, int64_t base, uint32_t step)
{
	int64_t from = scheme->steps[step - 1].from;

	if (scheme->growth == GROWTH_NONE)
		return from;
	if (base <= 0)
		return INT64_MAX;
	wide wanted = (wide)base * ((wide)WHOLE_BP + from);
	return within((wanted + WHOLE_BP - 1) / WHOLE_BP);
}

/* The step that the basis alone reaches. */
static uint32_t climbed(const struct scheme *scheme, const struct footing *footing)
{
	uint32_t step = scheme->step_count;

	while (step > 0 && footing->basis < ladder_from(scheme, footing->base, step))
		step--;
	return step;
}

bool ladder_conditions(const struct scheme *scheme)
{
	return scheme->mix_bp > 0 || scheme->mix_skus > 0 || scheme->display_days > 0 || scheme->clean_only > 0;
}

bool ladder_meets(const struct scheme *scheme, const struct footing *footing)
{
#if defined(MUTANT_CONDITION_FORGOTTEN)
	return true;
#endif
	return (wide)footing->mix * WHOLE_BP >= (wide)footing->basis * scheme->mix_bp && footing->skus >= scheme->mix_skus &&
	       footing->displays >= scheme->display_days && (scheme->clean_only == 0 || footing->cases == 0);
}

uint32_t ladder_step(const struct scheme *scheme, const struct footing *footing)
{
	return ladder_meets(scheme, footing) ? climbed(scheme, footing) : 0;
}

/* How many times a rate of 1 goes into one minor unit. */
static int64_t rate_unit(const struct scheme *scheme)
{
	int64_t unit = 10000;

	if (scheme->basis == BASIS_REVENUE)
		return unit;
	for (uint32_t i = 0; i < scheme->exponent; i++)
		unit /= 10;
	return unit * 1000;
}

/* Before rounding: of a whole ladder all of the basis at the step's rate, of a band ladder each band at its own. */
static wide earned(const struct scheme *scheme, const struct footing *footing, uint32_t step)
{
	wide sum = 0;

	if (scheme->ladder == LADDER_WHOLE)
		return (wide)footing->basis * scheme->steps[step - 1].rate;
	for (uint32_t i = 1; i <= step; i++) {
		int64_t from = ladder_from(scheme, footing->base, i);
		int64_t until = i < step ? ladder_from(scheme, footing->base, i + 1) : footing->basis;

		sum += ((wide)until - from) * scheme->steps[i - 1].rate;
	}
	return sum;
}

/* What is due at a step, the conditions being met. */
static int64_t due_at(const struct scheme *scheme, const struct footing *footing, uint32_t step)
{
	int64_t unit = rate_unit(scheme), due;

	if (step == 0 || footing->basis <= 0)
		return 0;
	wide sum = earned(scheme, footing, step);
	due = sum >= (wide)NUMBER_MAX * unit ? NUMBER_MAX : divide_half_even(sum, unit);
#if defined(MUTANT_PENNY_KEPT)
	due = (int64_t)(sum / unit);
#endif
	if (scheme->cap >= 0 && due > scheme->cap)
		due = scheme->cap;
	return due - divide_half_even((wide)due * footing->share, WHOLE_BP);
}

uint32_t ladder_applied(const struct scheme *scheme, const struct footing *footing)
{
	if (scheme->ladder == LADDER_BAND)
		return ladder_meets(scheme, footing) ? scheme->step_count : 0;
	return ladder_step(scheme, footing);
}

int64_t ladder_due_at(const struct scheme *scheme, const struct footing *footing, uint32_t step)
{
	return due_at(scheme, footing, scheme->ladder == LADDER_BAND && step > 0 ? climbed(scheme, footing) : step);
}

int64_t ladder_due(const struct scheme *scheme, const struct footing *footing)
{
	return due_at(scheme, footing, ladder_step(scheme, footing));
}

bool ladder_next(const struct scheme *scheme, const struct footing *footing, int64_t *missing, int64_t *gain)
{
	uint32_t reached = climbed(scheme, footing);
	uint32_t next = ladder_meets(scheme, footing) || reached == 0 ? reached + 1 : reached;
	struct footing there = *footing;

	if (next > scheme->step_count || ladder_from(scheme, footing->base, next) == INT64_MAX)
		return false;
	if (next > reached)
		there.basis = ladder_from(scheme, footing->base, next);
	*missing = within((wide)there.basis - footing->basis);
	*gain = due_at(scheme, &there, next) - ladder_due(scheme, footing);
	return true;
}

/* ---- periods ---- */

struct date {
	int64_t year;
	unsigned month, day;
};

static struct date date_of(int32_t number)
{
	char text[DAY_TEXT_SIZE];
	struct date date = {0};

	day_text(number, text);
	for (int i = 0; i < 4; i++)
		date.year = date.year * 10 + (text[i] - '0');
	date.month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
	date.day = (unsigned)(text[8] - '0') * 10 + (unsigned)(text[9] - '0');
	return date;
}

/* The first day of a month, `months` later or earlier. */
static int32_t month_begin(struct date date, int months)
{
	int64_t month = date.year * 12 + (int64_t)date.month - 1 + months;

	return (int32_t)days_from_civil(month / 12, (unsigned)(month % 12) + 1, 1);
}

/* The same day so many years away; 29 February becomes the 28th. */
static int32_t year_away(int32_t day, int years)
{
	struct date date = date_of(day);

	if (date.month == 2 && date.day == 29)
		date.day = 28;
	return (int32_t)days_from_civil(date.year + years, date.month, date.day);
}

static int period_months(const struct scheme *scheme)
{
	return scheme->period == PERIOD_MONTH ? 1 : scheme->period == PERIOD_QUARTER ? 3 : 12;
}

struct span period_of(const struct scheme *scheme, int32_t day)
{
	if (scheme->period == PERIOD_ONCE)
		return (struct span){scheme->from, scheme->until};
	struct date date = date_of(day);
	unsigned months = (unsigned)period_months(scheme);

	date.month -= (date.month - 1) % months;
	return (struct span){month_begin(date, 0), month_begin(date, (int)months) - 1};
}

struct span period_base(const struct scheme *scheme, int32_t period)
{
	struct span span = period_of(scheme, period);

	if (scheme->growth == GROWTH_YEAR_BEFORE)
		return (struct span){year_away(span.from, -1), year_away(span.until + 1, -1) - 1};
	if (scheme->period == PERIOD_ONCE)
		return (struct span){span.from - (span.until - span.from + 1), span.from - 1};
	return period_of(scheme, span.from - 1);
}

bool period_grown(const struct scheme *scheme, int32_t day, int32_t *period)
{
	struct span span = period_of(scheme, day);

	if (scheme->growth == GROWTH_NONE || span.until > DAY_MAX - 800)
		return false;
	if (scheme->period == PERIOD_ONCE)
		*period = scheme->from;
	else if (scheme->growth == GROWTH_PREVIOUS)
		*period = span.until + 1;
	else
		*period = year_away(span.from, 1);
	span = period_base(scheme, *period);
	return day >= span.from && day <= span.until;
}

bool steps_rise(const struct step *steps, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (steps[i].rate < 0 || steps[i].rate > RATE_MAX)
			return false;
		if (i > 0 && (steps[i].from <= steps[i - 1].from || steps[i].rate < steps[i - 1].rate))
			return false;
	}
	return count > 0;
}
