/*
 * Goal: polygons are judged exactly: what lies in them, which are sound, which lie over each other. Method: known figures; then many random
 * ones of squares on a lattice, whose common squares are counted one by one, and random triangles, whose points are tried one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/polygon.h"

#define SIDE 6 /* squares of the lattice, each way */

static uint64_t dice = 88172645463325252u;

static int32_t roll(int32_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (int32_t)(dice % (uint64_t)sides);
}

#define POLYGON(...) ((struct polygon){(const struct point[]){__VA_ARGS__}, sizeof((const struct point[]){__VA_ARGS__}) / sizeof(struct point)})

static void test_a_border_belongs_to_one_side(void **state)
{
	struct polygon west = POLYGON({0, 0}, {0, 10}, {10, 10}, {10, 0}), east = POLYGON({0, 10}, {10, 10}, {10, 20}, {0, 20}),
		       north = POLYGON({10, 0}, {10, 10}, {20, 10}, {20, 0});

	(void)state;
	for (int32_t at = 0; at < 10; at++) {
		assert_true(polygon_holds(&west, (struct point){at, 10}) != polygon_holds(&east, (struct point){at, 10}));
		assert_true(polygon_holds(&west, (struct point){10, at}) != polygon_holds(&north, (struct point){10, at}));
	}
	assert_true(polygon_holds(&west, (struct point){5, 5}));
	assert_false(polygon_holds(&west, (struct point){5, 11}));
	assert_false(polygon_holds(&west, (struct point){-1, 5}));
}

static void test_the_whole_map_does_not_overflow(void **state)
{
	struct polygon map = POLYGON({-900000000, -1800000000}, {-900000000, 1800000000}, {900000000, 1800000000}, {900000000, -1800000000});
	struct polygon wedge = POLYGON({-900000000, -1800000000}, {900000000, 1799999999}, {900000000, 1800000000});

	(void)state;
	assert_true(polygon_sound(&map));
	assert_true(polygon_sound(&wedge));
	assert_true(polygon_holds(&map, (struct point){899999999, 1799999999}));
	assert_true(polygon_overlaps(&map, &wedge));
	assert_false(polygon_holds(&wedge, (struct point){0, 0}));
}

static void test_what_is_no_polygon_is_told(void **state)
{
	struct polygon bow = POLYGON({0, 0}, {10, 10}, {10, 0}, {0, 10}), flat = POLYGON({0, 0}, {5, 5}, {10, 10}),
		       back = POLYGON({0, 0}, {0, 10}, {0, 5}, {5, 5}), twice = POLYGON({0, 0}, {0, 0}, {5, 5}, {0, 9}),
		       touching = POLYGON({0, 0}, {0, 10}, {10, 10}, {0, 5}, {10, 0}), off = POLYGON({0, 0}, {900000001, 0}, {0, 10}),
		       far = POLYGON({0, 0}, {0, 1800000001}, {10, 0}), two = POLYGON({0, 0}, {0, 10}),
		       straight = POLYGON({0, 0}, {0, 5}, {0, 10}, {10, 10});
	const struct polygon *bad[] = {&bow, &flat, &back, &twice, &touching, &off, &far, &two};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(polygon_sound(bad[i]));
	assert_true(polygon_sound(&straight)); /* a corner on a straight edge does no harm */
}

static void test_to_touch_is_not_to_overlap(void **state)
{
	struct polygon square = POLYGON({0, 0}, {0, 10}, {10, 10}, {10, 0}), beside = POLYGON({0, 10}, {10, 10}, {10, 20}, {0, 20}),
		       corner = POLYGON({10, 10}, {10, 20}, {20, 20}), again = POLYGON({10, 10}, {10, 0}, {0, 0}, {0, 10}),
		       within = POLYGON({2, 2}, {2, 3}, {3, 2}), half = POLYGON({0, 0}, {0, 10}, {10, 10}),
		       cut = POLYGON({0, 0}, {0, 5}, {0, 10}, {10, 10}, {10, 5}, {10, 0}), cross = POLYGON({-1, 4}, {-1, 6}, {11, 6}, {11, 4}),
		       through = POLYGON({5, -5}, {15, 5}, {5, 15}, {-5, 5});

	(void)state;
	assert_false(polygon_overlaps(&square, &beside));
	assert_false(polygon_overlaps(&square, &corner));
	assert_true(polygon_overlaps(&square, &again));
	assert_true(polygon_overlaps(&square, &within) && polygon_overlaps(&within, &square));
	assert_true(polygon_overlaps(&square, &half) && polygon_overlaps(&half, &square));
	assert_true(polygon_overlaps(&square, &cut) && polygon_overlaps(&square, &cross));
	assert_true(polygon_overlaps(&square, &through)); /* they meet at corners and edges alone, and lie over each other */
}

