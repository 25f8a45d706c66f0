/*
 * test_lmdb_packs.c -- packs in a table on disk that is damaged, or whose calls are refused: it is told, and what is there stays whole.
 * That a packed table is a table like the others is test_store's and test_store_model's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "fixture.h"
#include "refusals.h"

#define ROWS 60 /* of a hundred bytes: six packs */

static char long_value[101];

/* Rows "row 00" ... in packs, in a store that is closed. */
static int packed_setup(void **state)
{
	static struct fixture f;
	char key[16];

	memset(long_value, 'v', sizeof(long_value) - 1);
	fixture_tables[STOCK].kind = TABLE_PACKED;
	fixture_make(&f, false);
	fixture_open(&f);
	begin(&f);
	for (unsigned i = 0; i < ROWS; i++) {
		snprintf(key, sizeof(key), "row %02u", i);
		put(&f, STOCK, key, long_value);
	}
	commit(&f);
	store_close(&f.store);
	*state = &f;
	return 0;
}

static int packed_teardown(void **state)
{
	refuse_nothing();
	fixture_clear(*state);
	fixture_tables[STOCK].kind = TABLE_ROWS;
	return 0;
}

/* ---- calls that are refused ---- */

/* The first row of a pack goes, one comes before all packs, one behind them, and one is another. */
static int change(struct fixture *f)
{
	begin(f);
	put(f, STOCK, "first", "new");
	store_del(f->store, STOCK, word("row 00"));
	put(f, STOCK, "row 30", "new");
	put(f, STOCK, "row 99", "new");
	return store_commit(f->store);
}

/* All rows in order, before the change or after it. */
static void assert_rows(struct fixture *f, bool is_new)
{
	struct bytes found, value;
	struct view view;
	char key[16];

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	value = view_seek(&view, STOCK, word(""), &found);
	if (is_new) {
		assert_word(found, "first");
		value = view_next(&view, STOCK, &found);
	}
	for (unsigned i = is_new ? 1 : 0; i < ROWS; i++) {
		snprintf(key, sizeof(key), "row %02u", i);
		assert_word(found, key);
		assert_word(value, is_new && i == 30 ? "new" : long_value);
		assert_true(bytes_equal(view_get(&view, STOCK, word(key)), value));
		value = view_next(&view, STOCK, &found);
	}
	assert_word(value, is_new ? "new" : NULL);
	if (is_new)
		assert_word(found, "row 99");
	assert_int_equal(view.failure, ERR_NONE);
	view_close(&view);
}

static void a_commit_that_is_refused_leaves_the_packs_as_they_were(void **state)
{
	static const struct {
		enum call call;
		int answer, expected;
	} all[] = {
		{CALL_mdb_cursor_get, MDB_PAGE_NOTFOUND, ERR_STORE_CORRUPT},
		{CALL_mdb_cursor_put, MDB_TXN_FULL, ERR_STORE_FULL},
		{CALL_mdb_cursor_del, MDB_TXN_FULL, ERR_STORE_FULL},
		{CALL_mdb_cursor_open, ENOMEM, ERR_MEMORY},
		{CALL_realloc, ENOMEM, ERR_MEMORY},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (unsigned after = 0;; after++) {
			fixture_open(f);
			refuse(all[i].call, after, 1, all[i].answer);
			int error = change(f);
			unsigned struck = refused();
			refuse_nothing();
			if (struck == 0) {
				assert_int_equal(error, ERR_NONE);
				assert_true(after > 0);
				break;
			}
			assert_int_equal(error, all[i].expected);
			store_close(&f->store);
			fixture_open(f);
			assert_rows(f, false);
			store_close(&f->store);
		}
		store_close(&f->store);
		fixture_open(f);
		assert_rows(f, true);
		fixture_clear(f);
		assert_int_equal(packed_setup(state), 0);
	}
}

/* What a look says that is refused something. */
static int look(struct fixture *f)
{
	struct bytes found;
	struct view view;

	int error = view_open(&view, f->store);
	if (error != ERR_NONE)
		return error;
	(void)view_seek(&view, STOCK, word("row 40"), &found);
	(void)view_next(&view, STOCK, &found);
	(void)view_seek(&view, STOCK, word("earlier"), &found);
	(void)view_seek(&view, STOCK, word("row 99"), &found);
	(void)view_get(&view, STOCK, word("row 41"));
	error = view.failure;
	view_close(&view);
	return error;
}

static void a_look_that_is_refused_says_so(void **state)
{
	static const struct {
		enum call call;
		int answer, expected;
	} all[] = {
		{CALL_mdb_cursor_get, MDB_PAGE_NOTFOUND, ERR_STORE_CORRUPT},
		{CALL_mdb_cursor_open, ENOMEM, ERR_MEMORY},
		{CALL_mdb_cursor_renew, EINVAL, ERR_STORE_IO},
		{CALL_calloc, ENOMEM, ERR_MEMORY},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		unsigned struck = 1;

		for (unsigned after = 0; struck > 0; after++) {
			fixture_open(f);
			refuse(all[i].call, after, 1, all[i].answer);
			int first = look(f), second = look(f);
			struck = refused();
			refuse_nothing();
			assert_true(struck > 0 || after > 0);
			assert_int_equal(first != ERR_NONE ? first : second, struck > 0 ? all[i].expected : ERR_NONE);
			assert_rows(f, false);
			store_close(&f->store);
		}
	}
}

