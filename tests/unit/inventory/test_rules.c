/*
 * Goal: the arithmetic of stock is what DESIGN.md says. Method: tables worked out by hand, and properties
 * over seeded random values against slower, simpler reckonings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules.h"

static const struct tuning tuning = {
    .smoothing_days = 16, .safety_percent = 250, .review_days = 7, .handling_minutes = 240};

/* xorshift64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void test_the_position_counts_everything_under_way(void **state)
{
	struct stock stock = {.on_hand = {-3000},
	                      .in_transit = {2000},
	                      .on_order = {5000},
	                      .reserved = {1000},
	                      .backlog = {700}};

	(void)state;
	assert_int_equal(stock_position(&stock).milli, 3000);
}

static void test_a_balance_stops_at_its_bound(void **state)
{
	(void)state;
	assert_int_equal(balance_moved(quantity_of(5), quantity_of(-7)).milli, -2);
	assert_int_equal(balance_moved(quantity_of(BALANCE_MAX), quantity_of(1)).milli, BALANCE_MAX);
	assert_int_equal(balance_moved(quantity_of(-BALANCE_MAX), quantity_of(-NUMBER_MAX)).milli,
	                 -BALANCE_MAX);
	assert_int_equal(balance_moved(quantity_of(BALANCE_MAX), quantity_of(INT64_MIN)).milli,
	                 -BALANCE_MAX);
}

static void test_a_shortfall_begins_where_zero_is_crossed(void **state)
{
	(void)state;
	assert_true(shortfall_begins(quantity_of(0), quantity_of(-1)));
	assert_true(shortfall_begins(quantity_of(9), quantity_of(-1)));
	assert_false(shortfall_begins(quantity_of(1), quantity_of(0)));
	assert_false(shortfall_begins(quantity_of(-1), quantity_of(-2)));
	assert_false(shortfall_begins(quantity_of(-2), quantity_of(3)));
}

static void test_the_root_is_the_largest_whose_square_fits(void **state)
{
	(void)state;
	for (uint64_t number = 0, root = 0; number < 200000; number++) {
		if ((root + 1) * (root + 1) <= number)
			root++;
		assert_int_equal(root_floor(number), root);
	}
	assert_int_equal(root_floor(UINT64_MAX), UINT32_MAX);
	assert_int_equal(root_floor(UINT64_C(18446744065119617025)), UINT32_MAX);
	assert_int_equal(root_floor(UINT64_C(18446744065119617024)), UINT32_MAX - 1);
}

static void test_quantities_are_rounded_up_to_packs(void **state)
{
	static const struct {
		int64_t quantity, pack, rounded;
	} cases[] = {{1, 1000, 1000},
	             {1000, 1000, 1000},
	             {1001, 1000, 2000},
	             {0, 1000, 0},
	             {-5, 1000, 0},
	             {7000, 6000, 12000},
	             {BALANCE_MAX, 3000, RESTOCK_MAX},
	             {5, NUMBER_MAX, RESTOCK_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    whole_packs(quantity_of(cases[i].quantity), quantity_of(cases[i].pack)).milli,
		    cases[i].rounded);
}

static void test_a_restock_leads_up_to_the_level_and_less_than_a_pack_beyond(void **state)
{
	uint64_t seed = 481516;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct policy policy = {.origin = POLICY_COMPUTED,
		                        .reorder_point = {(int64_t)(next_random(&seed) % 50000)}};
		policy.order_up_to.milli =
		    policy.reorder_point.milli + (int64_t)(next_random(&seed) % 50000);
		int64_t position = (int64_t)(next_random(&seed) % 120000) - 20000;
		int64_t pack = (int64_t)(next_random(&seed) % 7000) + 1;
		int64_t quantity =
		    restock_quantity(quantity_of(position), &policy, quantity_of(pack)).milli;

		if (position > policy.reorder_point.milli) {
			assert_int_equal(quantity, 0);
			continue;
		}
		assert_int_equal(quantity % pack, 0);
		assert_true(position + quantity >= policy.order_up_to.milli);
		assert_true(quantity == 0 || position + quantity - pack < policy.order_up_to.milli);
	}
}

static void test_a_shelf_without_a_policy_is_never_restocked(void **state)
{
	struct policy none = {0};

	(void)state;
	assert_int_equal(restock_quantity(quantity_of(-9000), &none, quantity_of(1000)).milli, 0);
}

static void test_silent_days_in_one_step_are_silent_days_one_by_one(void **state)
{
	uint64_t seed = 23;
	struct demand leaping = {0}, walking = {0};
	int64_t day = 20000;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct quantity sold = quantity_of((int64_t)(next_random(&seed) % 9000));
		int64_t gap = (int64_t)(next_random(&seed) % 5);

		for (int64_t silent = 1; silent < gap; silent++)
			if (walking.day != 0)
				demand_add(&walking, day + silent, quantity_of(0), &tuning);
		day += gap;
		demand_add(&leaping, day, sold, &tuning);
		demand_add(&walking, day, sold, &tuning);
		assert_memory_equal(&leaping, &walking, sizeof(leaping));
	}
}

static void test_steady_demand_is_learnt_and_silence_forgets_it(void **state)
{
	struct demand demand = {0};

	(void)state;
	for (int64_t day = 1; day <= 400; day++)
		demand_add(&demand, day, quantity_of(5000), &tuning);
	assert_in_range(demand.level, 4990000, 5000000);
	assert_in_range(demand.deviation, 0, 10000);
	demand_add(&demand, 400 + 258, quantity_of(1000), &tuning);
	assert_int_equal(demand.level, 0);
	assert_int_equal(demand.deviation, 0);
}

static void test_the_first_days_count_as_their_mean_with_one_silent_day(void **state)
{
	struct demand demand = {0};

	(void)state;
	demand_add(&demand, 100, quantity_of(6000), &tuning);
	assert_int_equal(demand.level, 0);
	demand_add(&demand, 101, quantity_of(3000), &tuning);
	assert_int_equal(demand.level, 3000000); /* (0 + 6) / 2 */
	demand_add(&demand, 102, quantity_of(9000), &tuning);
	assert_int_equal(demand.level, 3000000); /* (0 + 6 + 3) / 3 */
	demand_add(&demand, 103, quantity_of(1), &tuning);
	assert_int_equal(demand.level, 4500000); /* (0 + 6 + 3 + 9) / 4 */
}

