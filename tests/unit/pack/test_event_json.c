/*
 * test_event_json.c -- goal: an event says the same in JSON and in bytes, and JSON with one thing wrong is
 * refused with a sentence that a person can act on. Method: a ticket there and back; a table of texts with
 * what is said about them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <stdlib.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/error.h"
#include "events/partners.h"
#include "events/terminals.h"
#include "hex.h"

#define HEAD "\"outlet\":\"S1\",\"receipt\":\"1\",\"currency\":\"GBP\",\"day\":\"2026-03-01\""
#define LINES "\"lines\":[{\"sku\":\"A\",\"quantity\":1000}]"

static struct arena arena; /* of this test program */

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena, 1 << 20);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static int reset(void **state)
{
	arena_reset(&arena);
	return hex_free(state);
}

static void assert_said(const char *json, int error, const char *said)
{
	struct ticket_sold sold;
	char message[200] = "";

	assert_string_equal(error_name(event_from_json(&ticket_sold_type, json, &sold, &arena, message,
						       sizeof(message))), error_name(error));
	if (said != NULL)
		assert_string_equal(message, said);
}

static void test_there_and_back(void **state)
{
	static const char json[] =
	    "{\"outlet\":\"S1\",\"receipt\":\"\xe4\xb8\x80 \\\"\\\\\\u0009\","
	    "\"currency\":\"GBP\",\"day\":\"2026-03-01\",\"tz_offset\":-300,\"total\":9007199254740991,"
	    "\"lines\":[{\"sku\":\"A\",\"quantity\":-9007199254740991,"
	    "\"unit_price\":29900},{\"sku\":\"B\",\"quantity\":1,\"amount\":-5}]}";
	uint8_t packed[1024];
	char back[1024], message[200] = "";
	struct writer writer = writer_of(packed, sizeof(packed));
	struct ticket_sold sold, again;

	(void)state;
	assert_int_equal(event_from_json(&ticket_sold_type, json, &sold, &arena, message, sizeof(message)),
			 ERR_NONE);
	assert_true(text_equal(sold.receipt, TEXT_LITERAL("\xe4\xb8\x80 \"\\\t")));
	assert_true(sold.has_tz_offset);
	assert_false(sold.has_customer);
	assert_int_equal(sold.total.minor, NUMBER_MAX);
	assert_int_equal(sold.lines.count, 2);
	assert_int_equal(sold.lines.items[0].quantity.milli, -NUMBER_MAX);
	assert_false(sold.lines.items[0].has_amount);
	assert_int_equal(sold.lines.items[1].amount.minor, -5);
	ticket_sold_type.pack(&sold, &writer);
	assert_int_equal(event_to_json(&ticket_sold_type, writer_bytes(&writer), back, sizeof(back)),
			 ERR_NONE);
	assert_string_equal(back, json);
	struct reader reader = reader_of(hex_exact(writer_bytes(&writer)));
	assert_int_equal(ticket_sold_type.unpack(&again, &reader, &arena), ERR_NONE);
	assert_true(event_equal(&ticket_sold_type, &sold, &again));
}

static void test_white_space_and_other_ways_to_write_a_number(void **state)
{
	struct ticket_sold sold;
	char message[200];

	(void)state;
	static const char json[] = " { " HEAD " , \"tz_offset\" : 6.0e1, \"total\":12.0, \"lines\" : [ "
				   "{\"sku\":\"\\u0041\",\"quantity\":1e3} ] }\n";
	assert_int_equal(event_from_json(&ticket_sold_type, json, &sold, &arena, message, sizeof(message)),
			 0);
	assert_int_equal(sold.tz_offset, 60);
	assert_int_equal(sold.total.minor, 12);
	assert_int_equal(sold.lines.items[0].quantity.milli, 1000);
	assert_true(text_equal(sold.lines.items[0].sku, TEXT_LITERAL("A")));
}

