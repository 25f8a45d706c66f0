/*
 * Goal: the arithmetic of measures and targets is right at its edges.
 * Method: values worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/when.h"
#include "appraisal.h"
#include "course.h"
#include "rules.h"
#include "training.h"

static void test_measures_add_and_undo(void **state)
{
	struct measures one = {.revenue = {1530},
			       .returns = {20},
			       .units = {6000},
			       .returned_units = {1000},
			       .written_off = {1},
			       .tickets = 1,
			       .return_tickets = 2,
			       .lines = 3,
			       .short_lines = 4,
			       .stock_outs = 5,
			       .restocks = 6,
			       .lead_us = 7,
			       .deliveries = 8,
			       .on_time = 9,
			       .delayed = 10};
	struct measures sum = {0}, undone = measures_negate(&one);

	(void)state;
	/* Every field takes part: a field that add or negate forgot would be left over. */
	for (size_t i = 0; i < sizeof(one) / sizeof(int64_t); i++)
		assert_true(((const int64_t *)(const void *)&one)[i] != 0);
	measures_add(&sum, &one);
	assert_memory_equal(&sum, &one, sizeof(sum));
	measures_add(&sum, &one);
	assert_int_equal(sum.revenue.minor, 3060);
	assert_int_equal(sum.delayed, 20);
	measures_add(&sum, &undone);
	measures_add(&sum, &undone);
	assert_true(measures_zero(&sum));
}

static void test_sums_have_an_end(void **state)
{
	struct measures sum = {.revenue = {SUM_MAX - 1}}, add = {.revenue = {INT64_MAX}};

	(void)state;
	measures_add(&sum, &add);
	assert_int_equal(sum.revenue.minor, SUM_MAX);
	assert_int_equal(shown((wide)INT64_MAX * 4), NUMBER_MAX);
	assert_int_equal(shown(-(wide)INT64_MAX * 4), -NUMBER_MAX);
}

static void test_stock_is_worth_balance_times_price(void **state)
{
	struct level level = {0};

	(void)state;
	level_move(&level, 10000, (wide)10000 * 15000, 1000); /* ten at 1.50 */
	assert_int_equal(level_value(&level, 2).minor, 1500);
	assert_int_equal(level_value(&level, 0).minor, 15);
	assert_int_equal(level_value(&level, 3).minor, 15000);
	level_move(&level, 1, 50, 2000);
	level.value = 500 * 100000 + 50000; /* 500.5 pence: to the even one */
	assert_int_equal(level_value(&level, 2).minor, 500);
	level.value = 501 * 100000 + 50000;
	assert_int_equal(level_value(&level, 2).minor, 502);
	level.value = -(501 * 100000 + 50000);
	assert_int_equal(level_value(&level, 2).minor, -502);
	level.value = (wide)1 << 120;
	assert_int_equal(level_value(&level, 2).minor, NUMBER_MAX);
	level.value = -((wide)1 << 120);
	assert_int_equal(level_value(&level, 2).minor, -NUMBER_MAX);
}

static void test_the_mean_is_weighted_by_time(void **state)
{
	struct level level = {0}, other = {0}, sum = {0};

	(void)state;
	assert_int_equal(level_mean(&level, 500), 0);
	level_move(&level, 100, 0, 1000);
	assert_int_equal(level_mean(&level, 1000), 0);
	assert_int_equal(level_mean(&level, 2000), 100);
	level_move(&level, -40, 0, 2000);
	assert_int_equal(level_mean(&level, 3000), 80);
	/* In the other order it is the same. */
	level_move(&other, -40, 0, 2000);
	level_move(&other, 100, 0, 1000);
	assert_memory_equal(&level, &other, sizeof(level));
	level_add(&sum, &level, 1);
	level_add(&sum, &other, 1);
	assert_int_equal(level_mean(&sum, 3000), 160);
	level_add(&sum, &other, -1);
	assert_int_equal(level_mean(&sum, 3000), 80);
}

