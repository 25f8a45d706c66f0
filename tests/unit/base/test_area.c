/*
 * Goal: which area lies in which is read from the codes alone. Method: codes by hand, and every pair of a few provinces against the
 * definition.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/area.h"

static void test_a_district_lies_in_its_city_and_its_province(void **state)
{
	char codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];

	(void)state;
	assert_int_equal(area_above(TEXT_LITERAL("310115"), codes, above), 3);
	assert_true(text_equal(above[0], TEXT_LITERAL("310115")));
	assert_true(text_equal(above[1], TEXT_LITERAL("310100")));
	assert_true(text_equal(above[2], TEXT_LITERAL("310000")));
	assert_int_equal(area_above(TEXT_LITERAL("310100"), codes, above), 2);
	assert_true(text_equal(above[1], TEXT_LITERAL("310000")));
	assert_int_equal(area_above(TEXT_LITERAL("310000"), codes, above), 1);
	assert_true(text_equal(above[0], TEXT_LITERAL("310000")));
	assert_true(text_equal(area_stem(TEXT_LITERAL("310000")), TEXT_LITERAL("31")));
	assert_true(text_equal(area_stem(TEXT_LITERAL("310010")), TEXT_LITERAL("310010")));
}

static void test_any_other_code_is_alone(void **state)
{
	static const char *const alone[] = {"GB-LND", "GB", "31010", "3101000", "31010A", "US-CA", "000", "ABCDEFGHIJKL"};
	char codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];

	(void)state;
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		assert_int_equal(area_above(text_of(alone[i]), codes, above), 1);
		assert_true(text_equal(above[0], text_of(alone[i])));
		for (size_t j = 0; j < sizeof(alone) / sizeof(alone[0]); j++)
			assert_int_equal(area_contains(text_of(alone[i]), text_of(alone[j])), i == j);
		assert_false(area_contains(TEXT_LITERAL("310000"), text_of(alone[i])));
	}
}

static void test_containing_is_what_is_above(void **state)
{
	char outer[40], inner[40], codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];

	(void)state;
	for (int a = 0; a < 27 * 4; a++) {
		snprintf(outer, sizeof(outer), "%02d%02d%02d", 31 + a / 27, a / 9 % 3, a / 3 % 3);
		for (int b = 0; b < 27 * 4; b++) {
			snprintf(inner, sizeof(inner), "%02d%02d%02d", 31 + b / 27, b / 9 % 3, b / 3 % 3);
			unsigned count = area_above(text_of(inner), codes, above);
			bool is_above = false;

			for (unsigned i = 0; i < count; i++)
				is_above = is_above || text_equal(above[i], text_of(outer));
			/* 310001 would lie in a city of no number: nothing but the province is above it. */
			assert_int_equal(area_contains(text_of(outer), text_of(inner)), is_above);
		}
	}
}

static void test_a_code_is_digits_capitals_and_hyphens(void **state)
{
	(void)state;
	assert_true(area_valid(TEXT_LITERAL("GB-LND")));
	assert_true(area_valid(TEXT_LITERAL("310115")));
	assert_false(area_valid(TEXT_LITERAL("")));
	assert_false(area_valid(TEXT_LITERAL("gb-lnd")));
	assert_false(area_valid(TEXT_LITERAL("A B")));
	assert_false(area_valid((struct text){"A\0B", 3}));
	assert_false(area_valid(TEXT_LITERAL("1234567890123")));
	assert_false(area_valid(TEXT_LITERAL("A/B")));
	assert_false(area_valid(TEXT_LITERAL("A[B")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_district_lies_in_its_city_and_its_province),
	    cmocka_unit_test(test_any_other_code_is_alone),
	    cmocka_unit_test(test_containing_is_what_is_above),
	    cmocka_unit_test(test_a_code_is_digits_capitals_and_hyphens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
