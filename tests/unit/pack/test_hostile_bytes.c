/*
 * test_hostile_bytes.c -- goal: whatever bytes come from outside are refused with a reason, without asking
 * for memory and in time that grows with their size and no faster. Method: hostile values alone, as an
 * event's data, under an unknown key of ext, in a message and before every generated decoder, with every call
 * of the allocator counted; 16 KiB and 256 KiB of what is worst for a walker, timed by this thread's own
 * clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/error.h"
#include "counted.h"
#include "frames.h"
#include "hex.h"
#include "pack/event.h"
#include "pack/json.h"
#include "pack/message.h"

#define TIMES 9

static struct message message; /* of this test program, as the arena */
static struct arena arena;

/* A value that is no field of anything, and why. */
static const struct {
	const char *packed;
	int error;
} hostile[] = {
    {"dd ff ff ff ff", ERR_TOO_MANY},
    {"dd 10 00 00 00", ERR_TOO_MANY},
    {"df ff ff ff ff", ERR_TOO_MANY},
    {"df 80 00 00 00 a1 61 01", ERR_TOO_MANY},
    {"dd 00 0f ff ff", ERR_TRUNCATED},
    {"df 00 0f ff ff", ERR_TRUNCATED},
    {"dc ff ff 00", ERR_TRUNCATED},
    {"de ff ff 00 00", ERR_TRUNCATED},
    {"db ff ff ff ff 61", ERR_TRUNCATED},
    {"c6 ff ff ff ff 61", ERR_TRUNCATED},
    {"c9 ff ff ff fe 01 61", ERR_TRUNCATED},
    {"da ff ff 61", ERR_TRUNCATED},
    {"d9 ff 61", ERR_TRUNCATED},
    {"cf 00 00", ERR_TRUNCATED},
    {"91 91 91 91 91 91 91 91 91 91 91 00", ERR_TOO_DEEP},
    {"81 a1 61 81 a1 61 81 a1 61 81 a1 61 81 a1 61 81 a1 61 81 a1 61 81 a1 61 81 a1 61 00", ERR_TOO_DEEP},
    {"c1", ERR_SYNTAX},
    {"92 01 c1", ERR_SYNTAX},
    {"cb 7f f8 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
    {"cb 7f f0 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
    {"ca 7f c0 00 00", ERR_OUT_OF_RANGE},
    {"ca ff 80 00 00", ERR_OUT_OF_RANGE},
    {"cf ff ff ff ff ff ff ff ff", ERR_OUT_OF_RANGE},
    {"d3 80 00 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
    {"a1 ff", ERR_NOT_UTF8},
    {"a2 c0 80", ERR_NOT_UTF8},
    {"a3 ed a0 80", ERR_NOT_UTF8},
    {"a4 f4 90 80 80", ERR_NOT_UTF8},
    {"92 a1 61 a2 61 80", ERR_NOT_UTF8},
};
#define HOSTILE_COUNT (sizeof(hostile) / sizeof(hostile[0]))

static struct bytes joined(const char *head, const char *value)
{
	return hex_repeat(hex(head), hex(value), 1);
}

static void assert_error(int error, int expected)
{
	assert_string_equal(error_name(error), error_name(expected));
}

static void test_the_counter_counts(void **state)
{
	uint64_t before = counted_calls();
	void *volatile block = malloc(10);

	(void)state;
	free(block);
	assert_int_equal(counted_calls(), before + 1);
	struct bytes bytes = hex("00");
	assert_true(counted_calls() >= before + 3);
	assert_int_equal(bytes.size, 1);
}

static void test_values_are_refused_without_memory(void **state)
{
	char json[512];

	(void)state;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		struct bytes value = hex(hostile[i].packed), inside = joined("92 01", hostile[i].packed);
		uint64_t before = counted_calls();
		struct reader alone = reader_of(value), nested = reader_of(inside);

		reader_skip(&alone);
		reader_skip(&nested);
		int error = json_of_msgpack(value, json, sizeof(json));
		assert_int_equal(counted_calls(), before);
		assert_error(alone.error, hostile[i].error);
		assert_error(nested.error, hostile[i].error);
		assert_error(error, hostile[i].error);
	}
}

/* As data the value stands in {"a": value}, as ext under the unknown key "x". */
static void test_envelopes_are_refused_without_memory(void **state)
{
	static const char *const heads[] = {"99 01 a0 a1 6f 05 a1 74 a0 00 80 81 a1 61",
					    "99 01 a0 a1 6f 05 a1 74 a0 00 81 a1 78"};

	(void)state;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct bytes bytes = joined(heads[k], hostile[i].packed);
			struct reader reader = reader_of(bytes);
			struct envelope envelope;
			uint64_t before = counted_calls();

			envelope_read(&reader, &envelope);
			assert_int_equal(counted_calls(), before);
			assert_error(reader.error, hostile[i].error);
			assert_string_equal(reader.field, k == 0 ? "data" : "ext");
			assert_null(envelope.data.data);
		}
	}
}