static void test_rates(void **state)
{
	(void)state;
	assert_int_equal(share_bp(1, 3), 3333);
	assert_int_equal(share_bp(-1, 3), -3334);
	assert_int_equal(share_bp(5, 0), 0);
	assert_int_equal(share_bp(INT64_MAX, 1), NUMBER_MAX);
	assert_int_equal(ticket_average(money_of(2001), 2).minor, 1000);
	assert_int_equal(ticket_average(money_of(2003), 2).minor, 1002);
	assert_int_equal(ticket_average(money_of(2001), 0).minor, 0);
	assert_int_equal(cover_milli_days(60000, 40000, 1), 1500);
	assert_int_equal(cover_milli_days(60000, 0, 1), -1);
	assert_int_equal(cover_milli_days(-5, 40000, 1), 0);
	assert_true(stock_runs_out(1, 0));
	assert_true(stock_runs_out(1000, -5));
	assert_false(stock_runs_out(0, -1));
	assert_false(stock_runs_out(5, 1));
}

static void test_metrics(void **state)
{
	struct measures m = {.revenue = {100},
			     .returns = {30},
			     .units = {7000},
			     .returned_units = {2000},
			     .tickets = 5,
			     .return_tickets = 2};

	(void)state;
	assert_int_equal(metric_sum(metric_of(TEXT_LITERAL("revenue")), &m), 70);
	assert_int_equal(metric_sum(metric_of(TEXT_LITERAL("units")), &m), 5000);
	assert_int_equal(metric_sum(metric_of(TEXT_LITERAL("tickets")), &m), 5);
	assert_int_equal(metric_of(TEXT_LITERAL("glory")), METRIC_NONE);
	assert_int_equal(metric_sum(METRIC_NONE, &m), 0);
}

static void test_steps(void **state)
{
	(void)state;
	assert_int_equal(target_step(-50, 1000), 0);
	assert_int_equal(target_step(49, 1000), 0);
	assert_int_equal(target_step(50, 1000), 1);
	assert_int_equal(target_step(999, 1000), 19);
	assert_int_equal(target_step(1000, 1000), TARGET_STEPS);
	assert_int_equal(target_step(5000, 1000), TARGET_STEPS);
	assert_int_equal(target_step(0, 0), TARGET_STEPS);
	assert_int_equal(target_step(NUMBER_MAX - 1, NUMBER_MAX), 19);
}

static struct weights even(int64_t from, int64_t until, int64_t today)
{
	int64_t days = until - from + 1, over = today < from ? 0 : today > until ? days : today - from;

	return (struct weights){.total = days * WHOLE_BP,
				.over = over * WHOLE_BP,
				.elapsed = (over < 1 ? 1 : over) * WHOLE_BP,
				.left = (days - over) * WHOLE_BP,
				.days_left = days - over};
}

static struct pace pace_of(int64_t achieved, int64_t value, int64_t from, int64_t until, int64_t today)
{
	struct weights weights = even(from, until, today);

	return target_pace(achieved, value, &weights);
}

static void test_pace(void **state)
{
	struct pace pace = pace_of(250, 1000, 100, 109, 105); /* five of ten days are over */

	(void)state;
	assert_int_equal(pace.attained_bp, 2500);
	assert_int_equal(pace.pace_bp, 5000);
	assert_int_equal(pace.days_left, 5);
	assert_int_equal(pace.needed_per_day, 150);
	pace = pace_of(251, 1000, 100, 109, 105);
	assert_int_equal(pace.needed_per_day, 150);   /* 749 / 5, rounded up */
	pace = pace_of(100, 1000, 100, 109, 100); /* the first day counts as one */
	assert_int_equal(pace.pace_bp, 10000);
	assert_int_equal(pace.days_left, 10);
	pace = pace_of(0, 1000, 100, 109, 90); /* before its time */
	assert_int_equal(pace.days_left, 10);
	assert_int_equal(pace.needed_per_day, 100);
	pace = pace_of(900, 1000, 100, 109, 200); /* after it */
	assert_int_equal(pace.pace_bp, 9000);
	assert_int_equal(pace.days_left, 0);
	assert_int_equal(pace.needed_per_day, 100);
	pace = pace_of(1200, 1000, 100, 109, 105);
	assert_int_equal(pace.needed_per_day, 0);
	pace = pace_of(-100, 1000, 100, 109, 105);
	assert_int_equal(pace.attained_bp, -1000);
	assert_int_equal(pace.pace_bp, -2000);
	pace = pace_of(5, 0, 100, 100, 100);
	assert_int_equal(pace.attained_bp, WHOLE_BP);
}

