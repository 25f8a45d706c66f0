/* test_lmdb_room.c -- what a commit writes lies together, in a store that has lived; and no page is lost or taken twice for it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "fixture.h"
#include "store/lmdb_env.h"

#define PAGE 4096
#define ROWS 300 /* that change, beside much that does not */
#define ROW_BYTES 1000

/* ---- LMDB's calls of the C library pass here: this program's names come first ---- */

static unsigned pieces, pages; /* written: pages that lie side by side are one piece */

static void note(size_t bytes)
{
	if (bytes % PAGE != 0)
		return; /* no page */
	pieces++;
	pages += (unsigned)(bytes / PAGE);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
	note(size);
	return syscall(SYS_pwrite64, file, bytes, size, at);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
	return pwrite64(file, bytes, size, at);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
	size_t size = 0;

	for (int i = 0; i < count; i++)
		size += parts[i].iov_len;
	note(size);
	return syscall(SYS_writev, file, parts, count);
}

/* ---- and its calls of LMDB: the next one of a name is refused on request ---- */

static enum call { NOTHING, MDB_PUT, TXN_BEGIN, CURSOR_OPEN, CURSOR_GET, REALLOC } next_refused;
static int refusal;
static unsigned gatherings; /* the store puts through cursors, but for this */

static bool is_refused(enum call call)
{
	if (next_refused != call)
		return false;
	next_refused = NOTHING;
	return true;
}

#define PASS(call, name, parameters, arguments) \
	int __real_##name parameters; \
	int __wrap_##name parameters; \
	int __wrap_##name parameters \
	{ \
		gatherings += (call) == MDB_PUT; \
		return is_refused(call) ? refusal : __real_##name arguments; \
	}

PASS(MDB_PUT, mdb_put, (MDB_txn * txn, MDB_dbi table, MDB_val *key, MDB_val *value, unsigned flags), (txn, table, key, value, flags))
PASS(TXN_BEGIN, mdb_txn_begin, (MDB_env * env, MDB_txn *parent, unsigned flags, MDB_txn **txn), (env, parent, flags, txn))
PASS(CURSOR_OPEN, mdb_cursor_open, (MDB_txn * txn, MDB_dbi table, MDB_cursor **cursor), (txn, table, cursor))
PASS(CURSOR_GET, mdb_cursor_get, (MDB_cursor * cursor, MDB_val *key, MDB_val *value, MDB_cursor_op how), (cursor, key, value, how))

void *__real_realloc(void *bytes, size_t size);
void *__wrap_realloc(void *bytes, size_t size);

void *__wrap_realloc(void *bytes, size_t size)
{
	return is_refused(REALLOC) ? NULL : __real_realloc(bytes, size);
}

/* ---- a store that lives ---- */

static void put_row(struct fixture *f, uint64_t row, uint64_t value)
{
	char key[24], bytes[ROW_BYTES];

	snprintf(key, sizeof(key), "row-%05u", (unsigned)row);
	memset(bytes, (int)(value & 0xff), sizeof(bytes));
	store_put(f->store, STOCK, word(key), bytes_of(bytes, sizeof(bytes)));
}

static void fill(struct fixture *f, unsigned rows, uint64_t *number)
{
	static const uint8_t entry[ROW_BYTES];

	while (*number < rows) {
		begin(f);
		for (unsigned i = 0; i < 500 && *number < rows; i++)
			store_append(f->store, JOURNAL, ++*number, bytes_of(entry, sizeof(entry)));
		commit(f);
	}
}

/* Turns as a service has them: some rows far apart, and an entry at the end of a log. */
static void live(struct fixture *f, unsigned turns, uint64_t *seed, uint64_t *number)
{
	for (unsigned turn = 0; turn < turns; turn++) {
		begin(f);
		for (unsigned i = 0; i < 6; i++)
			put_row(f, dice(seed) % ROWS, *number);
		store_append(f->store, JOURNAL, ++*number, word("what was said in this turn"));
		commit(f);
	}
}

static void what_a_turn_writes_lies_together(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 1, number = 0;

	fill(f, 6000, &number);
	live(f, 1000, &seed, &number);
	pieces = pages = gatherings = 0;
	live(f, 500, &seed, &number);
	assert_in_range(pages / 500, 8, 40);     /* each row in a page of its own, and the branches */
	assert_in_range(pieces / 500, 2, 7);     /* without it eleven */
	assert_in_range(gatherings, 1, 500 / 5); /* now and then, not in every turn */
}

/* ---- every page is in use or free, and none is both ---- */