/* As a row of an answer, and as an argument of a query. */
static void test_messages_are_refused_without_memory(void **state)
{
	static const char *const heads[] = {"95 a5 7265706c79 01 c2 91",
					    "95 a5 7175657279 01 01 a1 78 81 a1 61"};
	char reason[200];

	(void)state;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct bytes bytes = joined(heads[k], hostile[i].packed);
			uint64_t before = counted_calls();
			int error = message_read(bytes, &message, reason, sizeof(reason));

			assert_int_equal(counted_calls(), before);
			assert_error(error, hostile[i].error);
		}
	}
}

/* Every decoder meets the value in place of its map and under a key that it does not know. */
static void test_decoders_refuse_without_memory(void **state)
{
	static uint64_t event[512];

	(void)state;
	for (uint32_t type = 0; type < event_type_count; type++) {
		assert_true(event_types[type]->struct_size <= sizeof(event));
		for (size_t i = 0; i < HOSTILE_COUNT; i++) {
			struct bytes whole = hex(hostile[i].packed),
				under = joined("81 a1 7e", hostile[i].packed);
			uint64_t before = counted_calls();
			struct reader instead = reader_of(whole), unknown = reader_of(under);

			arena_reset(&arena);
			assert_int_not_equal(event_types[type]->unpack(event, &instead, &arena), ERR_NONE);
			assert_error(event_types[type]->unpack(event, &unknown, &arena), hostile[i].error);
			assert_int_equal(counted_calls(), before);
			assert_int_equal(arena.used, 0);
		}
		hex_free(state);
	}
}

static void test_good_bytes_need_no_memory_either(void **state)
{
	struct bytes bytes = hex("99 01 a0 a1 6f 05 ad 73616c652e7265636f72646564 a0 00 "
				 "81 a5 6361757365 a1 63 81 a1 61 93 01 a1 62 c0");
	struct reader reader = reader_of(bytes);
	struct envelope envelope;
	uint64_t before = counted_calls();
	char json[64];

	(void)state;
	envelope_read(&reader, &envelope);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	assert_non_null(event_type_find(envelope.type));
	assert_int_equal(event_to_json(NULL, envelope.data, json, sizeof(json)), ERR_NONE);
	assert_int_equal(counted_calls(), before);
	assert_string_equal(json, "{\"a\":[1,\"b\",null]}");
}

/* The largest message from outside, full of what gives most work, down to the fields of its events: no memory is asked for. */
static void test_64_kib_need_no_memory(void **state)
{
	static uint8_t buffer[FRAMES_BYTES];

	(void)state;
	for (unsigned kind = 0; kind < FRAMES_KINDS; kind++) {
		struct bytes frame = frames_fill(kind, buffer);
		uint64_t before = counted_calls();
		uint32_t parts = frames_walk(frame, &arena);

		assert_int_equal(counted_calls(), before);
		assert_in_range(parts, 1, FRAMES_BYTES / 8);
	}
}

/* ---- cost ---- */

