/*
 * test_reader.c -- goal: the reader takes exactly what msgpack means, within its bounds, and says why it
 * takes nothing else. Method: tables of single values in every form; each is also tried in the middle of
 * longer input, because short forms are read by another path there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/units.h"
#include "hex.h"
#include "pack/reader.h"

#define TAIL "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"

/* The same bytes with forty nils behind them. */
static struct bytes with_tail(struct bytes bytes)
{
	return hex_repeat(bytes, hex(TAIL), 1);
}

static void assert_failed(const struct reader *reader, int error, uint32_t failed_at)
{
	assert_string_equal(error_name(reader->error), error_name(error));
	assert_int_equal(reader->failed_at, failed_at);
	assert_ptr_equal(reader->at, reader->end);
}

static void test_integers_of_every_width(void **state)
{
	static const struct {
		const char *packed;
		int64_t number;
	} table[] = {
	    {"00", 0},
	    {"7f", 127},
	    {"ff", -1},
	    {"e0", -32},
	    {"cc 00", 0},
	    {"cc ff", 255},
	    {"cd 01 00", 256},
	    {"cd ff ff", 65535},
	    {"ce 00 01 00 00", 65536},
	    {"ce ff ff ff ff", 4294967295},
	    {"cf 00 00 00 01 00 00 00 00", 4294967296},
	    {"cf 00 1f ff ff ff ff ff ff", NUMBER_MAX},
	    {"cf 00 00 00 00 00 00 00 07", 7},
	    {"d0 7f", 127},
	    {"d0 80", -128},
	    {"d1 80 00", -32768},
	    {"d1 00 05", 5},
	    {"d2 80 00 00 00", -2147483648},
	    {"d2 7f ff ff ff", 2147483647},
	    {"d3 ff e0 00 00 00 00 00 01", -NUMBER_MAX},
	    {"d3 00 1f ff ff ff ff ff ff", NUMBER_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader alone = reader_of(hex(table[i].packed)),
			ahead = reader_of(with_tail(hex(table[i].packed)));

		assert_int_equal(reader_int(&alone), table[i].number);
		assert_int_equal(reader_finish(&alone), ERR_NONE);
		assert_int_equal(reader_int(&ahead), table[i].number);
		assert_int_equal(reader_peek(&ahead), READER_NIL);
		assert_int_equal(ahead.at - ahead.start, hex(table[i].packed).size);
	}
}

static void test_integers_beyond_2_to_the_53_are_refused(void **state)
{
	static const char *const table[] = {
	    "cf 00 20 00 00 00 00 00 00", "cf ff ff ff ff ff ff ff ff", "cf 80 00 00 00 00 00 00 00",
	    "d3 00 20 00 00 00 00 00 00", "d3 ff e0 00 00 00 00 00 00", "d3 80 00 00 00 00 00 00 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader taken = reader_of(hex(table[i])), skipped = reader_of(hex(table[i])),
			      ahead = reader_of(with_tail(hex(table[i])));

		assert_int_equal(reader_int(&taken), 0);
		assert_failed(&taken, ERR_OUT_OF_RANGE, 0);
		reader_skip(&skipped);
		assert_failed(&skipped, ERR_OUT_OF_RANGE, 0);
		reader_skip(&ahead);
		assert_failed(&ahead, ERR_OUT_OF_RANGE, 0);
	}
}

static void test_a_negative_number_is_no_uint(void **state)
{
	struct reader reader = reader_of(hex("05 ff"));

	(void)state;
	assert_int_equal(reader_uint(&reader), 5);
	assert_int_equal(reader_uint(&reader), 0);
	assert_failed(&reader, ERR_OUT_OF_RANGE, 1);
}

static void test_a_float_is_no_integer(void **state)
{
	struct reader four = reader_of(hex("ca 3f 80 00 00")),
		eight = reader_of(hex("cb 3f f0 00 00 00 00 00 00"));

	(void)state;
	assert_int_equal(reader_int(&four), 0);
	assert_failed(&four, ERR_WRONG_TYPE, 0);
	assert_int_equal(reader_uint(&eight), 0);
	assert_failed(&eight, ERR_WRONG_TYPE, 0);
}

static void test_bool_and_nil(void **state)
{
	struct reader reader = reader_of(hex("c3 c2 c0")), wrong = reader_of(hex("01")),
		other = reader_of(hex("c2"));

	(void)state;
	assert_true(reader_bool(&reader));
	assert_false(reader_bool(&reader));
	reader_nil(&reader);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	assert_false(reader_bool(&wrong));
	assert_failed(&wrong, ERR_WRONG_TYPE, 0);
	reader_nil(&other);
	assert_failed(&other, ERR_WRONG_TYPE, 0);
}

static void test_texts_of_every_form(void **state)
{
	static const char *const table[] = {"a3 61 62 63", "d9 03 61 62 63", "da 00 03 61 62 63",
					    "db 00 00 00 03 61 62 63"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader alone = reader_of(hex(table[i])), ahead = reader_of(with_tail(hex(table[i])));

		assert_true(text_equal(reader_text(&alone, 3), TEXT_LITERAL("abc")));
		assert_int_equal(reader_finish(&alone), ERR_NONE);
		assert_true(text_equal(reader_text(&ahead, 3), TEXT_LITERAL("abc")));
		assert_int_equal(reader_peek(&ahead), READER_NIL);
	}
}

static void test_a_text_longer_than_its_bound_is_refused(void **state)
{
	static const char *const table[] = {"a3 61 62 63", "d9 03 61 62 63", "da 00 03 61 62 63",
					    "db 00 00 00 03 61 62 63"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader alone = reader_of(hex(table[i])), ahead = reader_of(with_tail(hex(table[i])));

		assert_int_equal(reader_text(&alone, 2).size, 0);
		assert_int_equal(alone.error, ERR_TOO_LARGE);
		assert_null(reader_text(&ahead, 2).data);
		assert_int_equal(ahead.error, ERR_TOO_LARGE);
	}
}

static void test_empty_texts_and_binaries(void **state)
{
	struct reader reader = reader_of(hex("a0 d9 00 c4 00 c6 00 00 00 00"));

	(void)state;
	assert_int_equal(reader_text(&reader, 0).size, 0);
	assert_int_equal(reader_text(&reader, 0).size, 0);
	assert_int_equal(reader_bin(&reader, 0).size, 0);
	assert_int_equal(reader_bin(&reader, 0).size, 0);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
}

/*
 * Every text of 0 to 40 bytes with one odd byte at every place: the fast look must see what the slow one
 * sees.
 */
static void test_an_odd_byte_is_seen_at_every_place_of_every_size(void **state)
{
	uint8_t bytes[2 + 40 + 40];

	(void)state;
	for (uint32_t size = 1; size <= 40; size++) {
		for (uint32_t place = 0; place < size; place++) {
			for (uint32_t tail = 0; tail <= 40; tail += 8) {
				uint32_t head = size < 32 ? 1 : 2;

				bytes[0] = size < 32 ? (uint8_t)(0xa0 | size) : 0xd9;
				bytes[1] = (uint8_t)size;
				memset(bytes + head, 'x', size);
				bytes[head + place] = 0x80;
				memset(bytes + head + size, 0xc0, tail);
				struct bytes exact = hex_exact(bytes_of(bytes, head + size + tail));
				struct reader taken = reader_of(exact), skipped = reader_of(exact);
				(void)reader_text(&taken, 64);
				assert_failed(&taken, ERR_NOT_UTF8, head);
				reader_skip(&skipped);
				assert_failed(&skipped, ERR_NOT_UTF8, head);
			}
		}
	}
}

/* What lies behind a short text is none of its business. */
static void test_odd_bytes_behind_a_text_do_not_matter(void **state)
{
	(void)state;
	for (uint8_t size = 0; size < 32; size++) {
		uint8_t bytes[80];

		memset(bytes, 0xff, sizeof(bytes));
		bytes[0] = 0xa0 | size;
		memset(bytes + 1, 'x', size);
		struct reader reader = reader_of(bytes_of(bytes, sizeof(bytes)));
		assert_int_equal(reader_text(&reader, 31).size, size);
		assert_int_equal(reader.error, ERR_NONE);
	}
}

static void test_utf8_is_strict(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
	} table[] = {
	    {"c2 80", true}, {"df bf", true}, {"e0 a0 80", true}, {"ed 9f bf", true}, {"ee 80 80", true},
	    {"ef bf bf", true}, {"f0 90 80 80", true}, {"f4 8f bf bf", true}, {"e4 b8 80", true},
	    {"f0 9f 91 8d", true}, {"00", true}, {"7f", true}, {"80", false}, {"bf", false},
	    {"c0 80", false}, {"c1 bf", false}, {"e0 80 80", false}, {"e0 9f bf", false},
	    {"ed a0 80", false}, {"ed bf bf", false}, {"f0 80 80 80", false}, {"f0 8f bf bf", false},
	    {"f4 90 80 80", false}, {"f5 80 80 80", false}, {"f8 88 80 80 80", false}, {"fe", false},
	    {"ff", false}, {"c2", false}, {"e4 b8", false}, {"f0 9f 91", false}, {"c2 41", false},
	    {"e4 41 80", false}, {"e4 b8 41", false}, {"f0 9f 91 41", false}, {"c2 c2 80", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes bytes = hex(table[i].bytes);

		assert_int_equal(reader_utf8((const char *)bytes.data, bytes.size), table[i].valid);
		for (uint32_t before = 0; before < 20; before++) { /* at every place of a word */
			struct bytes shifted = hex_repeat(hex_repeat(hex(""), hex("61"), before), bytes, 1);

			assert_int_equal(reader_utf8((const char *)shifted.data, shifted.size),
					 table[i].valid);
		}
	}
	assert_true(reader_utf8(NULL, 0));
}

static void test_binaries_of_every_form(void **state)
{
	static const char *const table[] = {"c4 02 ff 00", "c5 00 02 ff 00", "c6 00 00 00 02 ff 00"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader reader = reader_of(hex(table[i])), small = reader_of(hex(table[i])),
			text = reader_of(hex(table[i]));

		assert_true(bytes_equal(reader_bin(&reader, 2), hex("ff 00")));
		assert_int_equal(reader_finish(&reader), ERR_NONE);
		assert_int_equal(reader_bin(&small, 1).size, 0);
		assert_int_equal(small.error, ERR_TOO_LARGE);
		assert_int_equal(reader_text(&text, 2).size, 0);
		assert_failed(&text, ERR_WRONG_TYPE, 0);
	}
}

static void test_arrays_and_maps_of_every_form(void **state)
{
	static const char *const arrays[] = {"92 01 02", "dc 00 02 01 02", "dd 00 00 00 02 01 02"};
	static const char *const maps[] = {"81 01 02", "de 00 01 01 02", "df 00 00 00 01 01 02"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct reader array = reader_of(hex(arrays[i])), map = reader_of(hex(maps[i]));

		assert_int_equal(reader_array(&array, 2), 2);
		assert_int_equal(array.depth, 1);
		assert_int_equal(reader_int(&array) + reader_int(&array), 3);
		reader_leave(&array);
		assert_int_equal(array.depth, 0);
		assert_int_equal(reader_finish(&array), ERR_NONE);
		assert_int_equal(reader_map(&map, 1), 1);
		assert_int_equal(reader_int(&map) + reader_int(&map), 3);
		reader_leave(&map);
		assert_int_equal(reader_finish(&map), ERR_NONE);

		struct reader few = reader_of(hex(arrays[i])), wrong = reader_of(hex(maps[i])),
			fewer = reader_of(hex(maps[i]));
		assert_int_equal(reader_array(&few, 1), 0);
		assert_int_equal(few.error, ERR_TOO_MANY);
		assert_int_equal(reader_array(&wrong, 9), 0);
		assert_failed(&wrong, ERR_WRONG_TYPE, 0);
		assert_int_equal(reader_map(&fewer, 0), 0);
		assert_int_equal(fewer.error, ERR_TOO_MANY);
	}
}

static void test_peek_names_every_kind_and_takes_nothing(void **state)
{
	static const struct {
		const char *packed;
		enum reader_kind kind;
	} table[] = {
	    {"c0", READER_NIL}, {"c2", READER_BOOL}, {"c3", READER_BOOL}, {"00", READER_INT},
	    {"e0", READER_INT}, {"d3 00 00 00 00 00 00 00 00", READER_INT},
	    {"ca 00 00 00 00", READER_FLOAT}, {"a0", READER_TEXT}, {"d9 00", READER_TEXT},
	    {"c4 00", READER_BIN}, {"90", READER_ARRAY}, {"dc 00 00", READER_ARRAY}, {"80", READER_MAP},
	    {"de 00 00", READER_MAP}, {"d4 00 00", READER_EXT}, {"c7 00 00", READER_EXT},
	    {"c1", READER_END}, {"", READER_END}, {"cd 01", READER_END},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct reader reader = reader_of(hex(table[i].packed));

		assert_int_equal(reader_peek(&reader), table[i].kind);
		assert_int_equal(reader_peek(&reader), table[i].kind);
		assert_ptr_equal(reader.at, reader.start);
		assert_int_equal(reader.error, ERR_NONE);
	}
}

static void test_trailing_bytes_are_refused(void **state)
{
	struct reader reader = reader_of(hex("01 02"));

	(void)state;
	assert_int_equal(reader_int(&reader), 1);
	assert_int_equal(reader_finish(&reader), ERR_TRAILING);
	assert_int_equal(reader.failed_at, 1);
	assert_int_equal(reader_finish(&reader), ERR_TRAILING);
}

static void test_the_first_failure_sticks_and_all_else_is_zero(void **state)
{
	struct reader reader = reader_of(with_tail(hex("92 c0 01")));

	(void)state;
	assert_int_equal(reader_array(&reader, 2), 2);
	assert_int_equal(reader_int(&reader), 0);
	assert_failed(&reader, ERR_WRONG_TYPE, 1);
	reader_fail(&reader, ERR_TOO_LARGE);
	assert_int_equal(reader_int(&reader), 0);
	assert_int_equal(reader_uint(&reader), 0);
	assert_false(reader_bool(&reader));
	assert_int_equal(reader_text(&reader, 100).size, 0);
	assert_int_equal(reader_bin(&reader, 100).size, 0);
	assert_int_equal(reader_array(&reader, 100), 0);
	assert_int_equal(reader_map(&reader, 100), 0);
	assert_int_equal(reader_value(&reader).size, 0);
	reader_nil(&reader);
	reader_skip(&reader);
	reader_leave(&reader);
	reader_leave(&reader);
	assert_int_equal(reader_peek(&reader), READER_END);
	assert_failed(&reader, ERR_WRONG_TYPE, 1);
	assert_int_equal(reader_finish(&reader), ERR_WRONG_TYPE);
}

static void test_nothing_at_all_is_truncated(void **state)
{
	struct reader reader = reader_of(bytes_of(NULL, 0)), text = reader_of(bytes_of(NULL, 0));

	(void)state;
	assert_int_equal(reader_peek(&reader), READER_END);
	reader_skip(&reader);
	assert_failed(&reader, ERR_TRUNCATED, 0);
	(void)reader_text(&text, 5);
	assert_failed(&text, ERR_TRUNCATED, 0);
	struct reader nothing = reader_of(bytes_of(NULL, 0));
	assert_int_equal(reader_finish(&nothing), ERR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_integers_of_every_width, hex_free),
	    cmocka_unit_test_teardown(test_integers_beyond_2_to_the_53_are_refused, hex_free),
	    cmocka_unit_test_teardown(test_a_negative_number_is_no_uint, hex_free),
	    cmocka_unit_test_teardown(test_a_float_is_no_integer, hex_free),
	    cmocka_unit_test_teardown(test_bool_and_nil, hex_free),
	    cmocka_unit_test_teardown(test_texts_of_every_form, hex_free),
	    cmocka_unit_test_teardown(test_a_text_longer_than_its_bound_is_refused, hex_free),
	    cmocka_unit_test_teardown(test_empty_texts_and_binaries, hex_free),
	    cmocka_unit_test_teardown(test_an_odd_byte_is_seen_at_every_place_of_every_size, hex_free),
	    cmocka_unit_test_teardown(test_odd_bytes_behind_a_text_do_not_matter, hex_free),
	    cmocka_unit_test_teardown(test_utf8_is_strict, hex_free),
	    cmocka_unit_test_teardown(test_binaries_of_every_form, hex_free),
	    cmocka_unit_test_teardown(test_arrays_and_maps_of_every_form, hex_free),
	    cmocka_unit_test_teardown(test_peek_names_every_kind_and_takes_nothing, hex_free),
	    cmocka_unit_test_teardown(test_trailing_bytes_are_refused, hex_free),
	    cmocka_unit_test_teardown(test_the_first_failure_sticks_and_all_else_is_zero, hex_free),
	    cmocka_unit_test_teardown(test_nothing_at_all_is_truncated, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