static size_t pages_of(MDB_txn *txn, MDB_dbi table)
{
	MDB_stat stat;

	assert_int_equal(mdb_stat(txn, table, &stat), MDB_SUCCESS);
	return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

static int by_number(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

static size_t free_pages(MDB_txn *txn)
{
	static size_t numbers[1 << 16];
	size_t count = 0;
	MDB_cursor *cursor;
	MDB_val key, list;

	assert_int_equal(mdb_cursor_open(txn, 0, &cursor), MDB_SUCCESS);
	for (int error = mdb_cursor_get(cursor, &key, &list, MDB_FIRST); error == MDB_SUCCESS;
	     error = mdb_cursor_get(cursor, &key, &list, MDB_NEXT)) {
		const size_t *ids = list.mv_data;

		assert_true(count + ids[0] <= sizeof(numbers) / sizeof(numbers[0]));
		memcpy(numbers + count, ids + 1, ids[0] * sizeof(*ids));
		count += ids[0];
	}
	mdb_cursor_close(cursor);
	qsort(numbers, count, sizeof(numbers[0]), by_number);
	for (size_t i = 1; i < count; i++)
		assert_true(numbers[i - 1] < numbers[i]);
	return count;
}

static void assert_all_pages_accounted(const char *path)
{
	MDB_cursor *names;
	MDB_val name, ignored;
	MDB_envinfo info;
	MDB_dbi main_table;
	MDB_env *env;
	MDB_txn *txn;

	assert_int_equal(mdb_env_create(&env), MDB_SUCCESS);
	assert_int_equal(mdb_env_set_maxdbs(env, 64), MDB_SUCCESS);
	assert_int_equal(mdb_env_open(env, path, MDB_RDONLY, 0600), MDB_SUCCESS);
	assert_int_equal(mdb_env_info(env, &info), MDB_SUCCESS);
	assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), MDB_SUCCESS);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &main_table), MDB_SUCCESS);
	size_t count = 2 + pages_of(txn, 0) + pages_of(txn, main_table) + free_pages(txn);
	assert_int_equal(mdb_cursor_open(txn, main_table, &names), MDB_SUCCESS);
	while (mdb_cursor_get(names, &name, &ignored, MDB_NEXT) == MDB_SUCCESS) {
		char text[64];
		MDB_dbi table;

		snprintf(text, sizeof(text), "%.*s", (int)name.mv_size, (const char *)name.mv_data);
		assert_int_equal(mdb_dbi_open(txn, text, 0, &table), MDB_SUCCESS); /* nothing but tables is left there */
		count += pages_of(txn, table);
	}
	mdb_cursor_close(names);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	assert_int_equal(count, info.me_last_pgno + 1);
}

static void no_page_is_lost_or_taken_twice(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 2, number = 0;

	fill(f, 6000, &number);
	for (unsigned i = 0; i < 4; i++) {
		gatherings = 0;
		live(f, 300, &seed, &number);
		assert_true(gatherings > 0);
		store_close(&f->store);
		assert_all_pages_accounted(f->path);
		fixture_open(f);
	}
}

static void the_slack_is_bounded(void **state)
{
	struct store_usage usage;
	struct fixture *f = *state;
	uint64_t seed = 3, number = 0;

	fill(f, 6000, &number);
	live(f, 500, &seed, &number);
	store_usage(f->store, &usage);
	uint64_t early = usage.used_bytes;
	live(f, 3000, &seed, &number);
	store_usage(f->store, &usage);
	assert_true(usage.used_bytes < early + early / 2);
}

/* ---- when not ---- */

static void a_small_store_is_left_alone(void **state)
{
	struct fixture *f = *state;
	uint64_t number = 0;

	gatherings = 0;
	for (unsigned turn = 0; turn < 50; turn++) {
		begin(f);
		put(f, STOCK, "a", "b");
		store_append(f->store, JOURNAL, ++number, word("said"));
		commit(f);
	}
	assert_int_equal(gatherings, 0);
}

static void a_map_that_may_not_grow_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;
	uint64_t seed = 5, number = 0;

	store_close(&f->store);
	f->options.map_bytes = f->options.map_bytes_max = 8 << 20;
	fixture_open(f);
	fill(f, 5600, &number);
	live(f, 20, &seed, &number);
	store_usage(f->store, &usage);
	assert_in_range(usage.used_bytes, (8 << 20) / 8 * 7, 8 << 20);
	assert_int_equal(usage.map_bytes, 8 << 20);
}

