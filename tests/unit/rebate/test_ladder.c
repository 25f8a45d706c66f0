/*
 * Goal: what a ladder gives is what a merchant works out by hand; periods are those of the calendar; and no figure that an event can carry
 * leads out of bounds. Method: tables worked out by hand, and ladders of dice that must rise and split without loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/when.h"
#include "rebate/ladder.h"

static struct scheme scheme_of(enum scheme_ladder ladder, enum scheme_basis basis, uint32_t exponent)
{
	return (struct scheme){.cap = -1,
	                       .ladder = ladder,
	                       .basis = basis,
	                       .exponent = exponent,
	                       .until = DAY_MAX,
	                       .step_count = 3,
	                       .steps = {{100000, 100}, {200000, 150}, {500000, 300}}};
}

static int64_t due(const struct scheme *scheme, int64_t basis)
{
	struct footing footing = {.basis = basis};

	return ladder_due(scheme, &footing);
}

static void test_a_whole_ladder_pays_all_at_the_rate_of_its_step(void **state)
{
	static const struct {
		int64_t basis, due;
		uint32_t step;
	} cases[] = {{-5, 0, 0},        {0, 0, 0},         {99999, 0, 0},      {100000, 1000, 1}, {199999, 2000, 1},
	             {200000, 3000, 2}, {499999, 7500, 2}, {500000, 15000, 3}, {500017, 15001, 3}};
	struct scheme scheme = scheme_of(LADDER_WHOLE, BASIS_REVENUE, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ladder_step(&scheme, &(struct footing){.basis = cases[i].basis}), cases[i].step);
		assert_int_equal(due(&scheme, cases[i].basis), cases[i].due);
	}
	/* What a crossing is worth: the basis before it at the rate after it. */
	assert_int_equal(ladder_due_at(&scheme, &(struct footing){.basis = 199999}, 2), 3000);
	assert_int_equal(ladder_due_at(&scheme, &(struct footing){.basis = 600000}, 1), 6000);
	assert_int_equal(ladder_due_at(&scheme, &(struct footing){.basis = 600000}, 0), 0);
}

