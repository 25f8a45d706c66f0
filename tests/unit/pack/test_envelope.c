/*
 * test_envelope.c -- goal: an envelope comes back as it was written, from other writers as well, and one
 * thing wrong is named. Method: there and back; hand-made envelopes with one part replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/units.h"
#include "hex.h"
#include "pack/envelope.h"

/* The nine parts of a good envelope. */
static const char *const good[9] = {"01", "a0", "a6 6f7264657273", "05", "a1 74", "a1 73", "ce 00 01 00 00",
				    "80", "81 a1 61 01"};
static const char *const names[9] = {"version", "id", "source", "seq", "type", "subject", "time", "ext",
				     "data"};

/* A good envelope with one part replaced. */
static struct bytes envelope_with(uint32_t place, const char *part)
{
	struct bytes whole = hex("99");

	for (uint32_t i = 0; i < 9; i++)
		whole = hex_repeat(whole, hex(i == place ? part : good[i]), 1);
	return whole;
}

static int read_all(struct bytes bytes, struct envelope *envelope, const char **field)
{
	struct reader reader = reader_of(bytes);

	envelope_read(&reader, envelope);
	int error = reader_finish(&reader);
	*field = reader.field;
	return error;
}

static void assert_refused(struct bytes bytes, int error, const char *field)
{
	struct envelope envelope;
	const char *named;

	assert_string_equal(error_name(read_all(bytes, &envelope, &named)), error_name(error));
	assert_non_null(named);
	assert_string_equal(named, field);
}

static void assert_same(const struct envelope *a, const struct envelope *b)
{
	assert_true(text_equal(a->id, b->id));
	assert_true(text_equal(a->source, b->source));
	assert_int_equal(a->seq, b->seq);
	assert_true(text_equal(a->type, b->type));
	assert_true(text_equal(a->subject, b->subject));
	assert_int_equal(a->time_us, b->time_us);
	assert_int_equal(a->epoch, b->epoch);
	assert_true(text_equal(a->cause, b->cause));
	assert_int_equal(a->recorded_us, b->recorded_us);
	assert_true(text_equal(a->trace, b->trace));
	assert_true(text_equal(a->correlation, b->correlation));
	assert_true(bytes_equal(a->data, b->data));
}

static const struct envelope full = {
    .id = {"orders#42", 9},
    .source = {"orders", 6},
    .seq = 42,
    .type = {"sale.recorded", 13},
    .subject = {"OUT-001", 7},
    .time_us = 1772359200000000,
    .epoch = 1772359100000000,
    .cause = {"OUT-001/T1#7", 12},
    .recorded_us = 1772359200000001,
    .trace = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 55},
    .correlation = {"visit 7", 7},
};

static void test_there_and_back(void **state)
{
	uint8_t buffer[512];
	const char *field;

	(void)state;
	for (uint32_t absent = 0; absent < 32; absent++) { /* every subset of what may be absent */
		struct writer writer = writer_of(buffer, sizeof(buffer));
		struct envelope written = full, back;

		written.data = hex("81 a1 61 93 01 02 03");
		written.epoch = absent & 1 ? 0 : full.epoch;
		written.cause = absent & 2 ? (struct text){0} : full.cause;
		written.recorded_us = absent & 4 ? 0 : full.recorded_us;
		written.trace = absent & 8 ? (struct text){0} : full.trace;
		written.correlation = absent & 16 ? (struct text){0} : full.correlation;
		envelope_write(&writer, &written);
		assert_int_equal(writer.error, ERR_NONE);
		assert_int_equal(read_all(writer_bytes(&writer), &back, &field), ERR_NONE);
		assert_null(field);
		assert_same(&written, &back);
	}
}

static void test_data_may_be_written_behind(void **state)
{
	uint8_t buffer[512];
	struct writer writer = writer_of(buffer, sizeof(buffer));
	struct envelope back;
	const char *field;

	(void)state;
	envelope_write(&writer, &full);
	writer_map(&writer, 1);
	writer_text(&writer, TEXT_LITERAL("a"));
	writer_int(&writer, 1);
	assert_int_equal(read_all(writer_bytes(&writer), &back, &field), ERR_NONE);
	assert_true(bytes_equal(back.data, hex("81 a1 61 01")));
}