static void test_what_is_wrong_is_said(void **state)
{
	(void)state;
	assert_said("{" HEAD "," LINES "}", ERR_NONE, "");
	assert_said("{" HEAD "}", ERR_MISSING_FIELD, "lines: is missing");
	assert_said("{" LINES "}", ERR_MISSING_FIELD, "outlet: is missing");
	assert_said("{" HEAD ",\"lines\":[{\"sku\":\"A\",\"quantity\":1},{\"sku\":\"A\"}]}",
		    ERR_MISSING_FIELD, "lines[1].quantity: is missing");
	assert_said("{" HEAD "," LINES ",\"outlets\":1}", ERR_UNKNOWN_TYPE, "outlets: no such field");
	assert_said("{" HEAD ",\"lines\":[{\"sku\":\"A\",\"quantity\":1,\"Sku\":1}]}", ERR_UNKNOWN_TYPE,
		    "lines[0].Sku: no such field");
	assert_said("{" HEAD "," LINES ",\"outlet\":\"S2\"}", ERR_DUPLICATE_KEY, "outlet: given twice");
	assert_said("{" HEAD ",\"lines\":{}}", ERR_WRONG_TYPE, "lines: must be a list");
	assert_said("{" HEAD ",\"lines\":[1]}", ERR_WRONG_TYPE, "lines[0]: must be an object");
	assert_said("{" HEAD ",\"lines\":[]}", ERR_OUT_OF_RANGE, "lines: has 0 items, must have 1 to 1000");
	assert_said("{" HEAD "," LINES ",\"customer\":5}", ERR_WRONG_TYPE, "customer: must be a text");
	assert_said("{" HEAD "," LINES ",\"customer\":null}", ERR_WRONG_TYPE, "customer: must be a text");
	assert_said("{" HEAD "," LINES ",\"customer\":\"\"}", ERR_OUT_OF_RANGE,
		    "customer: has 0 bytes, must have 1 to 64");
	assert_said("{" HEAD "," LINES ",\"customer\":\"123456789-123456789-123456789-123456789-123456789-"
		    "123456789-12345\"}",
		    ERR_TOO_LARGE, "customer: has 65 bytes, must have 1 to 64");
	assert_said("{" HEAD ",\"lines\":[{\"sku\":\"A\",\"quantity\":1},2,{\"sku\":\"\"}]}", ERR_WRONG_TYPE,
		    "lines[1]: must be an object"); /* the first that is wrong */
	assert_said("[]", ERR_WRONG_TYPE, "must be an object");
}

static void test_numbers_are_whole_and_exact(void **state)
{
	(void)state;
	assert_said("{" HEAD "," LINES ",\"total\":\"5\"}", ERR_WRONG_TYPE,
		    "total: must be a whole number in minor units of `currency`");
	assert_said("{" HEAD "," LINES ",\"total\":1.5}", ERR_WRONG_TYPE,
		    "total: must be a whole number in minor units of `currency`");
	assert_said("{" HEAD "," LINES ",\"total\":1e-9}", ERR_WRONG_TYPE, NULL);
	assert_said("{" HEAD "," LINES ",\"total\":true}", ERR_WRONG_TYPE, NULL);
	assert_said("{" HEAD "," LINES ",\"total\":9007199254740992}", ERR_OUT_OF_RANGE,
		    "total: beyond 2^53-1");
	assert_said("{" HEAD "," LINES ",\"total\":9007199254740993}", ERR_OUT_OF_RANGE,
		    "total: beyond 2^53-1");
	assert_said("{" HEAD "," LINES ",\"total\":-9007199254740992}", ERR_OUT_OF_RANGE,
		    "total: beyond 2^53-1");
	assert_said("{" HEAD "," LINES ",\"total\":123456789012345678901234567890}", ERR_OUT_OF_RANGE,
		    "total: beyond 2^53-1");
	assert_said("{" HEAD "," LINES ",\"total\":1e99}", ERR_OUT_OF_RANGE, "total: beyond 2^53-1");
	assert_said("{" HEAD "," LINES ",\"total\":9007199254740990.9}", ERR_OUT_OF_RANGE, NULL);
	assert_said("{" HEAD "," LINES ",\"total\":-1.5}", ERR_WRONG_TYPE,
		    "total: must be a whole number in minor units of `currency`");
	assert_said("{" HEAD "," LINES ",\"tz_offset\":-1441}", ERR_OUT_OF_RANGE,
		    "tz_offset: -1441 is outside -1440 to 1440");
	assert_said("{" HEAD "," LINES ",\"tz_offset\":1441}", ERR_OUT_OF_RANGE,
		    "tz_offset: 1441 is outside -1440 to 1440");
}

