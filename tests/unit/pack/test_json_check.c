/*
 * test_json_check.c -- goal: JSON is what RFC 8259 says, and no more.
 * Method: tables of good and bad texts; every truncation of a good one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "pack/json.h"

static void test_good_json_passes(void **state)
{
	static const char *const table[] = {
	    "null", "true", "false", "0", "-0", "12", "-12.5", "1e2", "1E+02", "0.5e-2",
	    "123456789012345678901234567890", "\"\"",
	    "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00AF\\u00af\"", "\"\\ud83d\\udc4d\"",
	    "\"\xe4\xb8\x80\x7f\"", "[]", "{}", "[ ]", "{ }",
	    " \t\r\n[1 , 2,{\"a\" : [ ] , \"b\":null} ] \n", "{\"a\":1,\"a\":2}",
	    "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "12.0000000000000", "0.12345678901234",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t failed_at = 0;

		assert_int_equal(json_check(table[i], &failed_at), ERR_NONE);
		assert_int_equal(failed_at, strlen(table[i]));
	}
}

static void test_bad_json_is_refused_where_it_is_bad(void **state)
{
	static const struct {
		const char *json;
		int error;
		size_t failed_at;
	} table[] = {
	    {"", ERR_TRUNCATED, 0},
	    {"   ", ERR_TRUNCATED, 3},
	    {"nul", ERR_TRUNCATED, 3},
	    {"nulL", ERR_SYNTAX, 3},
	    {"True", ERR_SYNTAX, 0},
	    {"NaN", ERR_SYNTAX, 0},
	    {"Infinity", ERR_SYNTAX, 0},
	    {"-Infinity", ERR_SYNTAX, 1},
	    {"+1", ERR_SYNTAX, 0},
	    {"-", ERR_TRUNCATED, 1},
	    {"-a", ERR_SYNTAX, 1},
	    {"01", ERR_TRAILING, 1},
	    {"-01", ERR_TRAILING, 2},
	    {"1.", ERR_TRUNCATED, 2},
	    {"1.e5", ERR_SYNTAX, 2},
	    {".5", ERR_SYNTAX, 0},
	    {"1e", ERR_TRUNCATED, 2},
	    {"1e+", ERR_TRUNCATED, 3},
	    {"0x10", ERR_TRAILING, 1},
	    {"1 2", ERR_TRAILING, 2},
	    {"{} x", ERR_TRAILING, 3},
	    {"9007199254740991.4", ERR_OUT_OF_RANGE, 0},
	    {"[0.99999999999999999999]", ERR_OUT_OF_RANGE, 1},
	    {"1e-400", ERR_OUT_OF_RANGE, 0},
	    {"1e999", ERR_OUT_OF_RANGE, 0},
	    {"'a'", ERR_SYNTAX, 0},
	    {"\"a", ERR_TRUNCATED, 2},
	    {"\"a\nb\"", ERR_SYNTAX, 2},
	    {"\"\x1f\"", ERR_SYNTAX, 1},
	    {"\"\\a\"", ERR_SYNTAX, 2},
	    {"\"\\", ERR_TRUNCATED, 2},
	    {"\"\\u12g4\"", ERR_SYNTAX, 5},
	    {"\"\\u12", ERR_TRUNCATED, 5},
	    {"\"\\u0000\"", ERR_OUT_OF_RANGE, 7},
	    {"\"\\ud83d\"", ERR_NOT_UTF8, 7},
	    {"\"\\ud83d\\u0041\"", ERR_NOT_UTF8, 13},
	    {"\"\\udc4d\"", ERR_NOT_UTF8, 7},
	    {"\"\\ud83dx\"", ERR_NOT_UTF8, 7},
	    {"\"\xff\"", ERR_NOT_UTF8, 1},
	    {"\"a\xed\xa0\x80\"", ERR_NOT_UTF8, 1},
	    {"\"\xe4\xb8\"", ERR_NOT_UTF8, 1},
	    {"[", ERR_TRUNCATED, 1},
	    {"[1", ERR_TRUNCATED, 2},
	    {"[1,", ERR_TRUNCATED, 3},
	    {"[1,]", ERR_SYNTAX, 3},
	    {"[,1]", ERR_SYNTAX, 1},
	    {"[1 2]", ERR_SYNTAX, 3},
	    {"[1}", ERR_SYNTAX, 2},
	    {"{\"a\"}", ERR_SYNTAX, 4},
	    {"{\"a\":}", ERR_SYNTAX, 5},
	    {"{\"a\" 1}", ERR_SYNTAX, 5},
	    {"{\"a\",1}", ERR_SYNTAX, 4},
	    {"{\"a\":1,}", ERR_SYNTAX, 7},
	    {"{a:1}", ERR_SYNTAX, 1},
	    {"{1:1}", ERR_SYNTAX, 1},
	    {"{\"a\":1", ERR_TRUNCATED, 6},
	    {"[1/*no*/]", ERR_SYNTAX, 2},
	    {"\xef\xbb\xbf{}", ERR_SYNTAX, 0},
	    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", ERR_TOO_DEEP, 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t failed_at = SIZE_MAX;
		int error = json_check(table[i].json, &failed_at);

		if (error != table[i].error || failed_at != table[i].failed_at)
			print_error("%s: %s at %zu\n", table[i].json, error_name(error), failed_at);
		assert_int_equal(error, table[i].error);
		assert_int_equal(failed_at, table[i].failed_at);
	}
}

static void test_deep_nesting_costs_no_stack(void **state)
{
	size_t size = 1 << 20, failed_at;
	char *json = malloc(size + 1);

	(void)state;
	assert_non_null(json);
	memset(json, '[', size);
	json[size] = 0;
	assert_int_equal(json_check(json, &failed_at), ERR_TOO_DEEP);
	assert_int_equal(failed_at, JSON_DEPTH_MAX);
	free(json);
}

static void test_every_truncation_is_refused(void **state)
{
	static const char whole[] = "{\"a\":[1,-2.5e1,\"\\u00e9\\ud83d\\udc4d\"],"
				    "\"b\":{\"c\":null,\"d\":[true,false]}}";
	size_t failed_at;

	(void)state;
	assert_int_equal(json_check(whole, &failed_at), ERR_NONE);
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		char *cut = malloc(size + 1); /* of exactly its size, for a sanitizer */

		assert_non_null(cut);
		memcpy(cut, whole, size);
		cut[size] = 0;
		int error = json_check(cut, &failed_at);
		assert_true(error == ERR_TRUNCATED || error == ERR_NOT_UTF8); /* half a pair */
		assert_true(failed_at <= size);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_json_passes),
	    cmocka_unit_test(test_bad_json_is_refused_where_it_is_bad),
	    cmocka_unit_test(test_deep_nesting_costs_no_stack),
	    cmocka_unit_test(test_every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
