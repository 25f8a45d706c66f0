/* test_store_copy.c -- copies of a store: whole, paced, and no copy at all when something is refused in the middle. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "fixture.h"
#include "refusals.h"

#define LARGE ((size_t)512 << 10)
#define LARGE_ROWS 40 /* 20 MiB: the copy commits twice on its way */

static char copy_path[160];

static int copy_setup(void **state)
{
	static char large[LARGE];
	int error = fixture_setup(state);
	struct fixture *f = *state;

	snprintf(copy_path, sizeof(copy_path), "%s-copy", f->path);
	begin(f);
	for (unsigned i = 0; i < LARGE_ROWS; i++) {
		char key[32];

		snprintf(key, sizeof(key), "large-%02u", i);
		memset(large, 'a' + (int)i % 26, sizeof(large));
		store_put(f->store, STOCK, word(key), bytes_of(large, sizeof(large)));
	}
	store_put(f->store, PLACES, word("empty"), word(""));
	for (uint64_t number = 1; number <= 3000; number++)
		store_append(f->store, JOURNAL, number, word("something was said"));
	commit(f);
	return error;
}

static int copy_teardown(void **state)
{
	refuse_nothing();
	remove_folder(copy_path);
	return fixture_teardown(state);
}

static int copy_it(struct fixture *f, uint64_t bytes_per_second, struct store_copied *copied)
{
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	int error = store_copy(&view, copy_path, bytes_per_second, copied);
	view_close(&view);
	return error;
}

static uint64_t state_hash(struct store *store, struct chain *chain)
{
	struct view view;

	assert_int_equal(view_open(&view, store), ERR_NONE);
	uint64_t hash = view_state_hash(&view);
	assert_true(view_chain(&view, JOURNAL, chain));
	view_close(&view);
	return hash;
}

static void a_copy_is_the_store_again(void **state)
{
	struct fixture *f = *state;
	struct store_copied copied, again;
	struct chain chain, copied_chain;
	struct store *copy;

	assert_int_equal(copy_it(f, 0, &copied), ERR_NONE);
	assert_int_equal(copied.rows, LARGE_ROWS + 1 + 3000 + 3); /* two checkpoints, and where the log ends */
	assert_true(copied.bytes > LARGE_ROWS * LARGE + 3000 * 26 && copied.bytes < LARGE_ROWS * LARGE + (1 << 20));
	struct store_options options = f->options;
	options.path = copy_path;
	assert_int_equal(store_open(&copy, &options, fixture_tables, TABLES), ERR_NONE);
	assert_int_equal(state_hash(copy, &copied_chain), state_hash(f->store, &chain));
	assert_memory_equal(&chain, &copied_chain, sizeof(chain));
	store_close(&copy);
	assert_int_equal(copy_it(f, 0, &again), ERR_USAGE); /* never over what is there */
	remove_folder(copy_path);
	assert_int_equal(copy_it(f, 0, &again), ERR_NONE);
	assert_memory_equal(&copied, &again, sizeof(copied));
}

static void a_copy_takes_its_time_when_told(void **state)
{
	struct fixture *f = *state;
	struct store_copied copied;

	refuse(CALL_nanosleep, 0, 100, EINTR); /* it asks, and nobody waits */
	assert_int_equal(copy_it(f, 64 << 10, &copied), ERR_NONE);
	assert_int_equal(refused(), 2); /* after 8 MiB and after 16 */
	assert_in_range(slept_s, 300, 2 * 8 + 128 + 256); /* due at 128 s and at 256 s, and this machine took little of that */
	remove_folder(copy_path);
	refuse(CALL_nanosleep, 0, 100, EINTR);
	assert_int_equal(copy_it(f, UINT64_MAX, &copied), ERR_NONE); /* a pace that no disk keeps: it is late already */
	assert_int_equal(calls_seen(CALL_nanosleep), 0);
	remove_folder(copy_path);
	assert_int_equal(copy_it(f, 0, &copied), ERR_NONE);
	assert_int_equal(calls_seen(CALL_nanosleep), 0);
}

static void a_copy_that_meets_a_refusal_is_none(void **state)
{
	static const struct {
		enum call call;
		int answer, expected;
		unsigned times_min;
	} all[] = {
		{CALL_mdb_txn_begin, ENOMEM, ERR_MEMORY, 8},
		{CALL_mdb_txn_commit, ENOSPC, ERR_DISK_FULL, 8},
		{CALL_mdb_cursor_open, ENOMEM, ERR_MEMORY, 14},
	};
	struct fixture *f = *state;
	struct store_copied copied;
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (unsigned after = 0;; after++) {
			refuse(all[i].call, after, 1, all[i].answer);
			int error = store_copy(&view, copy_path, 0, &copied);
			unsigned struck = refused();
			refuse_nothing();
			remove_folder(copy_path);
			if (struck == 0) {
				assert_int_equal(error, ERR_NONE);
				assert_true(after >= all[i].times_min);
				break;
			}
			assert_int_equal(error, all[i].expected);
		}
	view_close(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a_copy_is_the_store_again", a_copy_is_the_store_again, copy_setup, copy_teardown, (void *)(uintptr_t)&fixture_on_disk},
		{"a_copy_takes_its_time_when_told", a_copy_takes_its_time_when_told, copy_setup, copy_teardown,
		 (void *)(uintptr_t)&fixture_on_disk},
		{"a_copy_that_meets_a_refusal_is_none", a_copy_that_meets_a_refusal_is_none, copy_setup, copy_teardown,
		 (void *)(uintptr_t)&fixture_on_disk},
	};

	return cmocka_run_group_tests_name("store_copy", tests, NULL, NULL);
}
