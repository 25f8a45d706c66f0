/*
 * test_reader_skip.c -- goal: whatever is stepped over is checked as strictly as what is taken: counts,
 * depth, forms, ends. Method: tables of values in every form; every truncation of a value that holds them
 * all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
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

static void test_floats_are_skipped_unless_they_are_no_numbers(void **state)
{
	static const char *const finite[] = {"ca 00 00 00 00", "ca 7f 7f ff ff", "ca 80 00 00 01",
					     "cb 7f ef ff ff ff ff ff ff", "cb 80 00 00 00 00 00 00 00"};
	static const char *const other[] = {"ca 7f 80 00 00",		  "ca ff 80 00 00",
					    "ca 7f c0 00 00",		  "ca 7f 80 00 01",
					    "cb 7f f0 00 00 00 00 00 00", "cb ff f0 00 00 00 00 00 00",
					    "cb 7f f8 00 00 00 00 00 00", "cb ff f0 00 00 00 00 00 01"};

	(void)state;
	for (size_t i = 0; i < sizeof(finite) / sizeof(finite[0]); i++) {
		struct reader reader = reader_of(hex(finite[i]));

		assert_int_equal(reader_peek(&reader), READER_FLOAT);
		reader_skip(&reader);
		assert_int_equal(reader_finish(&reader), ERR_NONE);
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		struct reader reader = reader_of(hex(other[i])),
			inside = reader_of(hex_repeat(hex("91"), hex(other[i]), 1));

		reader_skip(&reader);
		assert_failed(&reader, ERR_OUT_OF_RANGE, 0);
		reader_skip(&inside);
		assert_failed(&inside, ERR_OUT_OF_RANGE, 1);
	}
}

static void test_a_count_beyond_the_bytes_left_is_refused_at_once(void **state)
{
	static const char *const arrays[] = {"91", "9f 00", "dc 00 03 00 00", "dd 00 0f ff ff 00"};
	static const char *const maps[] = {"81", "81 00", "82 00 00 00", "de 00 02 00 00 00",
					   "df 00 0f ff ff 00"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct reader reader = reader_of(hex(arrays[i])), skipped = reader_of(hex(arrays[i]));

		assert_int_equal(reader_array(&reader, UINT32_MAX), 0);
		assert_int_equal(reader.error, ERR_TRUNCATED);
		reader_skip(&skipped);
		assert_int_equal(skipped.error, ERR_TRUNCATED);
	}
	for (size_t i = 0; i < 5; i++) {
		struct reader reader = reader_of(hex(maps[i])), skipped = reader_of(hex(maps[i]));

		assert_int_equal(reader_map(&reader, UINT32_MAX), 0);
		assert_int_equal(reader.error, ERR_TRUNCATED);
		reader_skip(&skipped);
		assert_int_equal(skipped.error, ERR_TRUNCATED);
	}
}

static void test_counts_beyond_any_sense_are_refused(void **state)
{
	static const char *const table[] = {"dd ff ff ff ff", "dd 00 10 00 01", "df ff ff ff ff",
					    "df 80 00 00 00"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes bytes = with_tail(hex(table[i]));
		struct reader taken = reader_of(bytes), skipped = reader_of(bytes);

		if (i < 2)
			assert_int_equal(reader_array(&taken, UINT32_MAX), 0);
		else
			assert_int_equal(reader_map(&taken, UINT32_MAX), 0);
		assert_int_equal(taken.error, ERR_TOO_MANY);
		reader_skip(&skipped);
		assert_int_equal(skipped.error, ERR_TOO_MANY);
	}
}

static void test_extensions_are_skipped_but_are_no_values(void **state)
{
	static const char *const table[] = {
	    "d4 01 61", "d5 01 61 62", "d6 ff 00 00 00 00", "d7 ff 00 00 00 00 00 00 00 00",
	    "d8 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "c7 00 05", "c7 02 05 61 62",
		    "c8 00 01 05 61",
	    "c9 00 00 00 01 05 61",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes bytes = hex(table[i]);
		struct reader skipped = reader_of(bytes), ahead = reader_of(with_tail(bytes)),
			text = reader_of(bytes), number = reader_of(bytes), bin = reader_of(bytes),
				cut = reader_of(bytes_of(bytes.data, bytes.size - 1));

		assert_int_equal(reader_peek(&skipped), READER_EXT);
		reader_skip(&skipped);
		assert_int_equal(reader_finish(&skipped), ERR_NONE);
		assert_int_equal(reader_value(&ahead).size, bytes.size);
		(void)reader_text(&text, 64);
		assert_failed(&text, ERR_WRONG_TYPE, 0);
		(void)reader_int(&number);
		assert_failed(&number, ERR_WRONG_TYPE, 0);
		(void)reader_bin(&bin, 64);
		assert_failed(&bin, ERR_WRONG_TYPE, 0);
		reader_skip(&cut);
		assert_int_equal(cut.error, ERR_TRUNCATED);
	}
}

/* depth arrays of one, and a number in the middle. */
static struct bytes nested(size_t depth, const char *unit)
{
	return hex_repeat(hex_repeat(hex(""), hex(unit), depth), hex("07"), 1);
}