static void test_lists_have_an_end(void **state)
{
	static char json[40000];
	size_t used = (size_t)snprintf(json, sizeof(json), "{" HEAD ",\"lines\":[");

	(void)state;
	for (int i = 0; i < 1001; i++)
		used += (size_t)snprintf(json + used, sizeof(json) - used, "%s{\"sku\":\"A\",\"quantity\":1}", i > 0 ? "," : "");
	snprintf(json + used, sizeof(json) - used, "]}");
	assert_said(json, ERR_TOO_MANY, "lines: has 1001 items, must have 1 to 1000");
}

static void test_what_is_no_json_is_refused(void **state)
{
	(void)state;
	assert_said("", ERR_TRUNCATED, "not JSON: byte 0: ends before it should");
	assert_said("{" HEAD "," LINES "} x", ERR_TRAILING, NULL);
	assert_said("{" HEAD "," LINES ",}", ERR_SYNTAX, NULL);
	assert_said("{" HEAD "," LINES, ERR_TRUNCATED, NULL);
	assert_said("{'outlet':1}", ERR_SYNTAX, "not JSON: byte 1: cannot be parsed");
	assert_said("{\"outlet\":\"\xff\"}", ERR_NOT_UTF8, NULL);
	assert_said("{\"outlet\":\"\\u0000\"}", ERR_OUT_OF_RANGE, NULL);
	assert_said("{\"outlet\":\"\\ud800\"}", ERR_NOT_UTF8, NULL);
}

static void test_bools(void **state)
{
	struct product_declared product;
	char message[200];

	(void)state;
	assert_int_equal(event_from_json(&product_declared_type,
					 "{\"sku\":\"A\",\"name\":\"a\",\"goods\":true,\"version\":1}",
						 &product, &arena, message, sizeof(message)),
			 ERR_NONE);
	assert_true(product.goods);
	assert_int_equal(event_from_json(&product_declared_type,
					 "{\"sku\":\"A\",\"name\":\"a\",\"goods\":1,\"version\":1}", &product,
						 &arena, message, sizeof(message)),
			 ERR_WRONG_TYPE);
	assert_string_equal(message, "goods: must be true or false");
}

static void test_a_full_arena_is_said(void **state)
{
	static uint8_t block[1024];
	static const char *const said[] = {
	    "outlet: the event is too large", "receipt: the event is too large", "currency: the event is too large",
	    "day: the event is too large", "lines: the event is too large", "lines[0].sku: the event is too large",
	};
	struct ticket_sold sold;
	char message[200];
	size_t at = 0, seen = 0;

	(void)state;
	for (;; at++) { /* the fields run out of room one by one, the last ones last */
		struct arena small = {block, at, 0};
		int error = event_from_json(&ticket_sold_type, "{" HEAD "," LINES "}", &sold, &small, message, sizeof(message));

		if (error == ERR_NONE)
			break;
		assert_int_equal(error, ERR_TOO_LARGE);
		while (seen < 6 && strcmp(message, said[seen]) != 0)
			seen++;
		assert_in_range(seen, 0, 5);
	}
	assert_int_equal(seen, 5);
	assert_true(at < sizeof(block));
}

static int allocations_left;