static void test_the_reader_stands_behind_the_event(void **state)
{
	struct reader reader = reader_of(hex_repeat(envelope_with(9, ""), envelope_with(3, "06"), 2));
	struct envelope envelope;

	(void)state;
	for (uint64_t seq = 5; seq < 8; seq++) {
		envelope_read(&reader, &envelope);
		assert_int_equal(envelope.seq, seq < 7 ? seq : 6);
		assert_int_equal(reader.depth, 0);
	}
	assert_int_equal(reader_finish(&reader), ERR_NONE);
}

static void test_unknown_keys_are_ignored(void **state)
{
	struct envelope envelope;
	const char *field;

	(void)state;
	/* {"later": [{"x": 1.5}], "epoch": 9, "": nil, "epochs": 1, "later": 2} */
	struct bytes ext = envelope_with(7, "85 a5 6c61746572 91 81 a1 78 ca 3fc00000 a5 65706f6368 09 a0 c0 "
					    "a6 65706f636873 01 a5 6c61746572 02");
	assert_int_equal(read_all(ext, &envelope, &field), ERR_NONE);
	assert_int_equal(envelope.epoch, 9);
	assert_true(bytes_equal(envelope.data, hex("81 a1 61 01")));
}

static void test_keys_that_must_be_understood_are_refused(void **state)
{
	(void)state;
	assert_refused(envelope_with(7, "81 a5 21 7365616c 01"), ERR_UNKNOWN_CRITICAL, "ext");
	assert_refused(envelope_with(7, "82 a5 65706f6368 09 a1 21 c0"), ERR_UNKNOWN_CRITICAL, "ext");
	/* "!epoch" */
	assert_refused(envelope_with(7, "81 a6 21 65706f6368 09"), ERR_UNKNOWN_CRITICAL, "ext");
}

static void test_a_key_that_stands_twice_is_refused(void **state)
{
	static const char *const twice[] = {
	    "82 a5 65706f6368 01 a5 65706f6368 01",			/* epoch */
	    "82 a5 6361757365 a1 61 a5 6361757365 a1 61",		/* cause */
	    "82 a8 7265636f72646564 01 a8 7265636f72646564 02",		/* recorded */
	    "82 a5 7472616365 a1 61 a5 7472616365 a1 61",		/* trace */
	    "82 ab 636f7272656c6174696f6e a1 61 ab 636f7272656c6174696f6e a1 61", /* correlation */
	    "83 a5 65706f6368 01 a1 78 01 a5 65706f6368 01",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++)
		assert_refused(envelope_with(7, twice[i]), ERR_DUPLICATE_KEY, "ext");
}