/* A figure of one or two rectangles side by side (an L, a step), by its squares and by its corners. */
struct figure {
	bool squares[SIDE][SIDE];
	struct point points[8];
	struct polygon polygon;
};

static void figure_make(struct figure *figure)
{
	int32_t left = roll(SIDE - 1), middle = left + 1 + roll(SIDE - left - 1), right = middle + roll(SIDE - middle + 1);
	int32_t low = roll(SIDE), high = low + 1 + roll(SIDE - low), low2 = roll(SIDE), high2 = low2 + 1 + roll(SIDE - low2);
	bool is_joined = right > middle && low2 < high && low < high2;
	size_t count = 0;

	*figure = (struct figure){0};
	if (!is_joined)
		right = middle;
	for (int32_t x = left; x < right; x++)
		for (int32_t y = x < middle ? low : low2; y < (x < middle ? high : high2); y++)
			figure->squares[y][x] = true;
	figure->points[count++] = (struct point){low, left};
	figure->points[count++] = (struct point){low, middle};
	if (is_joined) {
		if (low2 != low)
			figure->points[count++] = (struct point){low2, middle};
		figure->points[count++] = (struct point){low2, right};
		figure->points[count++] = (struct point){high2, right};
		if (high2 != high)
			figure->points[count++] = (struct point){high2, middle};
	}
	figure->points[count++] = (struct point){high, middle};
	figure->points[count++] = (struct point){high, left};
	figure->polygon = (struct polygon){figure->points, count};
}

static void test_figures_of_squares_share_what_they_share(void **state)
{
	unsigned shared = 0;

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		struct figure one, two;
		bool is_shared = false;

		figure_make(&one);
		figure_make(&two);
		assert_true(polygon_sound(&one.polygon));
		for (int32_t y = 0; y < SIDE; y++)
			for (int32_t x = 0; x < SIDE; x++) {
				is_shared = is_shared || (one.squares[y][x] && two.squares[y][x]);
				assert_int_equal(polygon_holds(&one.polygon, (struct point){y, x}), one.squares[y][x]); /* its low corner */
			}
		assert_int_equal(polygon_overlaps(&one.polygon, &two.polygon), is_shared);
		assert_int_equal(polygon_overlaps(&two.polygon, &one.polygon), is_shared);
		shared += is_shared;
	}
	assert_in_range(shared, 5000, 45000); /* both ways were tried */
}

static bool triangle_make(struct point points[3], struct polygon *polygon)
{
	for (unsigned i = 0; i < 3; i++)
		points[i] = (struct point){roll(9) * 8, roll(9) * 8};
	*polygon = (struct polygon){points, 3};
	return polygon_sound(polygon);
}

static bool is_inside(const struct polygon *polygon, struct point at)
{
	return polygon_holds(polygon, at) && polygon_holds(polygon, (struct point){at.latitude - 1, at.longitude}) &&
	       polygon_holds(polygon, (struct point){at.latitude, at.longitude - 1}) &&
	       polygon_holds(polygon, (struct point){at.latitude - 1, at.longitude - 1});
}

static void test_triangles_that_share_a_point_inside_overlap(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct point a[3], b[3];
		struct polygon one, two;
		bool is_shared = false;

		if (!triangle_make(a, &one) || !triangle_make(b, &two))
			continue;
		for (int32_t y = 0; y <= 64; y++)
			for (int32_t x = 0; x <= 64; x++)
				is_shared = is_shared || (is_inside(&one, (struct point){y, x}) && is_inside(&two, (struct point){y, x}));
		assert_true(!is_shared || polygon_overlaps(&one, &two));
		assert_int_equal(polygon_overlaps(&one, &two), polygon_overlaps(&two, &one));
		found += is_shared;
		for (unsigned i = 0; i < 3; i++)
			b[i].longitude += 64; /* beside the first: at most a border in common */
		assert_false(polygon_overlaps(&one, &two));
	}
	assert_in_range(found, 300, 3000);
}

static void test_a_box_is_around(void **state)
{
	struct polygon polygon = POLYGON({3, -7}, {-2, 5}, {9, 1});
	struct box box = polygon_box(&polygon);

	(void)state;
	assert_int_equal(box.low.latitude, -2);
	assert_int_equal(box.low.longitude, -7);
	assert_int_equal(box.high.latitude, 9);
	assert_int_equal(box.high.longitude, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_border_belongs_to_one_side),
	    cmocka_unit_test(test_the_whole_map_does_not_overflow),
	    cmocka_unit_test(test_what_is_no_polygon_is_told),
	    cmocka_unit_test(test_to_touch_is_not_to_overlap),
	    cmocka_unit_test(test_figures_of_squares_share_what_they_share),
	    cmocka_unit_test(test_triangles_that_share_a_point_inside_overlap),
	    cmocka_unit_test(test_a_box_is_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
