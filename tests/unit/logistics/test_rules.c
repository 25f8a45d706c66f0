/*
 * Goal: sharing, choosing, pricing, loading and stepping are what DESIGN.md says.
 * Method: tables worked out by hand; sharing against every other way to share small quantities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules.h"

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int64_t given_in_all(const struct claim *claims, uint32_t count)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		assert_true(claims[i].given.milli >= 0 && claims[i].given.milli <= claims[i].asked.milli);
		sum += claims[i].given.milli;
	}
	return sum;
}

static void test_the_textbook_case_is_shared_by_largest_remainder(void **state)
{
	/* 10 among 6, 5 and 2: quotas 4.615, 3.846, 1.538 -> 4, 3, 1 and the two largest remainders */
	struct claim claims[] = {{.asked = {6000}}, {.asked = {5000}}, {.asked = {2000}}};

	(void)state;
	share_scarce(quantity_of(10000), quantity_of(1000), claims, 3);
	assert_int_equal(claims[0].given.milli, 5000);
	assert_int_equal(claims[1].given.milli, 4000);
	assert_int_equal(claims[2].given.milli, 1000);
}

static void test_ties_go_to_the_first_claim(void **state)
{
	struct claim claims[] = {{.asked = {4000}}, {.asked = {4000}}, {.asked = {4000}}};

	(void)state;
	share_scarce(quantity_of(5999), quantity_of(1000), claims, 3);
	assert_int_equal(claims[0].given.milli, 2000);
	assert_int_equal(claims[1].given.milli, 2000);
	assert_int_equal(claims[2].given.milli, 1000);
}

static void test_nothing_and_less_than_nothing_is_shared_as_nothing(void **state)
{
	struct claim claims[] = {{.asked = {4000}}, {.asked = {1}}};

	(void)state;
	share_scarce(quantity_of(0), quantity_of(1000), claims, 2);
	assert_int_equal(given_in_all(claims, 2), 0);
	share_scarce(quantity_of(-9000), quantity_of(1000), claims, 2);
	assert_int_equal(given_in_all(claims, 2), 0);
	share_scarce(quantity_of(999), quantity_of(1000), claims, 2);
	assert_int_equal(given_in_all(claims, 2), 0);
}

/* Sum of squared distances from the exact shares, times total squared: what largest remainder makes
   smallest. */
static int64_t unfairness(const int64_t *units, const struct claim *claims, uint32_t count,
                          int64_t available, int64_t total)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		int64_t off = units[i] * total - available * (claims[i].asked.milli / 1000);

		sum += off * off;
	}
	return sum;
}

static int64_t fairest(int64_t *units, uint32_t at, int64_t left, const struct claim *claims,
                       uint32_t count, int64_t available, int64_t total)
{
	int64_t best = INT64_MAX;

	if (at == count)
		return left == 0 ? unfairness(units, claims, count, available, total) : best;
	for (units[at] = 0; units[at] <= left; units[at]++) {
		int64_t found = fairest(units, at + 1, left - units[at], claims, count, available, total);

		best = found < best ? found : best;
	}
	return best;
}

static void test_no_other_way_to_share_is_fairer(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct claim claims[4];
		uint32_t count = (uint32_t)(next_random(&seed) % 4) + 1;
		int64_t total = 0, units[4];

		for (uint32_t k = 0; k < count; k++) {
			claims[k] = (struct claim){.asked = {1000 * (int64_t)(next_random(&seed) % 7 + 1)}};
			total += claims[k].asked.milli / 1000;
		}
		int64_t available = (int64_t)(next_random(&seed) % (uint64_t)total);
		share_scarce(quantity_of(available * 1000), quantity_of(1000), claims, count);
		assert_int_equal(given_in_all(claims, count), available * 1000);
		for (uint32_t k = 0; k < count; k++)
			units[k] = claims[k].given.milli / 1000;
		int64_t ours = unfairness(units, claims, count, available, total);
		assert_int_equal(ours, fairest(units, 0, available, claims, count, available, total));
	}
}

static void test_whole_packs_are_given_and_never_more_than_there_is(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct claim claims[40];
		uint32_t count = (uint32_t)(next_random(&seed) % 40) + 1;
		int64_t pack = (int64_t)(next_random(&seed) % 9000) + 1;
		int64_t available = (int64_t)(next_random(&seed) % 100000);

		for (uint32_t k = 0; k < count; k++)
			claims[k] = (struct claim){.asked = {(int64_t)(next_random(&seed) % 20000) + 1}};
		share_scarce(quantity_of(available), quantity_of(pack), claims, count);
		assert_true(given_in_all(claims, count) <= available);
		for (uint32_t k = 0; k < count; k++)
			assert_true(claims[k].given.milli % pack == 0 ||
			            claims[k].given.milli == claims[k].asked.milli);
	}
}