static void test_a_sale_of_the_open_day_can_be_taken_back_and_no_other(void **state)
{
	struct demand demand = {0};

	(void)state;
	demand_add(&demand, 100, quantity_of(6000), &tuning);
	demand_take_back(&demand, 100, quantity_of(2000));
	assert_int_equal(demand.today.milli, 4000);
	demand_take_back(&demand, 99, quantity_of(2000));
	assert_int_equal(demand.today.milli, 4000);
	demand_take_back(&demand, 100, quantity_of(9000));
	assert_int_equal(demand.today.milli, 0);
}

static void test_the_computed_policy_is_the_one_of_the_books(void **state)
{
	/* level 4, deviation 4 a day; lead 1440 + 240 minutes: root of 7/6 days is 1.080 */
	struct demand demand = {.level = 4000000, .deviation = 4000000, .day = 100};
	struct supply supply = {.pack = {1000}, .lead_minutes = 1440};
	struct policy policy = {0};

	(void)state;
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	assert_int_equal(policy.origin, POLICY_COMPUTED);
	assert_int_equal(policy.reorder_point.milli, 15467); /* 4.666... + 2.5 * 4 * 1.080 */
	assert_int_equal(policy.order_up_to.milli, 43467);
	assert_int_equal(policy.version, 1);
	/* the same figures are the same policy */
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	assert_int_equal(policy.version, 1);
	/* a pack larger than the review's demand */
	supply.pack = quantity_of(50000);
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	assert_int_equal(policy.order_up_to.milli, 65467);
	assert_int_equal(policy.version, 2);
	/* nobody supplies: only the review is left */
	supply = (struct supply){.pack = {1000}, .lead_minutes = LEAD_NONE};
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	assert_int_equal(policy.reorder_point.milli, 0);
	assert_int_equal(policy.order_up_to.milli, 28000);
	assert_int_equal(policy.version, 3);
}

