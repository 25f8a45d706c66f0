/*
 * Goal: money is exact and corridors judge rightly. Method: tables worked out by hand, and properties over
 * seeded random values against slower, simpler reckonings.
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

/* A number of up to `bits` bits, on both sides of zero. */
static int64_t any_number(uint64_t *seed, unsigned bits)
{
	int64_t number = (int64_t)(next_random(seed) >> (64 - bits));

	return next_random(seed) % 2 == 0 ? number : -number;
}

static struct ticket_sold_line line_of(int64_t milli, bool has_price, int64_t price_e4, bool has_amount,
                                       int64_t minor)
{
	return (struct ticket_sold_line){.sku = TEXT_LITERAL("A"),
	                                 .quantity = {milli},
	                                 .has_unit_price = has_price,
	                                 .unit_price = {price_e4},
	                                 .has_amount = has_amount,
	                                 .amount = {minor}};
}

static void test_a_line_is_worth_quantity_times_price_half_to_even(void **state)
{
	static const struct {
		int64_t milli, price_e4;
		int exponent;
		int64_t minor;
	} cases[] = {
	    {6000, 25500, 2, 1530}, /* 6 x 2.55 */
	    {1000, 50, 2, 0},       /* half a penny, down to even */
	    {1000, 150, 2, 2},      /* a penny and a half, up to even */
	    {1000, 250, 2, 2},      {1000, 350, 2, 4},   {1000, 251, 2, 3},     {1000, -50, 2, 0},
	    {1000, -150, 2, -2},    {1, 50000, 2, 0},    {1, 50001, 2, 1},      {333, 100000, 2, 333},
	    {1000, 5000, 0, 0},                                               /* half a yen */
	    {1000, 15000, 0, 2},    {1500, 10000, 0, 2}, {2500, 10000, 0, 2}, /* 2.5 yen */
	    {1000, 5, 3, 0},        {1000, 15, 3, 2},    {3000, 5000, 3, 1500}, {1000, 1, 4, 1},
	    {500, 1, 4, 0},         {1500, 1, 4, 2},     {0, 999999, 2, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ticket_sold_line line = line_of(cases[i].milli, true, cases[i].price_e4, false, 0);
		struct money amount = {-7};

		assert_int_equal(line_amount(&line, cases[i].exponent, &amount), LINE_FINE);
		assert_int_equal(amount.minor, cases[i].minor);
	}
}

static void test_no_rounded_line_is_further_than_half_a_minor_unit_away(void **state)
{
	static const int64_t per_minor[] = {10000, 1000, 100, 10, 1};
	uint64_t seed = 481516;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int exponent = (int)(next_random(&seed) % 4);
		int64_t milli = (int64_t)(next_random(&seed) >> 40), price = any_number(&seed, 30);
		struct ticket_sold_line line = line_of(milli, true, price, false, 0);
		struct money amount;

		assert_int_equal(line_amount(&line, exponent, &amount), LINE_FINE);
		wide unit = (wide)1000 * per_minor[exponent];
		wide off = ((wide)milli * price - (wide)amount.minor * unit) * 2;
		assert_true(off <= unit && off >= -unit);
		assert_true((off != unit && off != -unit) || amount.minor % 2 == 0);
	}
}

static void test_a_line_has_a_price_an_amount_or_both_that_agree(void **state)
{
	struct ticket_sold_line none = line_of(1000, false, 9, false, 9),
	                        only = line_of(1000, false, 9, true, -250),
	                        both = line_of(1000, true, 250, true, 2),
	                        apart = line_of(1000, true, 250, true, 3),
	                        minus = line_of(-1, true, 250, true, 2);
	struct money amount = {-7};

	(void)state;
	assert_int_equal(line_amount(&none, 2, &amount), LINE_NO_PRICE);
	assert_int_equal(line_amount(&apart, 2, &amount), LINE_MISMATCH);
	assert_int_equal(line_amount(&minus, 2, &amount), LINE_NEGATIVE);
	assert_int_equal(amount.minor, -7);
	assert_int_equal(line_amount(&only, 2, &amount), LINE_FINE);
	assert_int_equal(amount.minor, -250);
	assert_int_equal(line_amount(&both, 2, &amount), LINE_FINE);
	assert_int_equal(amount.minor, 2);
}

static void test_what_no_event_can_carry_is_too_large(void **state)
{
	struct ticket_sold_line fits = line_of(NUMBER_MAX, true, 100000, false,
	                                       0), /* 100 a thousandth: 10 x 2^53 - 10 */
	    most = line_of(NUMBER_MAX, true, 100000 / 10, false, 0),
	                        least = line_of(NUMBER_MAX, true, -NUMBER_MAX, false, 0);
	struct money amount = {-7};

	(void)state;
	assert_int_equal(line_amount(&fits, 2, &amount), LINE_FINE);
	assert_int_equal(amount.minor, NUMBER_MAX);
	assert_int_equal(line_amount(&most, 2, &amount), LINE_FINE);
	assert_int_equal(amount.minor, divide_half_even(NUMBER_MAX, 10));
	amount.minor = -7;
	assert_int_equal(line_amount(&least, 2, &amount), LINE_TOO_LARGE);
	fits.unit_price.e4 += 1;
	assert_int_equal(line_amount(&fits, 2, &amount), LINE_TOO_LARGE);
	assert_int_equal(amount.minor, -7);
}