/* Bytes that are worst for a walker: all one kind of unit, or a claim that must be found out. */
static const struct {
	const char *unit;
	bool map;
} costly[] = {
    {"00", false}, {"90", false}, {"80", false}, {"a0", false}, {"91 00", false}, {"a1 61", false},
    {"a2 c3 a9", false}, {"c4 00", false}, {"c7 00 00", false}, {"d9 00", false},
    {"cb 3f f0 00 00 00 00 00 00", false}, {"d3 ff e0 00 00 00 00 00 01", false}, {"a0 00", true},
    {"00 90", true}, {"91 91 91 91 91 91 00", false}, {"81 c0 81 c0 81 c0 80", false},
    {"dc 00 01 dd 00 00 00 01 c0", false},
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One array or map of so many bytes of units. */
static struct bytes filled(const char *unit, bool map, size_t size)
{
	struct bytes one = hex(unit);
	uint32_t values = 0;
	struct reader reader = reader_of(one);

	while (reader.at < reader.end) {
		reader_skip(&reader);
		values++;
	}
	uint32_t count = (uint32_t)(size / one.size) * values / (map ? 2 : 1);
	uint8_t head[5] = {map ? 0xdf : 0xdd, (uint8_t)(count >> 24), (uint8_t)(count >> 16),
			   (uint8_t)(count >> 8), (uint8_t)count};
	return hex_repeat(bytes_of(head, 5), one, size / one.size);
}

/* The shortest of several runs: other work on the machine can only make one longer. */
static double cost_of(struct bytes bytes, int expected)
{
	double least = 1e9;

	for (int i = 0; i < TIMES; i++) {
		double start = seconds();
		struct reader reader = reader_of(bytes);

		reader_skip(&reader);
		double spent = seconds() - start;
		assert_error(reader_finish(&reader), expected);
		least = spent < least ? spent : least;
	}
	return least;
}

/*
 * Sixteen times the bytes may cost sixteen times the time, four times that with all that a machine does
 * besides; a walker that looks at every byte again for every value would need 256 times as long.
 */
static void test_cost_grows_with_bytes_and_no_faster(void **state)
{
	for (size_t i = 0; i < sizeof(costly) / sizeof(costly[0]); i++) {
		struct bytes small = filled(costly[i].unit, costly[i].map, 16 << 10),
			large = filled(costly[i].unit, costly[i].map, 256 << 10);

		assert_true(cost_of(large, ERR_NONE) < 64 * cost_of(small, ERR_NONE) + 1e-4);
		hex_free(state);
	}
}

/* A claim that cannot be true is found out at its head, not at the end of the bytes. */
static void test_a_lie_costs_nothing(void **state)
{
	struct bytes honest = filled("00", false, 256 << 10);
	uint8_t *lie = (uint8_t *)(uintptr_t)honest.data;
	double walked = cost_of(honest, ERR_NONE);

	(void)state;
	lie[1] = 0x00;
	lie[2] = 0x0f; /* a million items in a quarter of a million bytes */
	assert_true(cost_of(honest, ERR_TRUNCATED) < walked / 10);
	lie[1] = 0xff;
	assert_true(cost_of(honest, ERR_TOO_MANY) < walked / 10);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_the_counter_counts, hex_free),
	    cmocka_unit_test_teardown(test_values_are_refused_without_memory, hex_free),
	    cmocka_unit_test_teardown(test_envelopes_are_refused_without_memory, hex_free),
	    cmocka_unit_test_teardown(test_messages_are_refused_without_memory, hex_free),
	    cmocka_unit_test_teardown(test_decoders_refuse_without_memory, hex_free),
	    cmocka_unit_test_teardown(test_good_bytes_need_no_memory_either, hex_free),
	    cmocka_unit_test(test_64_kib_need_no_memory),
	    cmocka_unit_test_teardown(test_cost_grows_with_bytes_and_no_faster, hex_free),
	    cmocka_unit_test_teardown(test_a_lie_costs_nothing, hex_free),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
