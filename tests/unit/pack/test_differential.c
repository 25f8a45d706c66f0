/*
 * test_differential.c -- goal: the reader and msgpack-c's unpacker agree on what is msgpack and on every
 * value in it, but for the stricter rules that oracle.h lists. Method: random values in every form, and the
 * same with random damage, from fixed seeds. Inputs lie in blocks of exactly their size. Counts of what was
 * met keep the test from agreeing about nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "hex.h"
#include "oracle.h"
#include "pack/json.h"
#include "pack/reader.h"
#include "wild.h"

#define ROUNDS 20000

static struct wild wild;	 /* of this test program, as the counts */
static uint32_t met[ERROR_COUNT], skipped;

static void compare(uint32_t round)
{
	struct oracle_verdict verdict = oracle_compare(hex_exact(bytes_of(wild.bytes, wild.size)));

	if (verdict.disagreement != NULL) {
		print_error("round %u, %zu bytes, reader says %s: %s\n", round, wild.size,
			    error_name(verdict.error), verdict.disagreement);
		for (size_t i = 0; i < wild.size; i++)
			print_error("%02x ", wild.bytes[i]);
		print_error("\n");
		fail();
	}
	met[-verdict.error]++;
	skipped += verdict.skipped;
}

static void begin(uint64_t seed, bool tame)
{
	memset(met, 0, sizeof(met));
	skipped = 0;
	wild = (struct wild){.seed = seed, .tame = tame};
}

static void test_tame_values_are_accepted_by_both(void **state)
{
	begin(1, true);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		wild_value(&wild);
		compare(round);
		hex_free(state);
	}
	assert_int_equal(met[-ERR_NONE], ROUNDS);
}

static void test_wild_values_are_refused_for_what_is_wild(void **state)
{
	begin(2, false);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		wild_value(&wild);
		compare(round);
		hex_free(state);
	}
	assert_true(met[-ERR_NONE] > ROUNDS / 10);
	assert_true(met[-ERR_OUT_OF_RANGE] > ROUNDS / 100);
	assert_true(met[-ERR_NOT_UTF8] > ROUNDS / 100);
	assert_true(met[-ERR_TOO_DEEP] > ROUNDS / 1000);
	assert_int_equal(met[-ERR_NONE] + met[-ERR_OUT_OF_RANGE] + met[-ERR_NOT_UTF8] + met[-ERR_TOO_DEEP],
			 ROUNDS);
}

static void test_damaged_values_are_refused_by_both_or_by_none(void **state)
{
	begin(3, true);
	for (uint32_t round = 0; round < 3 * ROUNDS; round++) {
		wild_value(&wild);
		for (uint32_t damage = 1 + wild_number(&wild, 3); damage > 0; damage--)
			wild_damage(&wild);
		compare(round);
		hex_free(state);
	}
	assert_true(met[-ERR_NONE] > ROUNDS / 10);
	assert_true(met[-ERR_TRUNCATED] > ROUNDS / 10);
	assert_true(met[-ERR_TRAILING] > ROUNDS / 10);
	assert_true(met[-ERR_SYNTAX] > ROUNDS / 100);
	assert_true(met[-ERR_OUT_OF_RANGE] > ROUNDS / 1000);
	assert_true(met[-ERR_NOT_UTF8] > ROUNDS / 1000);
	assert_true(met[-ERR_TOO_MANY] > ROUNDS / 1000);
assert_true(skipped < 3 * ROUNDS / 10);
}

static void test_noise_is_refused_by_both_or_by_none(void **state)
{
	begin(4, true);
	for (uint32_t round = 0; round < 3 * ROUNDS; round++) {
		wild.size = wild_number(&wild, 40);
		for (size_t i = 0; i < wild.size; i++)
			wild.bytes[i] = (uint8_t)wild_number(&wild, 256);
		compare(round);
		hex_free(state);
	}
	assert_true(met[-ERR_TRUNCATED] > ROUNDS / 10);
	assert_true(met[-ERR_TRAILING] > ROUNDS / 10);
}

/* JSON can be told of whatever the reader accepts, and of nothing else. */
static void test_what_is_accepted_has_json(void **state)
{
	static char json[64 << 10];
	size_t failed_at;

	begin(5, false);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		wild_value(&wild);
		if (wild_number(&wild, 2) == 0)
			wild_damage(&wild);
		struct bytes bytes = hex_exact(bytes_of(wild.bytes, wild.size));
		struct reader reader = reader_of(bytes);
		reader_skip(&reader);
		int error = reader_finish(&reader);
		assert_int_equal(json_of_msgpack(bytes, json, sizeof(json)), error);
		if (error == ERR_NONE && strstr(json, "\\u0000") == NULL) {
			int judged = json_check(json, &failed_at);
			/* floats have many digits */
			assert_true(judged == ERR_NONE || judged == ERR_OUT_OF_RANGE);
			met[0]++;
		}
		hex_free(state);
	}
	assert_true(met[0] > ROUNDS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tame_values_are_accepted_by_both),
	    cmocka_unit_test(test_wild_values_are_refused_for_what_is_wild),
	    cmocka_unit_test(test_damaged_values_are_refused_by_both_or_by_none),
	    cmocka_unit_test(test_noise_is_refused_by_both_or_by_none),
	    cmocka_unit_test(test_what_is_accepted_has_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
