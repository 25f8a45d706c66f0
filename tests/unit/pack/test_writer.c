/*
 * test_writer.c -- goal: the writer packs shortest forms, so equal values are equal bytes, and never writes
 * beyond its buffer. Method: boundaries of every width against bytes from the msgpack specification; every
 * buffer size up to the needed one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/units.h"
#include "hex.h"
#include "pack/reader.h"
#include "pack/writer.h"

#define BUFFER_BYTES 70000

static uint8_t buffer[BUFFER_BYTES]; /* of this test program */

static void assert_wrote(const struct writer *writer, struct bytes expected)
{
	assert_int_equal(writer->error, ERR_NONE);
	assert_int_equal(writer->used, expected.size);
	assert_memory_equal(writer->buffer, expected.data, expected.size);
}

static void test_integers_take_the_shortest_form(void **state)
{
	static const struct {
		int64_t number;
		const char *packed;
	} table[] = {
	    {0, "00"},
	    {127, "7f"},
	    {128, "cc 80"},
	    {255, "cc ff"},
	    {256, "cd 01 00"},
	    {65535, "cd ff ff"},
	    {65536, "ce 00 01 00 00"},
	    {4294967295, "ce ff ff ff ff"},
	    {4294967296, "cf 00 00 00 01 00 00 00 00"},
	    {NUMBER_MAX, "cf 00 1f ff ff ff ff ff ff"},
	    {-1, "ff"},
	    {-32, "e0"},
	    {-33, "d0 df"},
	    {-128, "d0 80"},
	    {-129, "d1 ff 7f"},
	    {-32768, "d1 80 00"},
	    {-32769, "d2 ff ff 7f ff"},
	    {-2147483648, "d2 80 00 00 00"},
	    {-2147483649, "d3 ff ff ff ff 7f ff ff ff"},
	    {-NUMBER_MAX, "d3 ff e0 00 00 00 00 00 01"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct writer writer = writer_of(buffer, sizeof(buffer));

		writer_int(&writer, table[i].number);
		assert_wrote(&writer, hex(table[i].packed));
		if (table[i].number < 0)
			continue;
		writer = writer_of(buffer, sizeof(buffer));
		writer_uint(&writer, (uint64_t)table[i].number);
		assert_wrote(&writer, hex(table[i].packed));
	}
}

static void test_nil_and_bool(void **state)
{
	struct writer writer = writer_of(buffer, sizeof(buffer));

	(void)state;
	writer_nil(&writer);
	writer_bool(&writer, false);
	writer_bool(&writer, true);
	assert_wrote(&writer, hex("c0 c2 c3"));
}

static void test_texts_and_binaries_take_the_shortest_head(void **state)
{
	static const struct {
		uint32_t size;
		const char *text_head, *bin_head;
	} table[] = {
	    {0, "a0", "c4 00"},	       {1, "a1", "c4 01"},		      {31, "bf", "c4 1f"},
	    {32, "d9 20", "c4 20"},    {255, "d9 ff", "c4 ff"},		      {256, "da 01 00", "c5 01 00"},
	    {65535, "da ff ff", "c5 ff ff"}, {65536, "db 00 01 00 00", "c6 00 01 00 00"},
	};
	static char filling[65536];

	(void)state;
	memset(filling, 'f', sizeof(filling));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct writer text = writer_of(buffer, sizeof(buffer));

		writer_text(&text, (struct text){filling, table[i].size});
		assert_wrote(&text, hex_repeat(hex(table[i].text_head), hex("66"), table[i].size));
		struct writer bin = writer_of(buffer, sizeof(buffer));
		writer_bin(&bin, bytes_of(filling, table[i].size));
		assert_wrote(&bin, hex_repeat(hex(table[i].bin_head), hex("66"), table[i].size));
	}
}

static void test_an_absent_text_is_an_empty_one(void **state)
{
	struct writer writer = writer_of(buffer, sizeof(buffer));

	(void)state;
	writer_text(&writer, (struct text){0});
	writer_bin(&writer, bytes_of(NULL, 0));
	writer_raw(&writer, bytes_of(NULL, 0));
	assert_wrote(&writer, hex("a0 c4 00"));
}

