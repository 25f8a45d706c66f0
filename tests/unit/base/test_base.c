/* Goal: values without I/O keep their headers' promises. Method: tables of inputs and results worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/key.h"
#include "base/squeeze.h"
#include "base/units.h"
#include "base/when.h"

static void test_squeezed_words_come_back_and_nothing_else_does(void **state)
{
	static const int64_t rows[][5] = {{0, 0, 0, 0, 0},
					  {1, -1, 127, -128, 128},
					  {INT64_MAX, INT64_MIN, 0, 1, -1},
					  {0x0102030405060708, 255, 256, -256, 65536}};
	uint8_t out[SQUEEZE_ROOM(5)];
	int64_t words[5];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = squeeze(out, rows[i], 5);

		assert_true(size <= SQUEEZE_BYTES_MAX(5));
		assert_true(unsqueeze(words, 5, bytes_of(out, size)));
		assert_memory_equal(words, rows[i], sizeof(words));
		for (size_t cut = 0; cut < size; cut++)
			assert_false(unsqueeze(words, 5, bytes_of(out, cut)));
		assert_false(unsqueeze(words, 5, bytes_of(out, size + 1)));
	}
	assert_int_equal(squeeze(out, rows[0], 5), 3); /* lengths alone */
	assert_int_equal(squeeze(out, rows[1], 5), 3 + 1 + 1 + 1 + 1 + 2);
	out[0] = 0x09; /* a word of nine bytes */
	assert_false(unsqueeze(words, 5, bytes_of(out, sizeof(out))));
}

static void test_a_line_total_is_rounded_half_to_even(void **state)
{
	static const struct {
		int64_t milli, e4;
		int exponent;
		int64_t minor;
	} lines[] = {
	    {6000, 25500, 2, 1530},	/* 6 at 2.55 */
	    {1000, 50, 2, 0},		/* 0.005 -> 0 (even) */
	    {3000, 50, 2, 2},		/* 0.015 -> 0.02 (even) */
	    {1000, 51, 2, 1},		/* 0.0051 -> 0.01 */
	    {-1000, 50, 2, 0},		/* the same below zero */
	    {-3000, 50, 2, -2},
	    {1000, 10, 2, 0},		/* 0.001 */
	    {250, 100000, 0, 2},	/* 2.5 JPY -> 2 */
	    {750, 100000, 0, 8},	/* 7.5 JPY -> 8 */
	    {1000, 12345, 3, 1234},	/* 1.2345 KWD -> 1.234 (even) */
	    {1000, -110620600, 2, -1106206},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct money total = {-1};

		assert_true(money_of_line(quantity_of(lines[i].milli), (struct price){lines[i].e4},
					  lines[i].exponent, &total));
		assert_int_equal(total.minor, lines[i].minor);
	}
}

/* Held against what rounding means: no whole number is nearer, and of two that are as near the even one. */
static void is_nearest(wide numerator, int64_t denominator)
{
	int64_t whole = divide_half_even(numerator, denominator);
	wide off = numerator - (wide)whole * denominator, twice = (off < 0 ? -off : off) * 2;

	assert_true(twice < denominator || (twice == denominator && whole % 2 == 0));
}

static void test_halves_go_to_the_even_one_at_every_width(void **state)
{
	static const int64_t denominators[] = {1, 2, 3, 10, 1000, 10000000, INT64_MAX - 1, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(denominators) / sizeof(denominators[0]); i++) {
		int64_t by = denominators[i];

		for (int64_t near = -5; near <= 5; near++) {
			is_nearest(near, by);
			is_nearest((wide)near * by / 2, by);	    /* a half, or as close to it as there is */
			is_nearest((wide)near * by / 2 + 1, by);
			is_nearest((wide)INT64_MAX + near, by > 1 ? by : 2); /* on either side of 64 bits */
			is_nearest((wide)INT64_MIN + near, by > 1 ? by : 2);
			is_nearest((wide)1000003 * by + near, by);
		}
	}
}

static void test_a_total_beyond_its_range_is_refused(void **state)
{
	struct money total = {7};

	(void)state;
	assert_false(money_of_line(quantity_of(NUMBER_MAX), (struct price){NUMBER_MAX}, 2, &total));
	assert_false(money_of_line(quantity_of(-NUMBER_MAX), (struct price){NUMBER_MAX}, 2, &total));
	assert_int_equal(total.minor, 7);
}

static void test_currencies_have_their_exponent(void **state)
{
	(void)state;
	assert_int_equal(currency_exponent(text_of("GBP")), 2);
	assert_int_equal(currency_exponent(text_of("CNY")), 2);
	assert_int_equal(currency_exponent(text_of("JPY")), 0);
	assert_int_equal(currency_exponent(text_of("KWD")), 3);
	assert_int_equal(currency_exponent(text_of("EDA")), -1); /* across two codes of the table */
	assert_int_equal(currency_exponent(text_of("GB")), -1);
	assert_int_equal(currency_exponent(text_of("gbp")), -1);
}

static void test_days_are_read_and_written(void **state)
{
	static const char *const wrong[] = {"2011-02-29", "2011-13-01", "2011-00-10", "2011-1-01", "2011-01-1x", "", "2011/01/01", "2011-01-011"};
	char text[DAY_TEXT_SIZE];
	int64_t days;

	(void)state;
	assert_true(day_number(text_of("1970-01-01"), &days));
	assert_int_equal(days, 0);
	assert_true(day_number(text_of("2012-02-29"), &days));
	day_text(days + 1, text);
	assert_string_equal(text, "2012-03-01");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(day_number(text_of(wrong[i]), &days));
}

