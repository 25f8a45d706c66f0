/*
 * Goal: a record that contradicts itself is told from one that does not. Method: tables worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules.h"

static void test_a_corridor_is_ordered_and_nowhere_negative(void **state)
{
	static const struct {
		int64_t floor, list, ceiling; /* INT64_MIN: none */
		bool ordered;
	} cases[] = {{1, 2, 3, true},
	             {2, 2, 2, true},
	             {3, 2, 4, false},
	             {1, 4, 3, false},
	             {3, 2, 1, false},
	             {INT64_MIN, 2, 1, false},
	             {INT64_MIN, 2, 2, true},
	             {3, 2, INT64_MIN, false},
	             {0, 0, INT64_MIN, true},
	             {INT64_MIN, 0, INT64_MIN, true},
	             {INT64_MIN, -1, INT64_MIN, false},
	             {INT64_MIN, -1, 5, false},
	             {-1, 5, INT64_MIN, false},
	             {NUMBER_MAX, NUMBER_MAX, NUMBER_MAX, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct price_submitted price = {.has_floor = cases[i].floor != INT64_MIN,
		                                .floor = {cases[i].floor},
		                                .list = {cases[i].list},
		                                .has_ceiling = cases[i].ceiling != INT64_MIN,
		                                .ceiling = {cases[i].ceiling}};

		assert_int_equal(price_ordered(&price), cases[i].ordered);
	}
}

static void test_a_period_has_two_days_in_order(void **state)
{
	static const struct {
		const char *from, *until;
		bool ordered;
	} cases[] = {{"2026-03-01", "2026-03-31", true},  {"2026-03-01", "2026-03-01", true},
	             {"2026-03-02", "2026-03-01", false}, {"2025-12-31", "2026-01-01", true},
	             {"2026-02-29", "2026-03-01", false}, {"2024-02-29", "2024-03-01", true},
	             {"2026-03-01", "2026-04-31", false}, {"2026-3-01", "2026-03-31", false},
	             {"", "2026-03-31", false},           {"2026-03-01", "never", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(period_ordered(text_of(cases[i].from), text_of(cases[i].until)),
		                 cases[i].ordered);
}

static void test_three_metrics_are_known(void **state)
{
	(void)state;
	assert_true(metric_known(TEXT_LITERAL("revenue")));
	assert_true(metric_known(TEXT_LITERAL("units")));
	assert_true(metric_known(TEXT_LITERAL("tickets")));
	assert_false(metric_known(TEXT_LITERAL("Revenue")));
	assert_false(metric_known(TEXT_LITERAL("unit")));
	assert_false(metric_known((struct text){0}));
}

static void test_a_code_has_no_control_characters(void **state)
{
	(void)state;
	assert_true(is_code(TEXT_LITERAL("OUT-001/T1")));
	assert_true(is_code(TEXT_LITERAL("一号店 ")));
	assert_true(is_code((struct text){0}));
	assert_false(is_code(TEXT_LITERAL("A\0B")));
	assert_false(is_code(TEXT_LITERAL("A\x1f")));
	assert_false(is_code(TEXT_LITERAL("\tA")));
	assert_false(is_code(TEXT_LITERAL("A\x7f")));
}

static void test_a_word_is_one_of_the_list_whole(void **state)
{
	static const char *const words[] = {"active", "closed", NULL};
	static const char *const none[] = {NULL};

	(void)state;
	assert_true(is_word(TEXT_LITERAL("active"), words));
	assert_true(is_word(TEXT_LITERAL("closed"), words));
	assert_false(is_word(TEXT_LITERAL("close"), words));
	assert_false(is_word(TEXT_LITERAL("closed "), words));
	assert_false(is_word((struct text){0}, words));
	assert_false(is_word(TEXT_LITERAL("active"), none));
}

static void test_a_day_is_between_two_and_an_open_side_is_open(void **state)
{
	static const struct {
		const char *from, *until;
		bool is;
	} cases[] = {{"", "", true}, {"2026-03-01", "", true}, {"2026-03-02", "", false}, {"", "2026-03-01", true}, {"", "2026-02-28", false},
		     {"2026-03-01", "2026-03-01", true}, {"2025-12-31", "2026-02-28", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(is_between(TEXT_LITERAL("2026-03-01"), text_of(cases[i].from), text_of(cases[i].until)), cases[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_corridor_is_ordered_and_nowhere_negative),
	    cmocka_unit_test(test_a_period_has_two_days_in_order),
	    cmocka_unit_test(test_three_metrics_are_known),
	    cmocka_unit_test(test_a_code_has_no_control_characters),
	    cmocka_unit_test(test_a_word_is_one_of_the_list_whole),
	    cmocka_unit_test(test_a_day_is_between_two_and_an_open_side_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