static void a_map_that_may_grow_grows_for_it(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;
	uint64_t seed = 5, number = 0;

	store_close(&f->store);
	f->options.map_bytes = 8 << 20;
	fixture_open(f);
	fill(f, 5600, &number);
	live(f, 20, &seed, &number);
	store_usage(f->store, &usage);
	assert_true(usage.used_bytes < 9 << 20); /* it would hardly have had to */
	assert_int_equal(usage.map_bytes, 16 << 20);
}

static void a_gathering_that_fails_costs_the_turn_alone(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 4, number = 0;

	fill(f, 6000, &number);
	live(f, 50, &seed, &number);
	fixture_reopen(f); /* whose first turn gathers */
	begin(f);
	put(f, STOCK, "a", "new");
	next_refused = MDB_PUT;
	refusal = ENOMEM;
	assert_int_equal(store_commit(f->store), ERR_MEMORY);
	assert_int_equal(next_refused, NOTHING);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), NULL);
	put(f, STOCK, "a", "newer");
	commit(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "newer");
	store_abort(f->store);
	store_close(&f->store);
	assert_all_pages_accounted(f->path);
	fixture_open(f);
}

static void what_cannot_be_looked_at_is_left_for_another_turn(void **state)
{
	static const enum call calls[] = {TXN_BEGIN, CURSOR_OPEN, REALLOC};
	struct fixture *f = *state;
	uint64_t seed = 6, number = 0;

	fill(f, 6000, &number);
	live(f, 50, &seed, &number);
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fixture_reopen(f);
		begin(f);
		put(f, STOCK, "a", "new");
		gatherings = 0;
		next_refused = calls[i];
		refusal = ENOMEM;
		commit(f);
		assert_int_equal(next_refused, NOTHING);
		assert_int_equal(gatherings, 0);
		live(f, 1, &seed, &number);
		assert_int_equal(gatherings, 1);
	}
}

static void where_no_page_is_free_a_stretch_comes_from_the_end(void **state)
{
	struct fixture *f = *state;
	struct store_usage before, after;
	uint64_t seed = 7, number = 0;

	fill(f, 6000, &number);
	live(f, 50, &seed, &number);
	fixture_reopen(f);
	store_usage(f->store, &before);
	begin(f);
	put(f, STOCK, "a", "new");
	next_refused = CURSOR_GET;
	refusal = MDB_NOTFOUND;
	commit(f);
	store_usage(f->store, &after);
	assert_true(after.used_bytes >= before.used_bytes + before.used_bytes / 20);
	live(f, 50, &seed, &number);
	store_close(&f->store);
	assert_all_pages_accounted(f->path);
	fixture_open(f);
}

/* A MiB each, the largest that a row may have. */
static void put_large(struct fixture *f, unsigned from, unsigned until, bool present)
{
	static const uint8_t large[1 << 20];

	begin(f);
	for (unsigned i = from; i < until; i++) {
		char key[24];

		snprintf(key, sizeof(key), "large-%03u", i);
		if (present)
			store_put(f->store, STOCK, word(key), bytes_of(large, sizeof(large)));
		else
			store_del(f->store, STOCK, word(key));
	}
	commit(f);
}

static void where_much_was_deleted_nothing_is_joined(void **state)
{
	struct fixture *f = *state;
	struct store_usage before, after;
	uint64_t seed = 8, number = 0;

	store_close(&f->store);
	f->options.map_bytes = f->options.map_bytes_max = 512 << 20;
	fixture_open(f);
	for (unsigned i = 0; i < 140; i += 20)
		put_large(f, i, i + 20, true);
	for (unsigned i = 0; i < 80; i += 20)
		put_large(f, i, i + 20, false);
	live(f, 8, &seed, &number);
	fixture_reopen(f);
	store_usage(f->store, &before);
	gatherings = 0;
	live(f, 20, &seed, &number);
	store_usage(f->store, &after);
	assert_int_equal(gatherings, 0);
	assert_int_equal(after.used_bytes, before.used_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_DISK(what_a_turn_writes_lies_together),	ON_DISK(no_page_is_lost_or_taken_twice),
	    ON_DISK(the_slack_is_bounded),		ON_DISK(a_small_store_is_left_alone),
	    ON_DISK(a_map_that_may_not_grow_is_left_alone), ON_DISK(a_map_that_may_grow_grows_for_it),
	    ON_DISK(a_gathering_that_fails_costs_the_turn_alone), ON_DISK(what_cannot_be_looked_at_is_left_for_another_turn),
	    ON_DISK(where_no_page_is_free_a_stretch_comes_from_the_end), ON_DISK(where_much_was_deleted_nothing_is_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
