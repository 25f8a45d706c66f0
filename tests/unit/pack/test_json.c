/*
 * test_json.c -- goal: any msgpack value becomes JSON that every parser reads, or is refused, and the buffer
 * is never left. Method: a table of bytes and texts; every output size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "hex.h"
#include "pack/json.h"

static void test_every_kind_has_its_json(void **state)
{
	static const struct {
		const char *packed, *json;
	} table[] = {
	    {"c0", "null"},
	    {"c2", "false"},
	    {"c3", "true"},
	    {"07", "7"},
	    {"ff", "-1"},
	    {"cf 00 1f ff ff ff ff ff ff", "9007199254740991"},
	    {"d3 ff e0 00 00 00 00 00 01", "-9007199254740991"},
	    {"ca 3f c0 00 00", "1.5"},
	    {"cb bf f8 00 00 00 00 00 00", "-1.5"},
	    {"cb 3f b9 99 99 99 99 99 9a", "0.10000000000000001"},
	    {"cb 7f ef ff ff ff ff ff ff", "1.7976931348623157e+308"},
	    {"a0", "\"\""},
	    {"a2 61 62", "\"ab\""},
	    {"a3 22 5c 2f", "\"\\\"\\\\/\""},
	    {"a5 00 09 0a 1f 7f", "\"\\u0000\\u0009\\u000a\\u001f\\u007f\""},
	    {"a3 e4 b8 80", "\"\xe4\xb8\x80\""},
	    {"a4 f0 9f 91 8d", "\"\xf0\x9f\x91\x8d\""},
	    {"c4 03 00 ab ff", "\"00abff\""},
	    {"d4 01 61", "\"d40161\""},
	    {"90", "[]"},
	    {"80", "{}"},
	    {"93 01 90 80", "[1,[],{}]"},
	    {"82 a1 61 01 a1 62 92 c0 c3", "{\"a\":1,\"b\":[null,true]}"},
	    {"82 01 02 c0 03", "{\"01\":2,\"c0\":3}"}, /* keys that are no texts */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char json[64];

		assert_int_equal(json_of_msgpack(hex(table[i].packed), json, sizeof(json)), ERR_NONE);
		assert_string_equal(json, table[i].json);
	}
}

static void test_the_buffer_is_never_left(void **state)
{
	struct bytes packed = hex("84 a1 61 a3 0a 22 78 a1 62 93 ff c3 c0 a1 63 c4 02 ab cd "
				  "a1 64 cb 3f b9 99 99 99 99 99 9a");
	static const char whole[] = "{\"a\":\"\\u000a\\\"x\",\"b\":[-1,true,null],\"c\":\"abcd\","
				    "\"d\":0.10000000000000001}";

	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++) {
		char *out = (char *)(uintptr_t)hex_exact(bytes_of(whole, size)).data;

		assert_int_equal(json_of_msgpack(packed, out, size), ERR_TOO_LARGE);
		if (size > 0)
			assert_true(strlen(out) < size);
	}
	char *out = (char *)(uintptr_t)hex_exact(bytes_of(whole, sizeof(whole))).data;
	assert_int_equal(json_of_msgpack(packed, out, sizeof(whole)), ERR_NONE);
	assert_string_equal(out, whole);
}

static void test_what_the_reader_refuses_is_no_json(void **state)
{
	static const struct {
		const char *packed;
		int error;
	} table[] = {
	    {"", ERR_TRUNCATED},
	    {"92 01", ERR_TRUNCATED},
	    {"c1", ERR_SYNTAX},
	    {"01 01", ERR_TRAILING},
	    {"cb 7f f8 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
	    {"ca ff 80 00 00", ERR_OUT_OF_RANGE},
	    {"cf ff ff ff ff ff ff ff ff", ERR_OUT_OF_RANGE},
	    {"a1 ff", ERR_NOT_UTF8},
	    {"91 91 91 91 91 91 91 91 91 00", ERR_TOO_DEEP},
	    {"dd ff ff ff ff 01", ERR_TOO_MANY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char json[256];

		assert_string_equal(error_name(json_of_msgpack(hex(table[i].packed), json, sizeof(json))),
				    error_name(table[i].error));
	}
}

/* What is broken is broken, also where nothing fits any more. */
static void test_torn_bytes_are_found_in_a_full_buffer(void **state)
{
	char json[3];

	(void)state;
	assert_int_equal(json_of_msgpack(hex("81 a3 61 62 63 a5 61"), json, sizeof(json)), ERR_TRUNCATED);
	assert_int_equal(json_of_msgpack(hex("81 a3 61 62 63 a1 61"), json, sizeof(json)), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_every_kind_has_its_json, hex_free),
	    cmocka_unit_test_teardown(test_the_buffer_is_never_left, hex_free),
	    cmocka_unit_test_teardown(test_what_the_reader_refuses_is_no_json, hex_free),
	    cmocka_unit_test_teardown(test_torn_bytes_are_found_in_a_full_buffer, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
