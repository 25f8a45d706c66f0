/*
 * test_row.c -- goal: a field of a row is what stands there, and absent wherever it cannot be read. Method: one row with every kind of
 * value; rows that are torn at every byte, in blocks of exactly their size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/units.h"
#include "hex.h"
#include "pack/row.h"

/* {"a": nil, "t": "text", "n": 300, "yes": true, "no": false, "t": "again"} */
static const char row_hex[] = "86 a1 61 c0 a1 74 a4 74 65 78 74 a1 6e cd 01 2c a3 79 65 73 c3 a2 6e 6f c2 a1 74 a5 61 67 61 69 6e";

static void assert_text(struct text found, const char *expected)
{
	assert_int_equal(found.size, strlen(expected));
	if (found.size > 0)
		assert_memory_equal(found.data, expected, found.size);
}

static void test_fields_are_found_by_name_and_kind(void **state)
{
	struct bytes row = hex(row_hex);

	(void)state;
	assert_text(row_text(row, "t"), "text"); /* the first of two */
	assert_int_equal(row_int(row, "n", 7), 300);
	assert_true(row_true(row, "yes"));
	assert_false(row_false(row, "yes"));
	assert_true(row_false(row, "no"));
	assert_false(row_true(row, "no"));
}

static void test_another_kind_is_absent(void **state)
{
	static const char *const names[] = {"a", "t", "n", "yes", "nobody", ""};
	struct bytes row = hex(row_hex);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_text(row_text(row, names[i]), strcmp(names[i], "t") == 0 ? "text" : "");
		assert_int_equal(row_int(row, names[i], 7), strcmp(names[i], "n") == 0 ? 300 : 7);
		assert_int_equal(row_true(row, names[i]), strcmp(names[i], "yes") == 0);
		assert_false(row_false(row, names[i]));
	}
}

static void test_torn_rows_say_nothing_that_is_not_there(void **state)
{
	struct bytes row = hex(row_hex);

	(void)state;
	for (size_t size = 0; size < row.size; size++) {
		struct bytes torn = hex_exact(bytes_of(row.data, size));
		struct text found = row_text(torn, "t");
		int64_t number = row_int(torn, "n", 7);

		assert_true(found.size == 0 || found.size == 4);
		assert_true(number == 7 || number == 300);
		assert_text(row_text(torn, "nobody"), "");
		assert_false(row_true(torn, "no"));
		assert_false(row_false(torn, "yes"));
	}
}

static void test_what_is_no_row_has_no_fields(void **state)
{
	static const char *const others[] = {"", "c0", "91 a1 74", "81 01 a1 74", "a1 74", "81 a1 6e cf ff ff ff ff ff ff ff ff", "81 a1 74 a2 c3 28"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct bytes other = hex_exact(hex(others[i]));

		assert_text(row_text(other, "t"), "");
		assert_int_equal(row_int(other, "n", 7), 7); /* beyond NUMBER_MAX as well */
		assert_false(row_true(other, "yes"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_fields_are_found_by_name_and_kind, hex_free),
	    cmocka_unit_test_teardown(test_another_kind_is_absent, hex_free),
	    cmocka_unit_test_teardown(test_torn_rows_say_nothing_that_is_not_there, hex_free),
	    cmocka_unit_test_teardown(test_what_is_no_row_has_no_fields, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