static void test_a_unit_price_is_worked_out_where_none_is_given(void **state)
{
	static const struct {
		int64_t milli, minor;
		int exponent;
		int64_t price_e4;
	} cases[] = {{3000, 2000, 2, 66667},
	             {6000, 1530, 2, 25500},
	             {2000, 1, 2, 50},
	             {1000, 124, 0, 1240000},
	             {3000, 1500, 3, 5000},
	             {8000, 1, 2, 12}, /* 12.5, to even */
	             {1, NUMBER_MAX, 2, NUMBER_MAX},
	             {1, -NUMBER_MAX, 0, -NUMBER_MAX},
	             {NUMBER_MAX, 1, 2, 0}};
	struct ticket_sold_line given = line_of(0, true, 77, true, 0),
	                        nothing = line_of(0, false, 0, true, 5);
	struct price price;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ticket_sold_line line = line_of(cases[i].milli, false, 0, true, cases[i].minor);

		assert_true(line_unit_price(&line, cases[i].exponent, line.amount, &price));
		assert_int_equal(price.e4, cases[i].price_e4);
	}
	assert_true(line_unit_price(&given, 2, given.amount, &price));
	assert_int_equal(price.e4, 77);
	assert_false(line_unit_price(&nothing, 2, nothing.amount, &price));
}

static void test_a_worked_out_price_stays_what_an_event_can_carry(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		unsigned bits = (unsigned)(next_random(&seed) % 53) + 1;
		int64_t milli = (int64_t)(next_random(&seed) >> (64 - bits)) + 1;
		struct ticket_sold_line line = line_of(milli, false, 0, true, any_number(&seed, 53));
		struct price price;

		assert_true(line_unit_price(&line, (int)(next_random(&seed) % 5), line.amount, &price));
		assert_true(price.e4 <= NUMBER_MAX && price.e4 >= -NUMBER_MAX);
	}
}

static void test_a_price_outside_its_corridor_deviates_and_one_inside_does_not(void **state)
{
	static const struct {
		int64_t floor, ceiling; /* -1: none */
		int64_t price, deviation;
	} cases[] = {
	    {90000, 110000, 90000, 0},
	    {90000, 110000, 110000, 0},
	    {90000, 110000, 81000, -1000},
	    {90000, 110000, 121000, 1000},
	    {90000, 110000, 89999, -1}, /* less than a basis point */
	    {90000, 110000, 110001, 1},
	    {90000, -1, 1000000, 0},
	    {90000, -1, 0, -10000},
	    {-1, 110000, -5, 0},
	    {-1, 110000, 220000, 10000},
	    {-1, -1, NUMBER_MAX, 0},
	    {0, -1, -1, -10000},
	    {-1, 0, 1, 10000},
	    {0, 0, 0, 0},
	    {1, -1, -NUMBER_MAX, -NUMBER_MAX},
	    {-1, 1, NUMBER_MAX, NUMBER_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct corridor corridor = {.has_floor = cases[i].floor >= 0,
		                            .floor_e4 = cases[i].floor,
		                            .has_ceiling = cases[i].ceiling >= 0,
		                            .ceiling_e4 = cases[i].ceiling};

		assert_int_equal(corridor_deviation(&corridor, (struct price){cases[i].price}),
		                 cases[i].deviation);
	}
}

static void test_a_deviation_points_to_the_side_that_was_left(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct corridor corridor = {.has_floor = next_random(&seed) % 4 > 0,
		                            .has_ceiling = next_random(&seed) % 4 > 0};
		unsigned bits = (unsigned)(next_random(&seed) % 53) + 1;

		corridor.floor_e4 = (int64_t)(next_random(&seed) >> (64 - bits));
		corridor.ceiling_e4 = corridor.floor_e4 + (int64_t)(next_random(&seed) % 1000);
		struct price price = {any_number(&seed, bits)};
		int64_t deviation = corridor_deviation(&corridor, price);
		bool below = corridor.has_floor && price.e4 < corridor.floor_e4;
		bool above = corridor.has_ceiling && price.e4 > corridor.ceiling_e4;

		assert_true(below ? deviation < 0 : above ? deviation > 0 : deviation == 0);
		assert_true(deviation <= NUMBER_MAX && deviation >= -NUMBER_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_line_is_worth_quantity_times_price_half_to_even),
	    cmocka_unit_test(test_no_rounded_line_is_further_than_half_a_minor_unit_away),
	    cmocka_unit_test(test_a_line_has_a_price_an_amount_or_both_that_agree),
	    cmocka_unit_test(test_what_no_event_can_carry_is_too_large),
	    cmocka_unit_test(test_a_unit_price_is_worked_out_where_none_is_given),
	    cmocka_unit_test(test_a_worked_out_price_stays_what_an_event_can_carry),
	    cmocka_unit_test(test_a_price_outside_its_corridor_deviates_and_one_inside_does_not),
	    cmocka_unit_test(test_a_deviation_points_to_the_side_that_was_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
