/*
 * test_mangled.c -- goal: bytes that were cut or damaged on their way are refused or, by chance, as good as any.
 * Method: every golden sample of every event, cut at every place, lengthened by every byte, with every bit flipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "../fuzz/fuzz_event.h"
#include "samples.h"

static struct arena arena;

static void each_golden(void (*look)(const struct event_type *type, struct bytes golden))
{
	struct sample samples[SAMPLES_MAX];
	unsigned count;

	for (uint32_t i = 0; i < event_type_count; i++) {
		count = samples_read(event_types[i], samples);
		for (unsigned k = 0; k < count; k++)
			look(event_types[i], samples[k].bytes);
		samples_free(samples, count);
	}
}

static void look_cut(const struct event_type *type, struct bytes golden)
{
	const char *field;
	int error;

	for (size_t size = 0; size < golden.size; size++) {
		uint8_t *copy = samples_copy(bytes_of(golden.data, size));

		arena_reset(&arena);
		assert_null(samples_unpack(type, bytes_of(copy, size), &arena, &error, &field));
		assert_int_equal(error, ERR_TRUNCATED);
		free(copy);
	}
}

static void look_longer(const struct event_type *type, struct bytes golden)
{
	uint8_t *copy = malloc(golden.size + 1);
	const char *field;
	int error;

	assert_non_null(copy);
	memcpy(copy, golden.data, golden.size);
	for (unsigned last = 0; last < 256; last++) {
		copy[golden.size] = (uint8_t)last;
		arena_reset(&arena);
		assert_null(samples_unpack(type, bytes_of(copy, golden.size + 1), &arena, &error, &field));
		assert_int_equal(error, ERR_TRAILING);
	}
	free(copy);
}

static void look_flipped(const struct event_type *type, struct bytes golden)
{
	static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff};
	uint8_t *copy = samples_copy(golden);

	for (size_t i = 0; i < golden.size; i++) {
		for (size_t k = 0; k < sizeof flips; k++) {
			copy[i] ^= flips[k];
			fuzz_event(type, bytes_of(copy, golden.size), &arena);
			copy[i] ^= flips[k];
		}
	}
	assert_true(fuzz_event(type, bytes_of(copy, golden.size), &arena));
	free(copy);
}

static void test_every_truncation_is_refused(void **state)
{
	(void)state;
	each_golden(look_cut);
}

static void test_a_trailing_byte_is_refused(void **state)
{
	(void)state;
	each_golden(look_longer);
}

static void test_flipped_bytes_are_refused_or_as_good_as_any(void **state)
{
	(void)state;
	each_golden(look_flipped);
}

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena, SAMPLES_ARENA_BYTES);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_a_trailing_byte_is_refused),
		cmocka_unit_test(test_flipped_bytes_are_refused_or_as_good_as_any),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
