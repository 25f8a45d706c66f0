/* rules.c -- measures and targets, in integers only. */
#include "rules.h"

#include "base/when.h"

static int64_t bounded(wide number, int64_t bound)
{
	if (number > bound)
		return bound;
	return number < -bound ? -bound : (int64_t)number;
}

static int64_t floor_divide(wide numerator, wide denominator)
{
	wide quotient = numerator / denominator;

	if (numerator % denominator != 0 && (numerator < 0) != (denominator < 0))
		quotient--;
	return shown(quotient);
}

int64_t shown(wide number)
{
	return bounded(number, NUMBER_MAX);
}

void sum_add(int64_t *into, int64_t add)
{
	uint64_t sum = (uint64_t)*into + (uint64_t)add;

	/* What is within the limit has no bits up there, and nearly all sums are; the others are made in the wide. */
	if ((sum + SUM_MAX) >> 62 == 0)
		*into = (int64_t)sum;
	else
		*into = bounded((wide)*into + add, SUM_MAX);
}

void measures_add(struct measures *restrict into, const struct measures *restrict add)
{
	sum_add(&into->revenue.minor, add->revenue.minor);
	sum_add(&into->returns.minor, add->returns.minor);
	sum_add(&into->units.milli, add->units.milli);
	sum_add(&into->returned_units.milli, add->returned_units.milli);
	sum_add(&into->written_off.milli, add->written_off.milli);
	sum_add(&into->lead_us, add->lead_us);
	into->tickets += add->tickets;
	into->return_tickets += add->return_tickets;
	into->lines += add->lines;
	into->short_lines += add->short_lines;
	into->stock_outs += add->stock_outs;
	into->restocks += add->restocks;
	into->deliveries += add->deliveries;
	into->on_time += add->on_time;
	into->delayed += add->delayed;
}

struct measures measures_negate(const struct measures *m)
{
	return (struct measures){.revenue = {-m->revenue.minor},
				 .returns = {-m->returns.minor},
				 .units = {-m->units.milli},
				 .returned_units = {-m->returned_units.milli},
				 .written_off = {-m->written_off.milli},
				 .tickets = -m->tickets,
				 .return_tickets = -m->return_tickets,
				 .lines = -m->lines,
				 .short_lines = -m->short_lines,
				 .stock_outs = -m->stock_outs,
				 .restocks = -m->restocks,
				 .lead_us = -m->lead_us,
				 .deliveries = -m->deliveries,
				 .on_time = -m->on_time,
				 .delayed = -m->delayed};
}

bool measures_zero(const struct measures *measures)
{
	static const struct measures nothing;

	return memcmp(measures, &nothing, sizeof(nothing)) == 0;
}

void level_move(struct level *level, int64_t milli, wide value, int64_t time_us)
{
	sum_add(&level->units, milli);
	level->value += value;
	level->moment += (wide)milli * time_us;
	if (level->since_us == 0 || time_us < level->since_us)
		level->since_us = time_us;
}

void level_add(struct level *into, const struct level *other, int sign)
{
	sum_add(&into->units, sign * other->units);
	into->value += sign * other->value;
	into->moment += sign * other->moment;
	if (sign > 0 && other->since_us != 0 && (into->since_us == 0 || other->since_us < into->since_us))
		into->since_us = other->since_us;
}

struct money level_value(const struct level *level, int exponent)
{
	int64_t scale = 10000000; /* thousandths of a unit, ten-thousandths of a major unit */

	for (int i = 0; i < exponent; i++)
		scale /= 10;
	wide whole = level->value / scale; /* apart, for what int64 cannot hold */
	if (whole > NUMBER_MAX || whole < -NUMBER_MAX)
		return money_of(shown(whole));
	return money_of(shown(divide_half_even(level->value, scale)));
}

/* R12: The mean stock is weighted by time, from the first movement to the watermark. */
int64_t level_mean(const struct level *level, int64_t until_us)
{
	wide span = (wide)until_us - level->since_us;

	if (level->since_us == 0 || span <= 0)
		return 0;
	return floor_divide((wide)level->units * until_us - level->moment, span);
}

int64_t share_bp(int64_t part, int64_t whole)
{
	return whole > 0 ? floor_divide((wide)part * WHOLE_BP, whole) : 0;
}

struct money ticket_average(struct money revenue, int64_t tickets)
{
	return money_of(tickets > 0 ? shown(divide_half_even(revenue.minor, tickets)) : 0);
}

int64_t cover_milli_days(int64_t units, int64_t sold, int64_t days)
{
	if (sold <= 0)
		return -1;
	return units > 0 ? floor_divide((wide)units * 1000 * days, sold) : 0;
}

bool stock_runs_out(int64_t before, int64_t after)
{
	return before > 0 && after <= 0;
}

enum metric metric_of(struct text word)
{
	for (enum metric metric = METRIC_REVENUE; metric <= METRIC_TICKETS; metric++)
		if (text_equal(word, metric_text(metric)))
			return metric;
	return METRIC_NONE;
}

struct text metric_text(enum metric metric)
{
	static const char *const words[] = {"none", "revenue", "units", "tickets"};

	return text_of(words[metric]);
}

/* R15: A revenue target has achieved the revenue less the returns, a units target the units less the returned
   units, a tickets target the sale tickets. */
int64_t metric_sum(enum metric metric, const struct measures *measures)
{
	switch (metric) {
	case METRIC_REVENUE:
		return measures->revenue.minor - measures->returns.minor;
	case METRIC_UNITS:
		return measures->units.milli - measures->returned_units.milli;
	case METRIC_TICKETS:
		return measures->tickets;
	case METRIC_NONE:
		break;
	}
	return 0;
}

int64_t target_step(int64_t achieved, int64_t value)
{
	if (achieved >= value)
		return TARGET_STEPS;
	if (achieved <= INT64_MAX / TARGET_STEPS) /* a division of what int64 can hold is cheaper */
		return achieved > 0 ? achieved * TARGET_STEPS / value : 0;
	return (int64_t)((wide)achieved * TARGET_STEPS / value);
}

int64_t target_needed(int64_t achieved, int64_t value, int64_t weight, int64_t left)
{
	wide rest = achieved < value ? (wide)value - achieved : 0;

	return left > 0 ? shown((rest * weight + left - 1) / left) : shown(rest);
}

/* R17: The pace is what is achieved over the share of the value that belongs by their weights to the days that are over, at
   least one day; what is needed per day of mean weight is the rest by the weight of the days that are left, this one included,
   rounded up. */
struct pace target_pace(int64_t achieved, int64_t value, const struct weights *weights)
{
	struct pace pace = {.attained_bp = WHOLE_BP,
			    .pace_bp = WHOLE_BP,
			    .needed_per_day = target_needed(achieved, value, WHOLE_BP, weights->left),
			    .days_left = weights->days_left};

	if (value > 0) {
		pace.attained_bp = floor_divide((wide)achieved * WHOLE_BP, value);
		pace.pace_bp = floor_divide((wide)achieved * WHOLE_BP * weights->total,
					    (wide)value * weights->elapsed);
	}
	return pace;
}

int32_t day_at(int64_t time_us, int64_t offset_minutes)
{
	int64_t day = (time_us + offset_minutes * US_PER_MINUTE) / US_PER_DAY;

	return day < 1 ? 1 : (int32_t)day;
}

uint32_t hour_at(int64_t time_us)
{
	int64_t hour = time_us / US_PER_HOUR;

	return hour < 1 ? 1 : (uint32_t)hour;
}