static void test_chances(void **state)
{
	(void)state;
	/* The normal distribution, from its tables. */
	assert_int_equal(normal_bp(0), 5000);
	assert_int_equal(normal_bp(1), 8413);
	assert_int_equal(normal_bp(-1), 1587);
	assert_int_equal(normal_bp(1.96), 9750);
	assert_int_equal(normal_bp(-2.5758), 50);
	assert_int_equal(normal_bp(4.9), 10000);
	assert_int_equal(normal_bp(-4.9), 0);
	assert_int_equal(normal_bp(7), 10000);
	assert_int_equal(normal_bp(-7), 0);
}

static void test_curves(void **state)
{
	const struct weighted higher = {.floor = 100, .goal = 200, .cap = 250}, lower = {.floor = 10, .goal = 4, .cap = 1};

	(void)state;
	assert_int_equal(normalised_bp(&higher, 100), 0);
	assert_int_equal(normalised_bp(&higher, -NUMBER_MAX), 0);
	assert_int_equal(normalised_bp(&higher, 150), 5000);
	assert_int_equal(normalised_bp(&higher, 200), 10000);
	assert_int_equal(normalised_bp(&higher, 240), 14000);
	assert_int_equal(normalised_bp(&higher, NUMBER_MAX), 15000);
	assert_int_equal(normalised_bp(&lower, 11), 0);
	assert_int_equal(normalised_bp(&lower, 9), 1667);
	assert_int_equal(normalised_bp(&lower, 4), 10000);
	assert_int_equal(normalised_bp(&lower, 0), 15000);
}

static void test_days_and_hours(void **state)
{
	(void)state;
	assert_int_equal(day_at(20 * US_PER_DAY - 1, 0), 19);
	assert_int_equal(day_at(20 * US_PER_DAY - 1, 1), 20);
	assert_int_equal(day_at(20 * US_PER_DAY, -1), 19);
	assert_int_equal(day_at(0, 0), 1);
	assert_int_equal(hour_at(7 * US_PER_HOUR - 1), 6);
	assert_int_equal(hour_at(0), 1);
}

static void test_days_with_and_without_are_compared(void **state)
{
	const wide most = (wide)1 << 61;
	int64_t found = 0;

	(void)state;
	assert_true(sums_difference_bp(300, 2, 100, 1, &found) && found == 5000);
	assert_true(sums_difference_bp(-300, 2, 100, 1, &found) && found == -25000);
	assert_true(sums_difference_bp(20001, 2, 20000, 2, &found) && found == 0);   /* half a basis point: to even */
	assert_true(sums_difference_bp(20003, 2, 20000, 2, &found) && found == 2);   /* one and a half */
	assert_false(sums_difference_bp(300, 0, 100, 1, &found));
	assert_false(sums_difference_bp(300, 1, 100, 0, &found));
	assert_false(sums_difference_bp(300, 1, 0, 1, &found));
	assert_false(sums_difference_bp(300, 1, -5, 1, &found));
	assert_true(sums_difference_bp(most, 366000, most, 366000, &found) && found == 0);
	assert_true(sums_difference_bp(most, 366000, most / 2, 366000, &found) && found == 10000);
	assert_true(sums_difference_bp(most, 1, 1, 366000, &found) && found == NUMBER_MAX);
	assert_true(sums_difference_bp(-most, 1, 1, 366000, &found) && found == -NUMBER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_days_with_and_without_are_compared),
	    cmocka_unit_test(test_measures_add_and_undo),
	    cmocka_unit_test(test_sums_have_an_end),
	    cmocka_unit_test(test_stock_is_worth_balance_times_price),
	    cmocka_unit_test(test_the_mean_is_weighted_by_time),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_metrics),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_pace),
	    cmocka_unit_test(test_days_and_hours),
	    cmocka_unit_test(test_chances),
	    cmocka_unit_test(test_curves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
