/*
 * test_store_refusals.c -- every call that the store makes of LMDB and of the C library, refused once at each of its times in a life of a
 * store: what it then says is what is there.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "closed.h"
#include "refusals.h"

static unsigned open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

/* ---- a life of a store: opened, changed, looked at, copied ---- */

struct life {
	bool is_committed, is_copied;
	int error; /* the first */
};

static void note(struct life *life, int error)
{
	if (life->error == ERR_NONE)
		life->error = error;
}

static void live_one_turn(struct fixture *f, struct life *life)
{
	struct bytes found;

	int error = store_begin(f->store);
	note(life, error);
	if (error != ERR_NONE)
		return;
	(void)store_get(f->store, STOCK, word("a"));
	put(f, STOCK, "a", "new");
	store_del(f->store, STOCK, word("gone"));
	put(f, PLACES, "grows", "short");
	store_put(f->store, PLACES, word("grows"), closed_wide());
	store_append(f->store, JOURNAL, 2, word("two"));
	store_append(f->store, INTAKE, 1, word("one"));
	(void)store_seek(f->store, STOCK, word("b"), &found);
	(void)store_log_get(f->store, JOURNAL, 1);
	error = store_commit(f->store);
	life->is_committed = error == ERR_NONE;
	note(life, error);
}

static void look(struct fixture *f, struct life *life)
{
	struct bytes found;
	struct view view;
	uint64_t number;

	int error = view_open(&view, f->store);
	note(life, error);
	if (error != ERR_NONE)
		return;
	(void)view_get(&view, STOCK, word("a"));
	(void)view_seek(&view, STOCK, word("a"), &found);
	(void)view_next(&view, STOCK, &found);
	(void)view_log_last(&view, JOURNAL, &number);
	(void)view_chain(&view, JOURNAL, &(struct chain){0});
	note(life, view.failure);
	view_close(&view);
}

static void copy(struct fixture *f, struct life *life)
{
	struct store_copied copied;
	struct view view;
	char path[160];

	if (f->memory)
		return;
	int error = view_open(&view, f->store);
	note(life, error);
	if (error != ERR_NONE)
		return;
	snprintf(path, sizeof(path), "%s-copy", f->path);
	error = store_copy(&view, path, 0, &copied);
	note(life, error);
	life->is_copied = error == ERR_NONE;
	view_close(&view);
}

static struct life live(struct fixture *f)
{
	struct life life = {0};

	life.error = store_open(&f->store, &f->options, fixture_tables, TABLES);
	if (life.error != ERR_NONE)
		return life;
	live_one_turn(f, &life);
	look(f, &life);
	look(f, &life);
	copy(f, &life);
	store_close(&f->store);
	return life;
}

/* Back to where a life begins. */
static void put_back(struct fixture *f)
{
	char path[160];

	if (f->memory) {
		store_disk_close(&f->disk);
		f->disk = f->options.disk = store_disk_open();
	}
	snprintf(path, sizeof(path), "%s-copy", f->path);
	remove_folder(path);
	remove_folder(f->path);
	closed_make(f);
}

struct sweep {
	enum call call;
	int answer, expected;
};

/* Refuses the call once at each of its times in a life; returns how many times that were. */
static unsigned sweep(struct fixture *f, const struct sweep *how)
{
	for (unsigned after = 0;; after++) {
		unsigned files = open_files();

		put_back(f);
		refuse(how->call, after, 1, how->answer);
		struct life life = live(f);
		unsigned struck = refused();
		refuse_nothing();
		if (struck == 0) {
			assert_int_equal(life.error, ERR_NONE);
			assert_true(life.is_committed && (life.is_copied || f->memory));
			return after;
		}
		if (life.error != how->expected)
			print_error("the time %u of %s\n", after, call_name(how->call));
		assert_int_equal(life.error, how->expected);
		assert_int_equal(open_files(), files);
		closed_assert(f, life.is_committed); /* what was told is what is there */
	}
}

static void sweep_all(struct fixture *f, const struct sweep *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned times = sweep(f, &all[i]);

		print_message("%-20s refused %u times, one by one\n", call_name(all[i].call), times);
		assert_true(times > 0);
	}
}

static void whatever_is_refused_the_answer_is_true(void **state)
{
	static const struct sweep all[] = {
		{CALL_malloc, ENOMEM, ERR_MEMORY},
		{CALL_calloc, ENOMEM, ERR_MEMORY},
		{CALL_realloc, ENOMEM, ERR_MEMORY},
		{CALL_strdup, ENOMEM, ERR_MEMORY},
		{CALL_fstatfs, EIO, ERR_STORE_IO},
		{CALL_fsync, EIO, ERR_STORE_IO},
		{CALL_flock, EIO, ERR_STORE_IO},
		{CALL_mkdir, ENOSPC, ERR_DISK_FULL},
		{CALL_open, EIO, ERR_STORE_IO},
		{CALL_faccessat, EACCES, ERR_STORE_IO},
		{CALL_mdb_env_create, ENOMEM, ERR_MEMORY},
		{CALL_mdb_env_open, EIO, ERR_STORE_IO},
		{CALL_mdb_env_sync, EIO, ERR_STORE_IO},
		{CALL_mdb_txn_begin, MDB_PANIC, ERR_STORE_IO},
		{CALL_mdb_txn_renew, MDB_PANIC, ERR_STORE_IO},
		{CALL_mdb_txn_commit, ENOSPC, ERR_DISK_FULL},
		{CALL_mdb_dbi_open, MDB_DBS_FULL, ERR_STORE_IO},
		{CALL_mdb_cursor_open, ENOMEM, ERR_MEMORY},
		{CALL_mdb_cursor_renew, EINVAL, ERR_STORE_IO},
		{CALL_mdb_cursor_get, MDB_PAGE_NOTFOUND, ERR_STORE_CORRUPT},
		{CALL_mdb_cursor_put, MDB_KEYEXIST, ERR_STORE_CORRUPT},
		{CALL_mdb_del, MDB_TXN_FULL, ERR_STORE_FULL},
	};

	sweep_all(*state, all, sizeof(all) / sizeof(all[0]));
}

/* What the store can do without, it does without. */
static void some_refusals_stop_nothing(void **state)
{
	static const struct sweep all[] = {
		{CALL_opendir, ENOENT, ERR_NONE},	 /* no /proc here */
		{CALL_fstatat, ENOENT, ERR_NONE},	 /* nothing to adopt */
		{CALL_posix_fallocate, EOPNOTSUPP, ERR_NONE}, /* a file system that cannot */
		{CALL_mdb_reader_check, EIO, ERR_NONE},
	};

	sweep_all(*state, all, sizeof(all) / sizeof(all[0]));
}

static void the_twin_says_when_memory_runs_out(void **state)
{
	static const struct sweep all[] = {
		{CALL_calloc, ENOMEM, ERR_MEMORY},
		{CALL_realloc, ENOMEM, ERR_MEMORY},
		{CALL_strdup, ENOMEM, ERR_MEMORY},
	};

	sweep_all(*state, all, sizeof(all) / sizeof(all[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOSED(whatever_is_refused_the_answer_is_true),
		CLOSED(some_refusals_stop_nothing),
		CLOSED_IN_MEMORY(the_twin_says_when_memory_runs_out),
	};

	return cmocka_run_group_tests_name("store_refusals", tests, NULL, NULL);
}