static void test_arrays_and_maps_take_the_shortest_head(void **state)
{
	static const struct {
		uint32_t count;
		const char *array, *map;
	} table[] = {
	    {0, "90", "80"},
	    {15, "9f", "8f"},
	    {16, "dc 00 10", "de 00 10"},
	    {65535, "dc ff ff", "de ff ff"},
	    {65536, "dd 00 01 00 00", "df 00 01 00 00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct writer array = writer_of(buffer, sizeof(buffer));

		writer_array(&array, table[i].count);
		assert_wrote(&array, hex(table[i].array));
		struct writer map = writer_of(buffer, sizeof(buffer));
		writer_map(&map, table[i].count);
		assert_wrote(&map, hex(table[i].map));
	}
}

static void test_a_count_can_be_told_later(void **state)
{
	struct writer writer = writer_of(buffer, sizeof(buffer));

	(void)state;
	writer_array(&writer, 1);
	size_t place = writer_array_later(&writer);
	writer_int(&writer, 1);
	writer_int(&writer, 2);
	writer_array_count(&writer, place, 2);
	assert_wrote(&writer, hex("91 dd 00 00 00 02 01 02"));
	struct reader reader = reader_of(writer_bytes(&writer));
	reader_skip(&reader);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
}

static void write_one_of_each(struct writer *writer)
{
	writer_map(writer, 8);
	writer_text(writer, TEXT_LITERAL("i"));
	writer_int(writer, -70000);
	writer_text(writer, TEXT_LITERAL("u"));
	writer_uint(writer, 1772359200000000);
	writer_text(writer, TEXT_LITERAL("b"));
	writer_bool(writer, true);
	writer_text(writer, TEXT_LITERAL("n"));
	writer_nil(writer);
	writer_text(writer, TEXT_LITERAL("t"));
	writer_text(writer, TEXT_LITERAL("a text that is longer than thirty-one bytes"));
	writer_text(writer, TEXT_LITERAL("x"));
	writer_bin(writer, bytes_of("\x00\xff", 2));
	writer_text(writer, TEXT_LITERAL("l"));
	size_t place = writer_array_later(writer);
	writer_array_count(writer, place, 0);
	writer_text(writer, TEXT_LITERAL("r"));
	writer_raw(writer, bytes_of("\x91\xc0", 2));
}

/* Each block is exactly as large as told, so a sanitizer sees a byte too many. */
static void test_a_full_buffer_is_said_and_never_left(void **state)
{
	struct writer whole = writer_of(buffer, sizeof(buffer));

	(void)state;
	write_one_of_each(&whole);
	assert_int_equal(whole.error, ERR_NONE);
	for (size_t size = 0; size < whole.used; size++) {
		struct bytes block = hex_exact(bytes_of(buffer, size));
		struct writer writer = writer_of((uint8_t *)(uintptr_t)block.data, size);

		write_one_of_each(&writer);
		assert_int_equal(writer.error, ERR_TOO_LARGE);
		assert_true(writer.used <= size);
		assert_memory_equal(block.data, buffer, writer.used);
	}
	struct bytes block = hex_exact(bytes_of(buffer, whole.used));
	struct writer exact = writer_of((uint8_t *)(uintptr_t)block.data, whole.used);
	write_one_of_each(&exact);
	assert_wrote(&exact, writer_bytes(&whole));
}

static void test_nothing_is_written_after_a_failure(void **state)
{
	struct writer writer = writer_of(buffer, 4);

	(void)state;
	writer_text(&writer, TEXT_LITERAL("too long"));
	assert_int_equal(writer.error, ERR_TOO_LARGE);
	size_t used = writer.used;
	writer_int(&writer, 1);
	writer_nil(&writer);
	assert_int_equal(writer.used, used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_integers_take_the_shortest_form, hex_free),
	    cmocka_unit_test_teardown(test_nil_and_bool, hex_free),
	    cmocka_unit_test_teardown(test_texts_and_binaries_take_the_shortest_head, hex_free),
	    cmocka_unit_test_teardown(test_an_absent_text_is_an_empty_one, hex_free),
	    cmocka_unit_test_teardown(test_arrays_and_maps_take_the_shortest_head, hex_free),
	    cmocka_unit_test_teardown(test_a_count_can_be_told_later, hex_free),
	    cmocka_unit_test_teardown(test_a_full_buffer_is_said_and_never_left, hex_free),
	    cmocka_unit_test_teardown(test_nothing_is_written_after_a_failure, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