static void test_a_wrong_part_is_named(void **state)
{
	static const struct {
		uint32_t place;
		const char *part;
		int error;
	} table[] = {
	    {0, "02", ERR_VERSION},
	    {0, "00", ERR_VERSION},
	    {0, "a1 31", ERR_WRONG_TYPE},
	    {1, "01", ERR_WRONG_TYPE},
	    {1, "c0", ERR_WRONG_TYPE},
	    {1, "a1 ff", ERR_NOT_UTF8},
	    {2, "a0", ERR_OUT_OF_RANGE},
	    {2, "c4 01 61", ERR_WRONG_TYPE},
	    {3, "00", ERR_OUT_OF_RANGE},
	    {3, "ff", ERR_OUT_OF_RANGE},
	    {3, "cf 00 20 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
	    {3, "ca 3f 80 00 00", ERR_WRONG_TYPE},
	    {4, "90", ERR_WRONG_TYPE},
	    {4, "a2 c3 28", ERR_NOT_UTF8},
	    {5, "c2", ERR_WRONG_TYPE},
	    {6, "a0", ERR_WRONG_TYPE},
	    {6, "cb 7f f8 00 00 00 00 00 00", ERR_WRONG_TYPE},
	    {6, "d7 ff 00 00 00 00 00 00 00 00", ERR_WRONG_TYPE},
	    {7, "90", ERR_WRONG_TYPE},
	    {7, "c0", ERR_WRONG_TYPE},
	    {7, "81 01 01", ERR_WRONG_TYPE},			   /* a key that is no text */
	    {7, "81 a5 65706f6368 ff", ERR_OUT_OF_RANGE},	   /* a negative epoch */
	    {7, "81 a1 78 cb 7f f0 00 00 00 00 00 00", ERR_OUT_OF_RANGE}, /* infinity under an unknown key */
	    {8, "90", ERR_WRONG_TYPE},
	    {8, "c0", ERR_WRONG_TYPE},
	    {8, "81 a1 61 c1", ERR_SYNTAX},
	    {8, "81 a1 61 cb 7f f8 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
	    {8, "81 a1 61 a1 ff", ERR_NOT_UTF8},
	    {8, "81 a1 61 91 91 91 91 91 91 90", ERR_TOO_DEEP},
	    {8, "df ff ff ff ff a1 61 01", ERR_TOO_MANY},
	    {8, "df 00 0f ff ff a1 61 01", ERR_TRUNCATED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_refused(envelope_with(table[i].place, table[i].part), table[i].error,
			       names[table[i].place]);
}

static void test_texts_have_bounds(void **state)
{
	static const struct {
		uint32_t place, most;
	} table[] = {{1, ID_TEXT_MAX}, {2, SOURCE_TEXT_MAX}, {4, TYPE_TEXT_MAX}, {5, SUBJECT_TEXT_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (uint32_t size = table[i].most; size <= table[i].most + 1; size++) {
			char part[2 * 128 + 5];
			struct envelope envelope;
			const char *field;

			snprintf(part, sizeof(part), "d9 %02x", size);
			for (uint32_t k = 0; k < size; k++)
				snprintf(part + 5 + 2 * k, 3, "61");
			if (size > table[i].most)
				assert_refused(envelope_with(table[i].place, part), ERR_TOO_LARGE,
					       names[table[i].place]);
			else
				assert_int_equal(read_all(envelope_with(table[i].place, part), &envelope,
							  &field), ERR_NONE);
		}
	}
}

static void test_eight_or_ten_parts_are_no_envelope(void **state)
{
	struct bytes whole = envelope_with(9, "");
	struct bytes eight = hex_repeat(hex("98"), bytes_of(whole.data + 1, whole.size - 1), 1);
	struct bytes ten = hex_repeat(hex_repeat(hex("9a"), bytes_of(whole.data + 1, whole.size - 1), 1),
				      hex("c0"), 1);

	(void)state;
	assert_refused(eight, ERR_MISSING_FIELD, "envelope");
	assert_refused(ten, ERR_TOO_MANY, "envelope");
	assert_refused(hex("80"), ERR_WRONG_TYPE, "envelope");
	assert_refused(hex(""), ERR_TRUNCATED, "envelope");
}

static void test_every_truncation_is_refused(void **state)
{
	uint8_t buffer[512];
	struct writer writer = writer_of(buffer, sizeof(buffer));
	struct envelope written = full, back;
	const char *field;

	(void)state;
	written.data = hex("81 a1 61 01");
	envelope_write(&writer, &written);
	for (size_t size = 0; size < writer.used; size++)
		assert_int_equal(read_all(hex_exact(bytes_of(buffer, size)), &back, &field), ERR_TRUNCATED);
	buffer[writer.used] = 0xc0;
	assert_int_equal(read_all(hex_exact(bytes_of(buffer, writer.used + 1)), &back, &field), ERR_TRAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_there_and_back, hex_free),
	    cmocka_unit_test_teardown(test_data_may_be_written_behind, hex_free),
	    cmocka_unit_test_teardown(test_the_reader_stands_behind_the_event, hex_free),
	    cmocka_unit_test_teardown(test_unknown_keys_are_ignored, hex_free),
	    cmocka_unit_test_teardown(test_keys_that_must_be_understood_are_refused, hex_free),
	    cmocka_unit_test_teardown(test_a_key_that_stands_twice_is_refused, hex_free),
	    cmocka_unit_test_teardown(test_a_wrong_part_is_named, hex_free),
	    cmocka_unit_test_teardown(test_texts_have_bounds, hex_free),
	    cmocka_unit_test_teardown(test_eight_or_ten_parts_are_no_envelope, hex_free),
	    cmocka_unit_test_teardown(test_every_truncation_is_refused, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