static void test_the_largest_claims_do_not_overflow(void **state)
{
	static struct claim claims[WAVE_CLAIMS_MAX];

	(void)state;
	for (uint32_t i = 0; i < WAVE_CLAIMS_MAX; i++)
		claims[i] = (struct claim){.asked = {NUMBER_MAX}};
	share_scarce(quantity_of(NUMBER_MAX), quantity_of(1), claims, WAVE_CLAIMS_MAX);
	assert_int_equal(given_in_all(claims, WAVE_CLAIMS_MAX), NUMBER_MAX);
}

static void test_the_cheapest_offer_that_keeps_the_promise_wins(void **state)
{
	static const struct offer cheap_slow = {500, 1440, 0}, dear_fast = {900, 60, 0},
	                          cheap_slower = {500, 2880, 0}, dearer_fast = {950, 60, 0}, lossy = {400, 1440, 101};

	(void)state;
	assert_true(offer_better(&cheap_slow, &dear_fast, 2000));
	assert_false(offer_better(&dear_fast, &cheap_slow, 2000));
	assert_true(offer_better(&dear_fast, &cheap_slow, 100));
	assert_true(offer_better(&cheap_slow, &lossy, 2000)); /* what is lost is paid for */
	assert_true(offer_better(&cheap_slow, &cheap_slower, 5000)); /* the same cost: the faster */
	assert_true(offer_better(&dear_fast, &cheap_slow, -5));      /* too late for all: the fastest */
	assert_true(offer_better(&dear_fast, &dearer_fast, -5));     /* as fast: the cheaper */
	assert_false(offer_better(&dear_fast, &dear_fast, 100)); /* the same: the one found first stays */
	assert_false(offer_better(&dear_fast, &dear_fast, -5));
}

static void test_a_journey_costs_lane_stops_and_kilometres(void **state)
{
	static const struct {
		int64_t lane, per_stop, stops, per_km, metres, cost;
	} cases[] = {{500, 300, 1, 50, 10000, 1300},
	             {0, 0, 0, 10, 12345, 123},
	             {0, 0, 0, 10, 12350, 124},
	             {0, 0, 0, 10, 12450, 124},
	             {0, 0, 0, 10, 12451, 125},
	             {0, 300, 4, 0, 99999, 1200},
	             {NUMBER_MAX, NUMBER_MAX, 9, NUMBER_MAX, NUMBER_MAX, NUMBER_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(journey_cost(money_of(cases[i].lane), money_of(cases[i].per_stop),
		                              cases[i].stops, money_of(cases[i].per_km), cases[i].metres)
		                     .minor,
		                 cases[i].cost);
}

static void test_a_vehicle_takes_whole_packs(void **state)
{
	static const struct {
		int64_t wanted, pack, used, capacity, room;
	} cases[] = {{5000, 1000, 0, 0, 5000},       {5000, 1000, 0, 9000, 5000},
	             {5000, 2000, 5000, 8000, 2000}, {5000, 4000, 5000, 8000, 0},
	             {5000, 4000, 0, 3000, 4000},    {3500, 4000, 0, 3000, 3500},
	             {5000, 1000, 9000, 8000, 0},    {5000, 5000, 3000, 8000, 5000}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(vehicle_room(quantity_of(cases[i].wanted), quantity_of(cases[i].pack),
		                              quantity_of(cases[i].used), quantity_of(cases[i].capacity))
		                     .milli,
		                 cases[i].room);
}

static void test_a_shipment_only_moves_forward(void **state)
{
	static const char allowed[SHIPMENT_STATES][SHIPMENT_STATES + 1] = {".xx..", "..x..", "...xx",
	                                                                   "....x", "....."};

	(void)state;
	for (unsigned from = 0; from < SHIPMENT_STATES; from++)
		for (unsigned to = 0; to < SHIPMENT_STATES; to++)
			assert_int_equal(step_allowed((enum shipment_state)from, (enum shipment_state)to),
			                 allowed[from][to] == 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_textbook_case_is_shared_by_largest_remainder),
	    cmocka_unit_test(test_ties_go_to_the_first_claim),
	    cmocka_unit_test(test_nothing_and_less_than_nothing_is_shared_as_nothing),
	    cmocka_unit_test(test_no_other_way_to_share_is_fairer),
	    cmocka_unit_test(test_whole_packs_are_given_and_never_more_than_there_is),
	    cmocka_unit_test(test_the_largest_claims_do_not_overflow),
	    cmocka_unit_test(test_the_cheapest_offer_that_keeps_the_promise_wins),
	    cmocka_unit_test(test_a_journey_costs_lane_stops_and_kilometres),
	    cmocka_unit_test(test_a_vehicle_takes_whole_packs),
	    cmocka_unit_test(test_a_shipment_only_moves_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