static void *allocate_until_it_fails(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

static void test_no_memory_for_the_json_is_said(void **state)
{
	struct ticket_sold sold;
	char message[200];
	int enough = 0, error;

	(void)state;
	cJSON_InitHooks(&(cJSON_Hooks){allocate_until_it_fails, free});
	do {
		allocations_left = enough++;
		error = event_from_json(&ticket_sold_type, "{" HEAD "," LINES "}", &sold, &arena, message, sizeof(message));
		if (error != ERR_NONE) {
			assert_int_equal(error, ERR_MEMORY);
			assert_string_equal(message, error_text(ERR_MEMORY));
		}
	} while (error != ERR_NONE);
	cJSON_InitHooks(NULL);
	assert_true(enough > 10);
}

static void test_a_short_message_buffer_is_not_left(void **state)
{
	struct ticket_sold sold;

	(void)state;
	for (size_t size = 1; size < 40; size++) {
		char *message = (char *)(uintptr_t)hex_repeat(hex(""), hex("7e"), size).data;

		assert_int_equal(event_from_json(&ticket_sold_type,
						 "{" HEAD ",\"lines\":[{\"sku\":\"A\",\"quantity\":0.5}]}",
							 &sold, &arena, message, size),
				 ERR_WRONG_TYPE);
		assert_true(strlen(message) < size);
	}
}

static void test_unknown_keys_stay(void **state)
{
	char json[128];

	(void)state;
	assert_int_equal(event_to_json(&ticket_sold_type,
				       hex("82 a6 6f75746c6574 a1 53 a5 6c61746572 92 01 c0"), json,
					       sizeof(json)), ERR_NONE);
	assert_string_equal(json, "{\"outlet\":\"S\",\"later\":[1,null]}");
	assert_int_equal(event_to_json(NULL, hex("81 a1 61 c3"), json, sizeof(json)), ERR_NONE);
	assert_string_equal(json, "{\"a\":true}");
}

static void test_keys_by_their_numbers_are_told_by_their_names(void **state)
{
	char json[128];

	(void)state;
	assert_int_equal(event_to_json(&ticket_sold_type, hex("82 00 a1 53 a5 6c61746572 01"), json, sizeof(json)), ERR_NONE);
	assert_string_equal(json, "{\"outlet\":\"S\",\"later\":1}");
	assert_int_equal(event_to_json(&ticket_sold_type, hex("82 00 a1 53"), json, sizeof(json)), ERR_TRUNCATED);
	static uint8_t large[EVENT_OWN_BYTES_MAX + 5] = {0x81, 0x00, 0xc4};
	assert_int_equal(event_to_json(&ticket_sold_type, bytes_of(large, sizeof(large)), json, sizeof(json)), ERR_TOO_LARGE);
}

static void test_data_that_is_no_map_is_refused(void **state)
{
	char json[64];

	(void)state;
	assert_int_equal(event_to_json(NULL, hex("91 01"), json, sizeof(json)), ERR_WRONG_TYPE);
	assert_int_equal(event_to_json(NULL, hex(""), json, sizeof(json)), ERR_TRUNCATED);
	assert_int_equal(event_to_json(NULL, hex("81 a1 61"), json, sizeof(json)), ERR_TRUNCATED);
	assert_int_equal(event_to_json(NULL, hex("80 80"), json, sizeof(json)), ERR_TRAILING);
	assert_int_equal(event_to_json(NULL, hex("80"), json, 2), ERR_TOO_LARGE);
	assert_int_equal(event_to_json(NULL, hex("80"), json, 0), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_there_and_back, reset),
	    cmocka_unit_test_teardown(test_white_space_and_other_ways_to_write_a_number, reset),
	    cmocka_unit_test_teardown(test_what_is_wrong_is_said, reset),
	    cmocka_unit_test_teardown(test_numbers_are_whole_and_exact, reset),
	    cmocka_unit_test_teardown(test_lists_have_an_end, reset),
	    cmocka_unit_test_teardown(test_what_is_no_json_is_refused, reset),
	    cmocka_unit_test_teardown(test_bools, reset),
	    cmocka_unit_test_teardown(test_a_full_arena_is_said, reset),
	    cmocka_unit_test_teardown(test_no_memory_for_the_json_is_said, reset),
	    cmocka_unit_test_teardown(test_a_short_message_buffer_is_not_left, reset),
	    cmocka_unit_test_teardown(test_unknown_keys_stay, reset),
	    cmocka_unit_test_teardown(test_keys_by_their_numbers_are_told_by_their_names, reset),
	    cmocka_unit_test_teardown(test_data_that_is_no_map_is_refused, reset),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
