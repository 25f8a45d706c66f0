/*
 * test_question.c -- goal: the arguments of a question are one map, as they were named, and what is too long is no map at all.
 * Method: bytes from the msgpack specification; arguments up to the last byte and one more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hex.h"
#include "pack/question.h"

static struct question question; /* of this test program */

static void assert_asked(struct bytes expected)
{
	struct bytes asked = question_end(&question);

	assert_int_equal(asked.size, expected.size);
	assert_memory_equal(asked.data, expected.data, expected.size);
}

static void test_no_argument_is_an_empty_map(void **state)
{
	(void)state;
	question_begin(&question);
	assert_asked(hex("de 00 00"));
	question_text(&question, "sku", NULL);
	assert_asked(hex("de 00 00"));
}

static void test_arguments_stand_in_the_order_of_the_calls(void **state)
{
	(void)state;
	question_begin(&question);
	question_text(&question, "sku", "A");
	question_text(&question, "day", NULL);
	question_int(&question, "n", 300);
	assert_asked(hex("de 00 02 a3 73 6b 75 a1 41 a1 6e cd 01 2c"));
	question_begin(&question);
	question_int(&question, "n", -1);
	assert_asked(hex("de 00 01 a1 6e ff"));
}

static void test_three_hundred_arguments_are_counted(void **state)
{
	(void)state;
	question_begin(&question);
	for (int i = 0; i < 300; i++)
		question_int(&question, "n", 1);
	struct bytes asked = question_end(&question);
	assert_int_equal(asked.size, 3 + 300 * 3);
	assert_memory_equal(asked.data, hex("de 01 2c").data, 3);
}

static void test_what_is_too_long_is_not_asked(void **state)
{
	static char value[QUESTION_BYTES]; /* of this test program */
	const size_t most = QUESTION_BYTES - 3 - 2 - 3; /* heads of the map, the name and the value */

	(void)state;
	memset(value, 'x', most);
	question_begin(&question);
	question_text(&question, "n", value);
	assert_int_equal(question_end(&question).size, QUESTION_BYTES);
	value[most] = 'x';
	question_begin(&question);
	question_text(&question, "n", value);
	assert_int_equal(question_end(&question).size, 0);
	question_int(&question, "more", 1);
	assert_int_equal(question_end(&question).size, 0);
	question_begin(&question);
	assert_asked(hex("de 00 00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_no_argument_is_an_empty_map, hex_free),
	    cmocka_unit_test_teardown(test_arguments_stand_in_the_order_of_the_calls, hex_free),
	    cmocka_unit_test_teardown(test_three_hundred_arguments_are_counted, hex_free),
	    cmocka_unit_test_teardown(test_what_is_too_long_is_not_asked, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