static void test_a_band_ladder_pays_each_band_at_its_rate(void **state)
{
	static const struct {
		int64_t basis, due;
	} cases[] = {{99999, 0}, {100000, 0}, {100050, 0}, {100150, 2}, {200000, 1000}, {200100, 1002}, {500000, 5500}, {600000, 8500}};
	struct scheme scheme = scheme_of(LADDER_BAND, BASIS_REVENUE, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(due(&scheme, cases[i].basis), cases[i].due);
}

static void test_units_are_paid_in_the_currency_s_minor_unit(void **state)
{
	/* 1.2345 for each of three pieces, whatever the decimals of the currency. */
	static const int64_t paid[] = {4, 37, 370, 3704, 37035};

	(void)state;
	for (uint32_t exponent = 0; exponent <= 4; exponent++) {
		struct scheme scheme = scheme_of(LADDER_WHOLE, BASIS_UNITS, exponent);

		scheme.steps[0] = (struct step){0, 12345};
		scheme.step_count = 1;
		assert_int_equal(due(&scheme, 3000), paid[exponent]);
	}
}

static void test_a_cap_and_a_violation_take_from_the_top(void **state)
{
	struct scheme scheme = scheme_of(LADDER_WHOLE, BASIS_REVENUE, 2);
	struct footing footing = {.basis = 600000, .share = 2500};
	int64_t missing, gain;

	(void)state;
	assert_int_equal(ladder_due(&scheme, &footing), 13500);
	scheme.cap = 10001;
	assert_int_equal(ladder_due(&scheme, &footing), 7501); /* 2500.25 go: 2500 */
	footing.share = WHOLE_BP;
	assert_int_equal(ladder_due(&scheme, &footing), 0);
	scheme.cap = 0;
	footing.share = 0;
	assert_int_equal(ladder_due(&scheme, &footing), 0);
	scheme.cap = 12000;
	footing.basis = 499999;
	assert_true(ladder_next(&scheme, &footing, &missing, &gain));
	assert_int_equal(missing, 1);
	assert_int_equal(gain, 4500); /* 15000 would be due, the cap is 12000, 7500 are due already */
	footing.basis = 500000;
	assert_false(ladder_next(&scheme, &footing, &missing, &gain));
}

static void test_growth_needs_something_to_grow_from(void **state)
{
	struct scheme scheme = scheme_of(LADDER_BAND, BASIS_REVENUE, 2);
	struct footing footing = {.basis = 150000, .base = 0};
	int64_t missing, gain;

	(void)state;
	scheme.growth = GROWTH_PREVIOUS;
	scheme.steps[0] = (struct step){0, 1000};
	scheme.steps[1] = (struct step){1000, 2000};
	scheme.steps[2] = (struct step){10000, 2000};
	assert_int_equal(ladder_due(&scheme, &footing), 0);
	assert_false(ladder_next(&scheme, &footing, &missing, &gain));
	footing.base = -7;
	assert_int_equal(ladder_due(&scheme, &footing), 0);
	footing.base = 100001;
	assert_int_equal(ladder_from(&scheme, footing.base, 2), 110002); /* 110001.1, rounded up */
	assert_int_equal(ladder_step(&scheme, &(struct footing){.base = footing.base, .basis = 110001}), 1);
	assert_int_equal(ladder_due(&scheme, &footing), 9000); /* 100.01 at 10 %, 399.98 at 20 %: 8999.7 */
}

static int32_t day(const char *text)
{
	int64_t number;

	assert_true(day_number(text_of(text), &number));
	return (int32_t)number;
}

static void test_periods_are_those_of_the_calendar(void **state)
{
	static const struct {
		enum scheme_period period;
		enum scheme_growth growth;
		const char *day, *from, *until, *base_from, *base_until;
	} cases[] = {
	    {PERIOD_MONTH, GROWTH_PREVIOUS, "2024-03-31", "2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29"},
	    {PERIOD_MONTH, GROWTH_YEAR_BEFORE, "2025-02-28", "2025-02-01", "2025-02-28", "2024-02-01", "2024-02-29"},
	    {PERIOD_QUARTER, GROWTH_PREVIOUS, "2026-01-01", "2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31"},
	    {PERIOD_QUARTER, GROWTH_YEAR_BEFORE, "2026-12-31", "2026-10-01", "2026-12-31", "2025-10-01", "2025-12-31"},
	    {PERIOD_YEAR, GROWTH_PREVIOUS, "2024-02-29", "2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31"},
	    {PERIOD_YEAR, GROWTH_YEAR_BEFORE, "2024-02-29", "2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31"},
	    {PERIOD_ONCE, GROWTH_PREVIOUS, "2026-02-11", "2026-02-11", "2026-02-20", "2026-02-01", "2026-02-10"},
	    {PERIOD_ONCE, GROWTH_YEAR_BEFORE, "2026-02-15", "2026-02-11", "2026-02-20", "2025-02-11", "2025-02-20"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scheme scheme = {
		    .period = cases[i].period, .growth = cases[i].growth, .from = day("2026-02-11"), .until = day("2026-02-20")};
		struct span span = period_of(&scheme, day(cases[i].day)), base = period_base(&scheme, span.from);
		int32_t grown;

		assert_int_equal(span.from, day(cases[i].from));
		assert_int_equal(span.until, day(cases[i].until));
		assert_int_equal(base.from, day(cases[i].base_from));
		assert_int_equal(base.until, day(cases[i].base_until));
		/* Each day of the base finds the period that is measured against it, and the days beside it do not. */
		for (int32_t at = base.from; at <= base.until; at++) {
			assert_true(period_grown(&scheme, at, &grown));
			assert_int_equal(grown, span.from);
		}
		assert_false(period_grown(&scheme, base.from - 1, &grown) && grown == span.from);
		assert_false(period_grown(&scheme, base.until + 1, &grown) && grown == span.from);
	}
	struct scheme none = {.period = PERIOD_MONTH};
	int32_t grown;
	assert_false(period_grown(&none, 20000, &grown));
	none.growth = GROWTH_YEAR_BEFORE;
	assert_false(period_grown(&none, DAY_MAX, &grown));
}

static void test_a_leap_day_has_a_year_before(void **state)
{
	struct scheme scheme = {.period = PERIOD_ONCE, .growth = GROWTH_YEAR_BEFORE, .from = day("2024-02-29"), .until = day("2024-03-10")};
	struct span base = period_base(&scheme, scheme.from);

	(void)state;
	assert_int_equal(base.from, day("2023-02-28"));
	assert_int_equal(base.until, day("2023-03-10"));
}

static void test_steps_rise_and_rates_do_not_fall(void **state)
{
	(void)state;
	assert_true(steps_rise((const struct step[]){{0, 0}}, 1));
	assert_true(steps_rise((const struct step[]){{0, 5}, {1, 5}}, 2));
	assert_false(steps_rise((const struct step[]){{0, 5}, {0, 6}}, 2));
	assert_false(steps_rise((const struct step[]){{2, 5}, {1, 6}}, 2));
	assert_false(steps_rise((const struct step[]){{0, 5}, {1, 4}}, 2));
	assert_false(steps_rise((const struct step[]){{0, -1}}, 1));
	assert_false(steps_rise((const struct step[]){{0, RATE_MAX + 1}}, 1));
	assert_false(steps_rise(NULL, 0));
}

static void test_the_largest_figures_stay_within_bounds(void **state)
{
	(void)state;
	for (uint32_t exponent = 0; exponent <= 4; exponent++) {
		struct scheme scheme = scheme_of(exponent % 2 == 0 ? LADDER_WHOLE : LADDER_BAND, BASIS_UNITS, exponent);

		for (uint32_t i = 0; i < 3; i++)
			scheme.steps[i].rate = RATE_MAX;
		assert_int_equal(due(&scheme, NUMBER_MAX), NUMBER_MAX);
		assert_int_equal(due(&scheme, -NUMBER_MAX), 0);
		scheme.growth = GROWTH_PREVIOUS;
		scheme.steps[2].from = NUMBER_MAX;
		assert_int_equal(ladder_from(&scheme, NUMBER_MAX, 3), NUMBER_MAX);
	}
}

static uint64_t next(uint64_t *dice)
{
	*dice = *dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *dice >> 33;
}

/* Whoever counts more is never due less, and the sum of many moves is the move from end to end. */
static void test_ladders_of_dice_rise_and_lose_nothing(void **state)
{
	uint64_t dice = 20261128;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct scheme scheme = {.cap = next(&dice) % 3 == 0 ? (int64_t)(next(&dice) % 100000) : -1,
		                        .ladder = next(&dice) % 2,
		                        .basis = next(&dice) % 2,
		                        .exponent = (uint32_t)(next(&dice) % 5),
		                        .step_count = (uint32_t)(next(&dice) % STEPS_MAX) + 1};
		int64_t before = 0, sum = 0;
		struct footing footing = {.share = (int64_t)(next(&dice) % (WHOLE_BP + 1))};

		for (uint32_t i = 0; i < scheme.step_count; i++) {
			scheme.steps[i].from = (i > 0 ? scheme.steps[i - 1].from : 0) + (int64_t)(next(&dice) % 50000) + 1;
			scheme.steps[i].rate = (i > 0 ? scheme.steps[i - 1].rate : 0) + (int64_t)(next(&dice) % 600);
		}
		for (int move = 0; move < 60; move++) {
			footing.basis += (int64_t)(next(&dice) % 30000);
			int64_t now = ladder_due(&scheme, &footing);

			assert_true(now >= before);
			sum += now - before;
			before = now;
		}
		assert_int_equal(sum, ladder_due(&scheme, &footing));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_whole_ladder_pays_all_at_the_rate_of_its_step),
	    cmocka_unit_test(test_a_band_ladder_pays_each_band_at_its_rate),
	    cmocka_unit_test(test_units_are_paid_in_the_currency_s_minor_unit),
	    cmocka_unit_test(test_a_cap_and_a_violation_take_from_the_top),
	    cmocka_unit_test(test_growth_needs_something_to_grow_from),
	    cmocka_unit_test(test_periods_are_those_of_the_calendar),
	    cmocka_unit_test(test_a_leap_day_has_a_year_before),
	    cmocka_unit_test(test_steps_rise_and_rates_do_not_fall),
	    cmocka_unit_test(test_the_largest_figures_stay_within_bounds),
	    cmocka_unit_test(test_ladders_of_dice_rise_and_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