static void test_the_master_data_wins_and_the_computed_count_goes_on(void **state)
{
	struct demand demand = {.level = 4000000, .deviation = 4000000, .day = 100};
	struct supply supply = {.pack = {1000}, .lead_minutes = 1440};
	struct rule rule = {.reorder_point = {7000}, .order_up_to = {9000}, .version = 12};
	struct policy policy = {0};

	(void)state;
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	policy = policy_of(&policy, &rule, &demand, &supply, &tuning);
	assert_int_equal(policy.origin, POLICY_MASTER);
	assert_int_equal(policy.reorder_point.milli, 7000);
	assert_int_equal(policy.order_up_to.milli, 9000);
	assert_int_equal(policy.version, 12);
	policy = policy_of(&policy, NULL, &demand, &supply, &tuning);
	assert_int_equal(policy.origin, POLICY_COMPUTED);
	assert_int_equal(policy.version, 2);
	policy = policy_of(&policy, NULL, &(struct demand){0}, &supply, &tuning);
	assert_int_equal(policy.origin, POLICY_NONE);
	assert_int_equal(policy.order_up_to.milli, 0);
}

static void test_no_input_makes_a_figure_leave_its_bounds(void **state)
{
	static const struct tuning wild = {
	    .smoothing_days = 2, .safety_percent = 1000, .review_days = 90, .handling_minutes = 43200};
	struct supply supply = {.pack = {NUMBER_MAX}, .lead_minutes = 5256000};
	struct policy policy = {0};
	struct demand demand = {0};

	(void)state;
	for (int64_t day = 1; day < 200; day++) {
		for (int i = 0; i < 5; i++)
			demand_add(&demand, day, quantity_of(NUMBER_MAX), &wild);
		policy = policy_of(&policy, NULL, &demand, &supply, &wild);
		assert_in_range(policy.reorder_point.milli, 0, BALANCE_MAX);
		assert_in_range(policy.order_up_to.milli, 0, BALANCE_MAX);
		assert_in_range(restock_quantity(quantity_of(-4 * BALANCE_MAX), &policy, supply.pack).milli,
		                0, RESTOCK_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_position_counts_everything_under_way),
	    cmocka_unit_test(test_a_balance_stops_at_its_bound),
	    cmocka_unit_test(test_a_shortfall_begins_where_zero_is_crossed),
	    cmocka_unit_test(test_the_root_is_the_largest_whose_square_fits),
	    cmocka_unit_test(test_quantities_are_rounded_up_to_packs),
	    cmocka_unit_test(test_a_restock_leads_up_to_the_level_and_less_than_a_pack_beyond),
	    cmocka_unit_test(test_a_shelf_without_a_policy_is_never_restocked),
	    cmocka_unit_test(test_silent_days_in_one_step_are_silent_days_one_by_one),
	    cmocka_unit_test(test_steady_demand_is_learnt_and_silence_forgets_it),
	    cmocka_unit_test(test_the_first_days_count_as_their_mean_with_one_silent_day),
	    cmocka_unit_test(test_a_sale_of_the_open_day_can_be_taken_back_and_no_other),
	    cmocka_unit_test(test_the_computed_policy_is_the_one_of_the_books),
	    cmocka_unit_test(test_the_master_data_wins_and_the_computed_count_goes_on),
	    cmocka_unit_test(test_no_input_makes_a_figure_leave_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