static void test_depth_is_bounded(void **state)
{
	static const char *const units[] = {"91", "81 01", "dc 00 01", "df 00 00 00 01 a1 61"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct reader fits = reader_of(nested(READER_DEPTH_MAX, units[i]));
		struct reader deep = reader_of(nested(READER_DEPTH_MAX + 1, units[i]));
		struct reader deepest = reader_of(nested(5000, units[i]));

		reader_skip(&fits);
		assert_int_equal(reader_finish(&fits), ERR_NONE);
		reader_skip(&deep);
		assert_int_equal(deep.error, ERR_TOO_DEEP);
		reader_skip(&deepest);
		assert_int_equal(deepest.error, ERR_TOO_DEEP);
	}
	struct reader entered = reader_of(nested(READER_DEPTH_MAX + 1, "91"));
	for (uint32_t i = 0; i < READER_DEPTH_MAX; i++)
		assert_int_equal(reader_array(&entered, 1), 1);
	assert_int_equal(reader_array(&entered, 1), 0);
	assert_int_equal(entered.error, ERR_TOO_DEEP);
}

/* Skipping counts the arrays that were entered before it, and an empty one needs its level as well. */
static void test_depth_counts_what_was_entered(void **state)
{
	struct bytes empty = hex("91 91 91 91 91 91 91 91 90"), fits = hex("91 91 91 91 91 91 91 90");

	(void)state;
	for (uint32_t entered = 0; entered <= 7; entered++) {
		struct reader deep = reader_of(empty), right = reader_of(fits);

		for (uint32_t i = 0; i < entered; i++)
			assert_int_equal(reader_array(&deep, 1) + reader_array(&right, 1), 2);
		reader_skip(&deep);
		assert_int_equal(deep.error, ERR_TOO_DEEP);
		reader_skip(&right);
		assert_int_equal(reader_finish(&right), ERR_NONE);
	}
}

static void test_skip_takes_one_value(void **state)
{
	struct bytes value = hex("83 a1 61 93 01 c0 a1 62 a1 62 81 c3 90 a1 63 c4 01 00");
	struct reader reader = reader_of(with_tail(value));

	(void)state;
	struct bytes lent = reader_value(&reader);
	assert_int_equal(lent.size, value.size);
	assert_memory_equal(lent.data, value.data, value.size);
	assert_int_equal(reader_peek(&reader), READER_NIL);
	reader_skip(&reader);
	assert_int_equal(reader_peek(&reader), READER_NIL);
}

static void test_every_truncation_is_said(void **state)
{
	struct bytes whole = hex("8a a1 61 01 a1 62 cc ff a1 63 cd 01 00 a1 64 ce 00 01 00 00 "
				 "a1 65 cf 00 00 00 01 00 00 00 00 a1 66 d9 02 78 79 a1 67 c4 01 00 "
				 "a1 68 cb 3f f0 00 00 00 00 00 00 a1 69 d5 01 00 00 a1 6a 91 c3");
	struct reader reader = reader_of(whole);

	(void)state;
	reader_skip(&reader);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	for (size_t size = 0; size < whole.size; size++) {
		struct reader cut = reader_of(hex_exact(bytes_of(whole.data, size)));

		assert_null(reader_value(&cut).data);
		assert_int_equal(cut.error, ERR_TRUNCATED);
	}
}

static void test_the_byte_that_never_occurs_is_refused(void **state)
{
	struct reader skipped = reader_of(hex("c1")), number = reader_of(hex("c1")),
		inside = reader_of(hex("92 01 c1"));

	(void)state;
	assert_int_equal(reader_peek(&skipped), READER_END);
	reader_skip(&skipped);
	assert_failed(&skipped, ERR_SYNTAX, 0);
	(void)reader_int(&number);
	assert_failed(&number, ERR_SYNTAX, 0);
	reader_skip(&inside);
	assert_failed(&inside, ERR_SYNTAX, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_floats_are_skipped_unless_they_are_no_numbers, hex_free),
	    cmocka_unit_test_teardown(test_a_count_beyond_the_bytes_left_is_refused_at_once, hex_free),
	    cmocka_unit_test_teardown(test_counts_beyond_any_sense_are_refused, hex_free),
	    cmocka_unit_test_teardown(test_extensions_are_skipped_but_are_no_values, hex_free),
	    cmocka_unit_test_teardown(test_depth_is_bounded, hex_free),
	    cmocka_unit_test_teardown(test_depth_counts_what_was_entered, hex_free),
	    cmocka_unit_test_teardown(test_skip_takes_one_value, hex_free),
	    cmocka_unit_test_teardown(test_every_truncation_is_said, hex_free),
	    cmocka_unit_test_teardown(test_the_byte_that_never_occurs_is_refused, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
