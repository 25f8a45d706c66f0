/*
 * Goal: distances are right to half a percent, rounds are permutations, and short rounds are as good as
 * every other order allows. Method: the great circle in floating point; every order of up to eight stops;
 * stops on a circle, whose best order is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "route.h"

#define DEGREE 10000000

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int32_t random_within(uint64_t *seed, int32_t middle, int32_t reach)
{
	return (int32_t)((int64_t)middle - reach +
	                 (int64_t)(next_random(seed) % (2 * (uint64_t)reach + 1)));
}

static double great_circle(struct spot a, struct spot b)
{
	double radian = 3.14159265358979323846 / 180 / DEGREE, north = (a.latitude - b.latitude) * radian;
	double east = ((double)a.longitude - b.longitude) * radian;
	double half = pow(sin(north / 2), 2) +
	              cos(a.latitude * radian) * cos(b.latitude * radian) * pow(sin(east / 2), 2);

	return 2 * 6378137.0 * asin(sqrt(half));
}

static void test_distances_agree_with_the_great_circle(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct spot a = {random_within(&seed, 0, 60 * DEGREE),
		                 random_within(&seed, 0, 170 * DEGREE), true};
		struct spot b = {random_within(&seed, a.latitude, DEGREE),
		                 random_within(&seed, a.longitude, DEGREE), true};
		double exact = great_circle(a, b);

		assert_true(fabs((double)spot_metres(a, b) - exact) <= 0.005 * exact + 2);
		assert_int_equal(spot_metres(a, b), spot_metres(b, a));
	}
}

static void test_the_date_line_is_no_wall(void **state)
{
	struct spot fiji = {-17 * DEGREE, 179 * DEGREE + DEGREE / 2, true},
	            samoa = {-17 * DEGREE, -(179 * DEGREE + DEGREE / 2), true};

	(void)state;
	assert_in_range(spot_metres(fiji, samoa), 106000, 107000);
}

static void test_the_poles_and_nowhere_are_harmless(void **state)
{
	struct spot north = {90 * DEGREE, 0, true}, other = {90 * DEGREE, 180 * DEGREE - 1, true},
	            nowhere = {0};

	(void)state;
	assert_int_equal(spot_metres(north, other), 0);
	assert_int_equal(spot_metres(north, nowhere), 0);
}

static void assert_permutation(const uint32_t *order, uint32_t count)
{
	uint8_t seen[256] = {0};

	for (uint32_t i = 0; i < count; i++) {
		assert_true(order[i] < count);
		assert_int_equal(seen[order[i]]++, 0);
	}
}

/* The shortest round of all, by trying every order. */
static int64_t shortest(struct spot depot, const struct spot *stops, uint32_t count, uint32_t *order,
                        uint32_t at)
{
	int64_t best = INT64_MAX;

	if (at == count)
		return route_metres(depot, stops, count, order);
	for (uint32_t i = at; i < count; i++) {
		uint32_t swapped = order[at];

		order[at] = order[i];
		order[i] = swapped;
		int64_t metres = shortest(depot, stops, count, order, at + 1);
		best = metres < best ? metres : best;
		order[i] = order[at];
		order[at] = swapped;
	}
	return best;
}

static void test_short_rounds_are_nearly_the_best_of_all_orders(void **state)
{
	int64_t ours_in_all = 0, best_in_all = 0;
	uint64_t seed = 2024;

	(void)state;
	for (int i = 0; i < 120; i++) {
		uint32_t count = (uint32_t)(i % 8) + 1, order[8], tried[8] = {0, 1, 2, 3, 4, 5, 6, 7};
		struct spot depot = {random_within(&seed, 51 * DEGREE, DEGREE),
		                     random_within(&seed, 0, DEGREE), true},
		            stops[8];

		if (count == 8 && i > 60)
			count = 7;
		for (uint32_t k = 0; k < count; k++)
			stops[k] = (struct spot){random_within(&seed, 51 * DEGREE, DEGREE),
			                         random_within(&seed, 0, DEGREE), true};
		route_order(depot, stops, count, order);
		assert_permutation(order, count);
		int64_t ours = route_metres(depot, stops, count, order),
		        best = shortest(depot, stops, count, tried, 0);
		assert_true(ours >= best && ours <= best + best / 5);
		if (count <= 3)
			assert_true(ours <= best + 3); /* a turned-round triangle may differ by rounding */
		ours_in_all += ours;
		best_in_all += best;
	}
	assert_true(ours_in_all <= best_in_all + best_in_all / 50); /* two percent on average */
}

static void test_stops_on_a_circle_are_driven_round_it(void **state)
{
	uint64_t seed = 77;

	(void)state;
	for (uint32_t count = 3; count <= ROUTE_STOPS_MAX; count += 7) {
		struct spot stops[ROUTE_STOPS_MAX], depot = {DEGREE, 0, true};
		uint32_t order[ROUTE_STOPS_MAX], around[ROUTE_STOPS_MAX];

		for (uint32_t i = 0; i < count; i++)
			around[i] = i;
		for (uint32_t i = count - 1; i > 0; i--) { /* the stops are given in a shuffled order */
			uint32_t k = (uint32_t)(next_random(&seed) % (i + 1)), swapped = around[i];

			around[i] = around[k];
			around[k] = swapped;
		}
		for (uint32_t i = 0; i < count; i++) {
			double angle = 2 * 3.14159265358979323846 * (around[i] + 1) / (count + 1);

			stops[i] = (struct spot){(int32_t)(DEGREE * cos(angle)),
			                         (int32_t)(DEGREE * sin(angle)), true};
		}
		route_order(depot, stops, count, order);
		assert_permutation(order, count);
		bool forward = around[order[0]] == 0;
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(around[order[i]], forward ? i : count - 1 - i);
	}
}

static void test_without_coordinates_the_given_order_stays(void **state)
{
	struct spot depot = {51 * DEGREE, 0, true};
	struct spot stops[] = {{53 * DEGREE, 0, true}, {0, 0, false}, {51 * DEGREE, 1, true}};
	uint32_t order[3];

	(void)state;
	route_order(depot, stops, 3, order);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(order[i], i);
}

static void test_a_long_round_goes_to_the_nearest_stop_each_time(void **state)
{
	enum { COUNT = 200 };
	struct spot depot = {51 * DEGREE, 0, true}, stops[COUNT];
	uint32_t order[COUNT];

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		stops[i] = (struct spot){51 * DEGREE, (int32_t)((i * 83 % COUNT + 1) * 10000), true};
	route_order(depot, stops, COUNT, order);
	assert_permutation(order, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(stops[order[i]].longitude, (int32_t)((i + 1) * 10000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_distances_agree_with_the_great_circle),
	    cmocka_unit_test(test_the_date_line_is_no_wall),
	    cmocka_unit_test(test_the_poles_and_nowhere_are_harmless),
	    cmocka_unit_test(test_short_rounds_are_nearly_the_best_of_all_orders),
	    cmocka_unit_test(test_stops_on_a_circle_are_driven_round_it),
	    cmocka_unit_test(test_without_coordinates_the_given_order_stays),
	    cmocka_unit_test(test_a_long_round_goes_to_the_nearest_stop_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
