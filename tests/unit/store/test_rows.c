/*
 * test_rows.c -- the cache and the turn's changes: nothing is lost or invented, the order holds, memory
 * stays bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixture.h"
#include "store/rows.h"

#define KEYS 3000

static struct bytes key_of(unsigned index, char room[32])
{
	snprintf(room, 32, "key %u", index * 7919 % 100003);
	return word(room);
}

struct expected {
	bool known, present, dirty;
	char value[200];
};

static void check(struct rows *rows, const struct expected *all)
{
	char room[32];

	for (unsigned i = 0; i < KEYS; i++) {
		struct row *row = rows_find(rows, 3, key_of(i, room));

		assert_int_equal(row != NULL, all[i].known);
		if (row == NULL)
			continue;
		assert_true(bytes_equal(row_key(row), key_of(i, room)));
		assert_word(row_value(row), all[i].present ? all[i].value : NULL);
		assert_int_equal(row->dirty, all[i].dirty);
		assert_null(rows_find(rows, 4, key_of(i, room))); /* tables are apart */
	}
}

static void random_change(struct rows *rows, struct expected *all, uint64_t *seed)
{
	char room[32];
	unsigned i = (unsigned)(dice(seed) % KEYS);
	bool learn = !all[i].known && dice(seed) % 2 == 0;
	size_t size = dice(seed) % (dice(seed) % 8 == 0 ? 199 : 30);

	memset(all[i].value, 'a' + (int)(dice(seed) % 26), size);
	all[i].value[size] = 0;
	all[i].known = true;
	all[i].present = dice(seed) % 4 != 0;
	all[i].dirty |= !learn;
	struct bytes value = all[i].present ? word(all[i].value) : bytes_of(NULL, 0);
	struct bytes key = key_of(i, room);
	assert_non_null(learn ? rows_learn(rows, 3, key, value) : rows_change(rows, 3, key, value));
}

static void rows_do_what_a_list_would(void **state)
{
	struct rows rows = {0};
	struct expected *all = calloc(KEYS, sizeof(*all));
	uint64_t seed = 5;

	(void)state;
	for (int turn = 0; turn < 40; turn++) {
		for (int step = 0; step < 700; step++)
			random_change(&rows, all, &seed);
		check(&rows, all);
		bool good = dice(&seed) % 2 == 0;
		if (good)
			rows_settle(&rows, SIZE_MAX);
		else
			rows_undo(&rows);
		for (unsigned i = 0; i < KEYS; i++) {
			all[i].known &= good || !all[i].dirty; /* a void turn knows nothing */
			all[i].dirty = false;
		}
		check(&rows, all);
	}
	rows_drop(&rows);
	assert_int_equal(rows.bytes, 0);
	free(all);
}

/* Rows whose values outgrow their place again and again. */
static void widen_many(struct rows *rows)
{
	char room[32], value[3000];

	memset(value, 'v', sizeof(value));
	for (unsigned i = 0; i < 500; i++)
		for (size_t size = 1; size < sizeof(value); size = size * 3 + 100)
			assert_non_null(rows_change(rows, 0, key_of(i, room), bytes_of(value, size)));
	assert_true(rows->bytes > 500 * 1000);
}

static void bytes_are_counted_and_blocks_used_again(void **state)
{
	struct rows rows = {0};

	(void)state;
	widen_many(&rows);
	const struct slab *slabs = rows.blocks.slabs;
	size_t left = rows.blocks.left;
	for (int again = 0; again < 5; again++) {
		rows_undo(&rows);
		assert_int_equal(rows.bytes, 0);
		assert_int_equal(rows.used, 0);
		widen_many(&rows);
		assert_ptr_equal(rows.blocks.slabs, slabs);
		assert_int_equal(rows.blocks.left, left);
	}
	rows_drop(&rows);
}