/* ---- walks ---- */

static void assert_found(struct fixture *f, const char *key, size_t size, const char *expected)
{
	struct bytes found;

	(void)store_seek(f->store, STOCK, bytes_of((const uint8_t *)key, size), &found);
	assert_word(found, expected);
}

static void a_walk_by_seeking_goes_on_from_any_row(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	begin(f);
	assert_found(f, "row 10", 6, "row 10");
	assert_found(f, "row 10", 7, "row 11"); /* with the zero byte behind it */
	assert_found(f, "row 11", 7, "row 12");
	assert_found(f, "row 11", 7, "row 12"); /* once more */
	assert_found(f, "row 12\1", 7, "row 13");
	assert_found(f, "row 59", 6, "row 59");
	assert_found(f, "row 59", 7, NULL);
	assert_found(f, "row 59", 7, NULL);
	assert_found(f, "row 20", 6, "row 20");
	assert_found(f, "row 60", 6, NULL);
	assert_found(f, "row 20", 7, "row 21"); /* what was found before nothing was */
	assert_found(f, "", 1, "row 00");
	commit(f);
	begin(f);
	assert_found(f, "row 00", 7, "row 01"); /* what an earlier turn has found counts no more */
	store_abort(f->store);
	store_close(&f->store);
}

/* ---- packs that are damaged ---- */

/* An entry as no commit writes it, in the store's own file. */
static void write_raw(struct fixture *f, const char *key, struct bytes value)
{
	MDB_val name = {strlen(key), (void *)(uintptr_t)key}, content = {value.size, (void *)(uintptr_t)value.data};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;

	assert_int_equal(mdb_env_create(&env), MDB_SUCCESS);
	assert_int_equal(mdb_env_set_maxdbs(env, TABLES), MDB_SUCCESS);
	assert_int_equal(mdb_env_open(env, f->path, 0, 0600), MDB_SUCCESS);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), MDB_SUCCESS);
	assert_int_equal(mdb_dbi_open(txn, "stock.packed", 0, &table), MDB_SUCCESS);
	assert_int_equal(mdb_put(txn, table, &name, &content, 0), MDB_SUCCESS);
	assert_int_equal(mdb_txn_commit(txn), MDB_SUCCESS);
	mdb_env_close(env);
}

static int failure_of(struct fixture *f, const char *key, bool is_sought)
{
	struct bytes found;
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_null((is_sought ? view_seek(&view, STOCK, word(key), &found) : view_get(&view, STOCK, word(key))).data);
	int failure = view.failure;
	view_close(&view);
	return failure;
}

static void a_pack_that_is_damaged_is_told_by_all_who_come_to_it(void **state)
{
	static const uint8_t torn[] = {0, 1, 200, 'x'}; /* its value would end behind it */
	struct fixture *f = *state;
	struct bytes found, value;
	struct view view;
	unsigned seen = 0;

	write_raw(f, "x", bytes_of(torn, sizeof(torn)));
	fixture_open(f);
	assert_int_equal(failure_of(f, "x", false), ERR_STORE_CORRUPT);
	assert_int_equal(failure_of(f, "y", false), ERR_STORE_CORRUPT);
	assert_int_equal(failure_of(f, "y", true), ERR_STORE_CORRUPT);
	assert_int_equal(failure_of(f, "row 99", false), ERR_NONE); /* of the pack before it: not there */
	assert_int_equal(failure_of(f, "row 99", true), ERR_STORE_CORRUPT);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	for (value = view_seek(&view, STOCK, word(""), &found); value.data != NULL; value = view_next(&view, STOCK, &found))
		seen++;
	assert_int_equal(seen, ROWS); /* what comes before it is found */
	assert_int_equal(view.failure, ERR_STORE_CORRUPT);
	view_close(&view);
	begin(f);
	put(f, STOCK, "y", "new");
	assert_int_equal(store_commit(f->store), ERR_STORE_CORRUPT); /* it is not written over */
	begin(f);
	put(f, STOCK, "row 30", "new");
	commit(f);
	assert_int_equal(failure_of(f, "x", false), ERR_STORE_CORRUPT);
	store_close(&f->store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_commit_that_is_refused_leaves_the_packs_as_they_were, packed_setup, packed_teardown),
		cmocka_unit_test_setup_teardown(a_look_that_is_refused_says_so, packed_setup, packed_teardown),
		cmocka_unit_test_setup_teardown(a_walk_by_seeking_goes_on_from_any_row, packed_setup, packed_teardown),
		cmocka_unit_test_setup_teardown(a_pack_that_is_damaged_is_told_by_all_who_come_to_it, packed_setup, packed_teardown),
	};

	return cmocka_run_group_tests_name("lmdb_packs", tests, NULL, NULL);
}