static void test_moments_are_read_and_written(void **state)
{
	char text[WHEN_TEXT_SIZE];
	int64_t utc, east;

	(void)state;
	assert_true(when_parse(text_of("2010-12-01T08:26:00Z"), &utc));
	assert_int_equal(utc, INT64_C(1291191960000000));
	assert_true(when_parse(text_of("2010-12-01 16:26:00.25+08:00"), &east));
	assert_int_equal(east, utc + 250000);
	when_text(east, text);
	assert_string_equal(text, "2010-12-01T08:26:00.250000Z");
	when_text(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
	assert_false(when_parse(text_of("2010-12-01T08:26:00"), &utc));
	assert_false(when_parse(text_of("2010-12-01T25:26:00Z"), &utc));
	assert_false(when_parse(text_of("2010-12-01T08:26:00Zx"), &utc));
	assert_true(when_parse(text_of("2255-06-05T23:47:34.740991Z"), &utc));
	assert_int_equal(utc, NUMBER_MAX);
	assert_false(when_parse(text_of("2255-06-05T23:47:34.740992Z"), &utc));
	assert_true(when_parse(text_of("1684-07-28T00:12:25.259009Z"), &utc));
	assert_int_equal(utc, -NUMBER_MAX);
	assert_false(when_parse(text_of("1684-07-28T00:12:25.259008Z"), &utc));
}

static void test_an_arena_lends_until_it_is_used_up(void **state)
{
	struct arena arena;

	(void)state;
	assert_int_equal(arena_open(&arena, 64), ERR_NONE);
	uint8_t *first = arena_take(&arena, 3);
	uint8_t *second = arena_take(&arena, 8);
	assert_ptr_equal(second, first + 8);
	assert_null(arena_take(&arena, 49));
	assert_null(arena_take(&arena, SIZE_MAX));
	assert_non_null(arena_take(&arena, 48));
	arena_reset(&arena);
	assert_ptr_equal(arena_take(&arena, 1), first);
	arena_close(&arena);
}

static void test_keys_join_codes_and_give_them_back(void **state)
{
	const struct text codes[] = {TEXT_LITERAL("S1"), TEXT_LITERAL(""), TEXT_LITERAL("A")};
	uint8_t key[KEY_SIZE], other[KEY_SIZE];
	struct bytes joined = key_join(key, codes, 3);

	(void)state;
	assert_int_equal(joined.size, 5);
	assert_memory_equal(joined.data, "S1\0\0A", 5);
	for (unsigned i = 0; i < 3; i++)
		assert_true(text_equal(key_part(joined, i), codes[i]));
	assert_int_equal(key_part(joined, 3).size, 0);
	/* A code sorts before every longer one that begins with it, whatever follows in the key. */
	struct bytes longer = key_join(other, (const struct text[]){TEXT_LITERAL("S10"), TEXT_LITERAL("")}, 2);
	assert_true(bytes_compare(joined, longer) < 0);
}

static void test_keys_behind_a_moment_lie_in_its_order(void **state)
{
	uint8_t key[KEY_SIZE], other[KEY_SIZE];
	struct bytes first = key_timed(key, "d", 255, bytes_of_text(TEXT_LITERAL("Z")));

	(void)state;
	assert_int_equal(first.size, 10);
	assert_memory_equal(first.data, "d\0\0\0\0\0\0\0\xffZ", 10);
	assert_true(bytes_compare(first, key_timed(other, "d", 256, bytes_of_text(TEXT_LITERAL("A")))) < 0);
	assert_true(bytes_compare(first, key_timed(other, "d", 255, bytes_of_text(TEXT_LITERAL("A")))) > 0);
	assert_int_equal(key_timed(other, "", 0, bytes_of(NULL, 0)).size, 8);
}

static void test_a_code_fills_its_place(void **state)
{
	char place[4] = "xxx";

	(void)state;
	CODE_PUT(place, TEXT_LITERAL("ab"));
	assert_memory_equal(place, "ab\0\0", 4);
	assert_true(text_equal(CODE_TEXT(place), TEXT_LITERAL("ab")));
	CODE_PUT(place, TEXT_LITERAL("abcd"));
	assert_true(text_equal(CODE_TEXT(place), TEXT_LITERAL("abcd")));
	CODE_PUT(place, TEXT_LITERAL(""));
	assert_int_equal(CODE_TEXT(place).size, 0);
}

static void test_errors_have_names_and_sentences(void **state)
{
	(void)state;
	assert_string_equal(error_name(ERR_DISK_FULL), "DISK_FULL");
	assert_string_equal(error_text(ERR_NONE), "no error");
	assert_string_equal(error_name(-12345), "SYSTEM");
	assert_true(error_is_retry(ERR_STORE_FULL));
	assert_false(error_is_retry(ERR_STORE_IO));
	assert_true(error_is_halt(ERR_STORE_IO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_squeezed_words_come_back_and_nothing_else_does),
	    cmocka_unit_test(test_a_line_total_is_rounded_half_to_even),
	    cmocka_unit_test(test_halves_go_to_the_even_one_at_every_width),
	    cmocka_unit_test(test_a_total_beyond_its_range_is_refused),
	    cmocka_unit_test(test_currencies_have_their_exponent),
	    cmocka_unit_test(test_days_are_read_and_written),
	    cmocka_unit_test(test_moments_are_read_and_written),
	    cmocka_unit_test(test_an_arena_lends_until_it_is_used_up),
	    cmocka_unit_test(test_keys_join_codes_and_give_them_back),
	    cmocka_unit_test(test_keys_behind_a_moment_lie_in_its_order),
	    cmocka_unit_test(test_a_code_fills_its_place),
	    cmocka_unit_test(test_errors_have_names_and_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