static void changes_are_in_order_whenever_asked(void **state)
{
	struct rows rows = {0};
	char room[32];
	uint64_t seed = 9;
	size_t count = 0, expected = 0;
	static bool seen[KEYS];

	(void)state;
	for (int round = 0; round < 60; round++) {
		size_t more = dice(&seed) % (round % 3 == 0 ? 100 : 5); /* sorted together, or slipped in */

		for (size_t i = 0; i < more; i++) {
			unsigned index = (unsigned)(dice(&seed) % KEYS);

			expected += !seen[index];
			seen[index] = true;
			assert_non_null(rows_change(&rows, 2, key_of(index, room), word("x")));
		}
		struct row *const *all = rows_changed(&rows, 2, bytes_of(NULL, 0), &count);
		assert_int_equal(count, expected);
		for (size_t i = 1; i < count; i++)
			assert_true(bytes_compare(row_key(all[i - 1]), row_key(all[i])) < 0);
		unsigned index = (unsigned)(dice(&seed) % KEYS);
		size_t rest;
		struct row *const *from = rows_changed(&rows, 2, key_of(index, room), &rest);
		assert_true(rest == 0 || bytes_compare(row_key(from[0]), key_of(index, room)) >= 0);
		if (rest < count)
			assert_true(bytes_compare(row_key(all[count - rest - 1]), key_of(index, room)) < 0);
	}
	rows_drop(&rows);
}

static void a_full_cache_keeps_what_is_used(void **state)
{
	struct rows rows = {0};
	char room[32];

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		assert_non_null(rows_learn(&rows, 0, key_of(i, room), word("large turn")));
	size_t most = rows.bytes - 1;
	rows_settle(&rows, most); /* nobody has asked for any of them */
	assert_true(rows.bytes <= most - most / 8);
	rows_settle(&rows, 0);
	assert_int_equal(rows.used, 0);
	assert_int_equal(rows.bytes, 0);
	unsigned learned = 0;
	for (unsigned turn = 0; turn < 50; turn++) {
		for (unsigned i = 0; i < 20; i++)
			if (rows_find(&rows, 0, key_of(i, room)) == NULL) {
				assert_non_null(rows_learn(&rows, 0, key_of(i, room), word("often")));
				learned++;
			}
		for (unsigned i = 0; i < 20; i++)
			assert_non_null(rows_learn(&rows, 0, key_of(1000 + turn * 20 + i, room), word("1")));
		rows_settle(&rows, (size_t)64 * 90);
		assert_true(rows.bytes <= (size_t)64 * 90);
	}
	assert_int_equal(learned, 20); /* what is used in every turn was never forgotten */
	rows_drop(&rows);
}

/* So many that the hand's round of one turn is not enough. */
static void a_cache_that_is_far_too_full_is_emptied_at_once(void **state)
{
	struct rows rows = {0};
	char room[32];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		assert_non_null(rows_learn(&rows, 0, key_of(i, room), word("asked for")));
		assert_non_null(rows_find(&rows, 0, key_of(i, room)));
	}
	size_t most = rows.bytes / 10;
	rows_settle(&rows, most);
	assert_true(rows.bytes <= most);
	assert_true(rows.used > 1500); /* and no further than it must */
	rows_drop(&rows);
}

/* A wish to have rows near is only a wish: of none, and of more than it is for, nothing comes. */
static void what_is_expected_changes_nothing(void **state)
{
	struct rows rows = {0};
	struct bytes keys[ROWS_EXPECTED + 1];

	(void)state;
	for (unsigned i = 0; i <= ROWS_EXPECTED; i++)
		keys[i] = word("a");
	rows_expect(&rows, 3, keys, 1);
	assert_non_null(rows_learn(&rows, 3, word("a"), word("1")));
	rows_expect(&rows, 3, keys, ROWS_EXPECTED + 1);
	rows_expect(&rows, 3, keys, ROWS_EXPECTED);
	assert_int_equal(rows.expected_count, ROWS_EXPECTED);
	rows_expect(&rows, 3, keys, 2); /* there is no room for them beside the others, which come at once */
	rows_expect(&rows, 3, keys, 1);
	assert_int_equal(rows.expected_count, 3);
	assert_word(row_value(rows_find(&rows, 3, word("a"))), "1");
	assert_int_equal(rows.expected_count, 0); /* they come with the next row that is looked for */
	rows_drop(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_do_what_a_list_would),
		cmocka_unit_test(bytes_are_counted_and_blocks_used_again),
		cmocka_unit_test(changes_are_in_order_whenever_asked),
		cmocka_unit_test(a_full_cache_keeps_what_is_used),
		cmocka_unit_test(what_is_expected_changes_nothing),
		cmocka_unit_test(a_cache_that_is_far_too_full_is_emptied_at_once),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
