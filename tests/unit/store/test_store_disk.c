/* test_store_disk.c -- the twin's disk: faults strike where they are told to, once, and heal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

static int put_and_commit(struct fixture *f, const char *value)
{
	int error = store_begin(f->store);

	if (error != ERR_NONE)
		return error;
	put(f, STOCK, "a", value);
	return store_commit(f->store);
}

static void assert_a(struct fixture *f, const char *value)
{
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), value);
	view_close(&view);
}

static void commits_fail_when_told(void **state)
{
	struct fixture *f = *state;

	store_disk_fail(f->disk, STORE_FAULT_COMMIT, 2, 2, ERR_DISK_FULL);
	assert_int_equal(put_and_commit(f, "1"), ERR_NONE);
	assert_int_equal(put_and_commit(f, "2"), ERR_NONE);
	assert_int_equal(put_and_commit(f, "3"), ERR_DISK_FULL);
	assert_int_equal(put_and_commit(f, "4"), ERR_DISK_FULL);
	assert_a(f, "2");
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "2");
	store_abort(f->store);
	assert_int_equal(put_and_commit(f, "5"), ERR_NONE);
	assert_a(f, "5");
	store_disk_fail(f->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_IO);
	store_disk_fail(f->disk, STORE_FAULT_COMMIT, 0, 0, ERR_NONE); /* healed before it struck */
	assert_int_equal(put_and_commit(f, "6"), ERR_NONE);
}

static void a_commit_may_happen_and_fail_all_the_same(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put_and_commit(f, "1"), ERR_NONE);
	store_disk_fail(f->disk, STORE_FAULT_COMMIT_AFTER, 0, 1, ERR_STORE_IO);
	assert_int_equal(put_and_commit(f, "2"), ERR_STORE_IO);
	fixture_reopen(f); /* the process stops, as the rule says, and finds the truth on disk */
	assert_a(f, "2");
}

static void turns_and_reads_fail_when_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put_and_commit(f, "1"), ERR_NONE);
	store_disk_fail(f->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	assert_int_equal(store_begin(f->store), ERR_AGAIN);
	store_abort(f->store); /* no turn is open: harmless */
	fixture_reopen(f);
	begin(f);
	put(f, STOCK, "b", "1");
	store_disk_fail(f->disk, STORE_FAULT_READ, 0, 1, ERR_STORE_CORRUPT);
	assert_word(store_get(f->store, STOCK, word("a")), NULL);
	assert_int_equal(store_failure(f->store), ERR_STORE_CORRUPT);
	assert_word(store_get(f->store, STOCK, word("b")), NULL); /* sticky: nothing is answered any more */
	put(f, STOCK, "c", "1");
	assert_int_equal(store_commit(f->store), ERR_STORE_CORRUPT);
	assert_int_equal(store_failure(f->store), ERR_NONE);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "1"); /* the failed read is not remembered */
	assert_word(store_get(f->store, STOCK, word("b")), NULL);
	assert_word(store_get(f->store, STOCK, word("c")), NULL);
	store_disk_fail(f->disk, STORE_FAULT_READ, 0, 1, ERR_STORE_IO);
	struct bytes found;
	assert_word(store_seek(f->store, STOCK, word("a"), &found), NULL);
	assert_null(found.data);
	assert_int_equal(store_commit(f->store), ERR_STORE_IO);
	store_close(&f->store);
	store_disk_fail(f->disk, STORE_FAULT_READ, 0, 1, ERR_STORE_IO); /* where does the log end? */
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_IO);
	assert_null(f->store);
	fixture_open(f);
}

static void damage_is_found(void **state)
{
	struct fixture *f = *state;
	struct view view;
	uint64_t number;

	begin(f);
	store_append(f->store, JOURNAL, 1, word("one"));
	store_append(f->store, JOURNAL, 2, word("two"));
	store_append(f->store, JOURNAL, 4, word(""));
	commit(f);
	assert_false(store_disk_damage(f->disk, "journal", 3));
	assert_false(store_disk_damage(f->disk, "nothing", 1));
	assert_false(store_disk_damage(f->disk, "journal", 4)); /* it has no byte that could be another */
	assert_true(store_disk_damage(f->disk, "journal", 1));
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_null(view_log_seek(&view, JOURNAL, 1, &number).data);
	assert_int_equal(number, 1);
	assert_word(view_log_next(&view, JOURNAL, &number), "two");
	view_close(&view);
}

static int put_number(struct fixture *f, unsigned number)
{
	char key[8], value[100] = {0};

	begin(f);
	snprintf(key, sizeof(key), "%07u", number);
	store_put(f->store, STOCK, bytes_of(key, 7), bytes_of(value, sizeof(value) - 7));
	return store_commit(f->store);
}

static void a_limit_refuses_what_adds_and_not_what_deletes(void **state)
{
	struct fixture *f = *state;

	assert_false(store_disk_low(f->store, UINT32_MAX)); /* no limit: never low */
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(put_number(f, i), ERR_NONE);
	store_disk_limit(f->disk, 1000, ERR_STORE_FULL);
	assert_false(store_disk_low(f->store, 0));
	assert_true(store_disk_low(f->store, 1));
	assert_int_equal(put_number(f, 10), ERR_STORE_FULL);
	store_disk_limit(f->disk, 500, ERR_DISK_FULL); /* far below what is there */
	assert_int_equal(put_number(f, 10), ERR_DISK_FULL);
	for (unsigned i = 0; i < 6; i++) {
		char key[8];

		assert_true(store_disk_low(f->store, 1));
		begin(f);
		snprintf(key, sizeof(key), "%07u", i);
		store_del(f->store, STOCK, bytes_of(key, 7));
		commit(f);
	}
	assert_false(store_disk_low(f->store, 100));
	assert_true(store_disk_low(f->store, 101));
	assert_int_equal(put_number(f, 11), ERR_NONE);
	assert_int_equal(put_number(f, 12), ERR_DISK_FULL);
}

static void a_private_disk_dies_with_its_store(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	f->options.disk = NULL;
	fixture_open(f);
	assert_int_equal(put_and_commit(f, "1"), ERR_NONE);
	assert_a(f, "1");
	fixture_reopen(f);
	assert_a(f, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(commits_fail_when_told),
		IN_MEMORY(a_commit_may_happen_and_fail_all_the_same),
		IN_MEMORY(turns_and_reads_fail_when_told),
		IN_MEMORY(damage_is_found),
		IN_MEMORY(a_limit_refuses_what_adds_and_not_what_deletes),
		IN_MEMORY(a_private_disk_dies_with_its_store),
	};

	return cmocka_run_group_tests_name("store_disk", tests, NULL, NULL);
}
