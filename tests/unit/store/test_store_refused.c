/* test_store_refused.c -- refusals to which the store's answer depends on what is refused, to whom, and how often. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "closed.h"
#include "refusals.h"
#include "store/lmdb_env.h"

/* ---- opening ---- */

static int open_store(struct fixture *f)
{
	return store_open(&f->store, &f->options, fixture_tables, TABLES);
}

static int open_refused(struct fixture *f, enum call call, unsigned after, unsigned times, int answer)
{
	refuse(call, after, times, answer);
	int error = open_store(f);
	assert_true(refused() > 0);
	refuse_nothing();
	return error;
}

static void a_place_that_cannot_be_had_is_told_apart(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_refused(f, CALL_mkdir, 0, 1, EDQUOT), ERR_DISK_FULL);
	assert_int_equal(open_refused(f, CALL_mkdir, 0, 1, ENOENT), ERR_NOT_FOUND);
	assert_int_equal(open_refused(f, CALL_mkdir, 0, 1, EACCES), ERR_STORE_IO);
	assert_int_equal(open_refused(f, CALL_fstat, 0, 1, EIO), ERR_STORE_IO);
	assert_int_equal(open_refused(f, CALL_flock, 0, 1, EWOULDBLOCK), ERR_STORE_BUSY);
	int elsewhere = open("/dev/null", O_RDONLY | O_CLOEXEC); /* a file of another device, which is looked at and left alone */
	assert_int_equal(open_refused(f, CALL_fstat, 1, 1000, EIO), ERR_NONE); /* files of which nothing is known are left alone too */
	store_close(&f->store);
	fixture_open(f);
	store_close(&f->store);
	close(elsewhere);
	assert_int_equal(open_refused(f, CALL_mdb_env_open, 0, 1, ENOENT), ERR_NOT_FOUND);
	assert_int_equal(open_refused(f, CALL_posix_fallocate, 0, 1, ENOSPC), ERR_DISK_FULL);
	closed_assert(f, false);
}

static void a_tool_meets_the_same_refusals(void **state)
{
	struct fixture *f = *state;

	f->options.read_only = true;
	assert_int_equal(open_refused(f, CALL_faccessat, 0, 1, ENOENT), ERR_NOT_FOUND);
	assert_int_equal(open_refused(f, CALL_mdb_dbi_open, 1, 1, MDB_CORRUPTED), ERR_STORE_CORRUPT);
	assert_int_equal(open_refused(f, CALL_mdb_dbi_open, 0, 1, MDB_NOTFOUND), ERR_NONE); /* a table that is not there is empty */
	struct view view;
	struct bytes found;
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_null(view_get(&view, STOCK, word("a")).data);
	assert_null(view_seek(&view, STOCK, word("a"), &found).data);
	assert_int_equal(view.failure, ERR_NONE);
	view_close(&view);
	store_close(&f->store);
}

static void a_network_file_system_is_refused_unless_it_is_allowed(void **state)
{
	struct fixture *f = *state;

	stated_type = 0x6969; /* nfs */
	assert_int_equal(open_store(f), ERR_USAGE);
	f->options.any_file_system = true;
	assert_int_equal(open_store(f), ERR_NONE);
	store_close(&f->store);
}

/* The same number of a folder on another device is another folder. */
static void a_folder_is_told_by_its_device_too(void **state)
{
	struct fixture *f = *state;
	struct store *again = NULL;

	assert_int_equal(open_store(f), ERR_NONE);
	assert_int_equal(store_open(&again, &f->options, fixture_tables, TABLES), ERR_STORE_BUSY);
	struct place here, there;
	stated_device = 77;
	assert_int_equal(place_open(&there, f->path, true, true), ERR_NONE);
	stated_device = 78;
	assert_int_equal(place_open(&here, f->path, true, true), ERR_NONE);
	place_close(&here);
	stated_device = 77;
	assert_int_equal(place_open(&here, f->path, true, true), ERR_STORE_BUSY);
	place_close(&here);
	place_close(&there);
	stated_device = 0;
	store_close(&f->store);
	closed_assert(f, false);
}

/* A power failure in the first moments of a store leaves a file that is no store yet. */
static void a_store_that_was_never_born_is_begun_again(void **state)
{
	struct fixture *f = *state;
	char path[160];

	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	for (int refusal = 0; refusal < 4; refusal++) {
		assert_int_equal(truncate(path, 100), 0);
		if (refusal == 0)
			assert_int_equal(open_refused(f, CALL_unlinkat, 0, 1, EACCES), ERR_STORE_CORRUPT);
		else if (refusal == 1)
			assert_int_equal(open_refused(f, CALL_fstatat, 0, 1, EIO), ERR_STORE_CORRUPT);
		else if (refusal == 2)
			assert_int_equal(open_refused(f, CALL_mdb_env_create, 1, 1, ENOMEM), ERR_MEMORY);
		else
			fixture_open(f);
		if (refusal == 2) /* the stump is gone all the same: the next open makes a store */
			assert_int_equal(access(path, F_OK), -1);
		if (refusal == 2)
			fixture_open(f);
		if (refusal >= 2) {
			begin(f);
			assert_null(store_get(f->store, STOCK, word("a")).data);
			put(f, STOCK, "a", "first");
			commit(f);
			store_close(&f->store);
		}
	}
	f->options.read_only = true; /* a tool removes nothing */
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(open_store(f), ERR_STORE_CORRUPT);
	assert_int_equal(access(path, F_OK), 0);
}

static void tables_find_room_in_a_map_that_is_full(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	assert_int_equal(open_refused(f, CALL_mdb_txn_commit, 0, 1, MDB_MAP_FULL), ERR_NONE);
	store_usage(f->store, &usage);
	assert_int_equal(usage.map_bytes, 32 << 20);
	store_close(&f->store);
	assert_int_equal(open_refused(f, CALL_mdb_txn_begin, 0, 1, MDB_MAP_RESIZED), ERR_NONE);
	store_close(&f->store);
	refuse(CALL_mdb_txn_commit, 0, UINT32_MAX / 2, MDB_MAP_FULL); /* whatever size it has */
	assert_int_equal(open_store(f), ERR_STORE_FULL);
	assert_int_equal(refused(), 3); /* 16, 32, 64 MiB */
	refuse_nothing();
	closed_assert(f, false);
}

static void paths_are_written_in_many_ways(void **state)
{
	struct fixture *f = *state;
	char here[512], folder[160], slashes[160];

	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(slashes, sizeof(slashes), "%s///", f->path);
	f->options.path = slashes;
	fixture_open(f);
	store_close(&f->store);
	snprintf(folder, sizeof(folder), "%.*s", (int)strlen(f->path) - 2, f->path);
	assert_int_equal(chdir(folder), 0);
	f->options.path = "s"; /* its parent is where we stand */
	refuse(CALL_fsync, 0, 0, 0);
	fixture_open(f);
	assert_int_equal(calls_seen(CALL_fsync), 3); /* the file, its folder, the parent */
	store_close(&f->store);
	assert_int_equal(chdir(here), 0);
	f->options.path = f->path;
	f->options.map_bytes = f->options.map_bytes_max = 0; /* the size that nobody asked for */
	struct store_usage usage;
	fixture_open(f);
	store_usage(f->store, &usage);
	assert_int_equal(usage.map_bytes, 64 << 20);
	store_close(&f->store);
	closed_assert(f, false);
}

/* ---- turns and views ---- */

static void a_full_disk_is_known_by_what_is_free(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_mdb_txn_commit, 0, 1, EIO);
	assert_int_equal(store_commit(f->store), ERR_STORE_IO); /* there is room: the disk is broken */
	stated_full = true;
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_mdb_txn_commit, 0, 1, EIO); /* of a new page, which nobody needs */
	assert_int_equal(store_commit(f->store), ERR_DISK_FULL);
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_mdb_cursor_put, 0, 1, EIO);
	assert_int_equal(store_commit(f->store), ERR_DISK_FULL);
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_mdb_txn_begin, 0, 2, EIO); /* nothing works any more: it is not the room alone */
	assert_int_equal(store_commit(f->store), ERR_STORE_IO);
	assert_int_equal(refused(), 2);
	assert_true(store_disk_low(f->store, 1));
	stated_full = false;
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_fstatvfs, 0, 1, EIO); /* it does not say how much is free: not that it is full */
	assert_false(store_disk_low(f->store, 1 << 30));
	assert_int_equal(refused(), 1);
	refuse_nothing();
	commit(f);
	store_close(&f->store);
}

/* One figure less is no reason to stop. */
static void figures_that_cannot_be_had_are_zero(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	fixture_open(f);
	refuse(CALL_fstat, 0, 1, EIO);
	store_usage(f->store, &usage);
	assert_int_equal(refused(), 1);
	assert_int_equal(usage.file_bytes, 0);
	assert_int_equal(usage.map_bytes, 16 << 20);
	refuse_nothing();
	store_usage(f->store, &usage);
	assert_true(usage.file_bytes > 0);
	store_close(&f->store);
}

/* A span for every commit that ends within ten seconds; the others are counted all the same. */
static void a_commit_of_an_hour_is_in_no_span(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;
	uint64_t in_spans = 0;

	fixture_open(f);
	for (int slow = 0; slow < 2; slow++) {
		begin(f);
		put(f, STOCK, "a", slow ? "slow" : "quick");
		clock_step_s = slow ? 3600 : 0;
		commit(f);
	}
	clock_step_s = 0;
	store_usage(f->store, &usage);
	for (unsigned i = 0; i < STORE_SPANS; i++)
		in_spans += usage.commit_spans[i];
	assert_int_equal(usage.commits, 2);
	assert_true(in_spans <= 1);
	assert_true(usage.commit_us_last >= UINT64_C(3600000000));
	assert_int_equal(usage.commit_us_max, usage.commit_us_last);
	store_close(&f->store);
}

static void no_slot_for_a_reader_is_no_failure(void **state)
{
	struct fixture *f = *state;
	struct view view;

	fixture_open(f);
	struct view first; /* it has the idle transaction, so that the next view has to make one */
	assert_int_equal(view_open(&first, f->store), ERR_NONE);
	refuse(CALL_mdb_txn_begin, 0, 1, MDB_READERS_FULL); /* by slots of processes that died: they are cleared */
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_int_equal(calls_seen(CALL_mdb_reader_check), 1);
	assert_word(view_get(&view, STOCK, word("a")), "old");
	struct view third;
	refuse(CALL_mdb_txn_begin, 0, 2, MDB_READERS_FULL);
	assert_int_equal(view_open(&third, f->store), ERR_AGAIN);
	assert_int_equal(refused(), 2);
	refuse_nothing();
	assert_int_equal(view_open(&third, f->store), ERR_NONE);
	view_close(&third);
	view_close(&view);
	view_close(&first);
	store_close(&f->store);
}

static void the_first_failure_of_a_view_stays(void **state)
{
	struct fixture *f = *state;
	struct view view;

	fixture_open(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	refuse(CALL_mdb_cursor_get, 0, 1, MDB_CORRUPTED);
	assert_null(view_get(&view, STOCK, word("a")).data);
	assert_int_equal(view.failure, ERR_STORE_CORRUPT);
	refuse(CALL_mdb_cursor_get, 0, 1, EIO);
	assert_null(view_get(&view, STOCK, word("a")).data);
	assert_int_equal(view.failure, ERR_STORE_CORRUPT);
	refuse_nothing();
	assert_word(view_get(&view, STOCK, word("a")), "old");
	view_close(&view);
	store_close(&f->store);
}

static void a_turn_that_runs_out_of_memory_at_its_end_has_not_been(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	begin(f);
	store_append(f->store, JOURNAL, 2, word("two"));
	store_append(f->store, INTAKE, 1, word("one"));
	refuse(CALL_realloc, 0, 100, ENOMEM); /* the ends of both logs find no room */
	assert_int_equal(store_commit(f->store), ERR_MEMORY);
	assert_int_equal(refused(), 2);
	refuse_nothing();
	begin(f);
	assert_null(store_log_get(f->store, JOURNAL, 2).data);
	store_append(f->store, JOURNAL, 2, word("two"));
	commit(f);
	store_close(&f->store);
}

static void changes_that_find_no_room_to_be_sorted_beside_are_sorted_where_they_are(void **state)
{
	struct fixture *f = *state;
	struct bytes found;
	char key[16];

	fixture_open(f);
	begin(f);
	for (unsigned i = 999; i >= 100; i--) {
		snprintf(key, sizeof(key), "row %u", i);
		put(f, STOCK, key, "1");
	}
	refuse(CALL_malloc, 0, 1, ENOMEM);
	commit(f);
	assert_int_equal(refused(), 1);
	refuse_nothing();
	struct view view = {0};
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_seek(&view, STOCK, word("row"), &found), "1");
	for (unsigned i = 100; i <= 999; i++) {
		snprintf(key, sizeof(key), "row %u", i);
		assert_word(found, key);
		(void)view_next(&view, STOCK, &found);
	}
	view_close(&view);
	store_close(&f->store);
}

static void an_edit_that_finds_no_memory_fails_the_turn(void **state)
{
	struct fixture *f = *state;
	char key[16];
	void *lent = f;

	fixture_open(f);
	begin(f);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "edit %u", i);
		put(f, STOCK, key, "1");
	}
	commit(f);
	store_close(&f->store);
	fixture_open(f);
	begin(f);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "edit %u", i);
		assert_word(store_get(f->store, STOCK, word(key)), "1");
	}
	refuse(CALL_realloc, 0, 1, ENOMEM);
	for (unsigned i = 0; i < 3000 && lent != NULL; i++) {
		snprintf(key, sizeof(key), "edit %u", i);
		lent = store_edit(f->store, STOCK, word(key), 1);
	}
	assert_null(lent);
	assert_int_equal(refused(), 1);
	refuse_nothing();
	assert_int_equal(store_failure(f->store), ERR_MEMORY);
	store_abort(f->store);
	store_close(&f->store);
}

static void a_full_map_that_cannot_grow_refuses_the_turn(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	begin(f);
	put(f, STOCK, "a", "new");
	refuse(CALL_mdb_txn_commit, 0, 100, MDB_MAP_FULL);
	assert_int_equal(store_commit(f->store), ERR_STORE_FULL);
	assert_int_equal(refused(), 3); /* 16, 32, 64 MiB */
	refuse_nothing();
	store_close(&f->store);
	closed_assert(f, false);
}

static void a_map_whose_new_size_is_refused_stays_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	fixture_open(f);
	refuse(CALL_mdb_env_set_mapsize, 0, 1, ENOMEM);
	assert_int_equal(lmdb_env_resize(f->store, 32 << 20), ENOMEM);
	refuse_nothing();
	store_usage(f->store, &usage);
	assert_int_equal(usage.map_bytes, 16 << 20);
	store_close(&f->store);
	closed_assert(f, false);
}

/* ---- a view that follows a map which another process made larger ---- */

static void a_view_follows_the_map(void **state)
{
	struct fixture *f = *state;
	struct view view, held;

	f->options.read_only = true;
	fixture_open(f);
	assert_int_equal(view_open(&held, f->store), ERR_NONE);
	refuse(CALL_mdb_txn_begin, 0, 1, MDB_MAP_RESIZED);
	assert_int_equal(view_open(&view, f->store), ERR_AGAIN); /* the other view would lose its pages */
	assert_int_equal(refused(), 1);
	assert_word(view_get(&held, STOCK, word("a")), "old");
	view_close(&held);
	refuse(CALL_mdb_txn_renew, 0, 1, MDB_MAP_RESIZED);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_int_equal(refused(), 1);
	assert_word(view_get(&view, STOCK, word("a")), "old");
	view_close(&view);
	refuse(CALL_mdb_txn_renew, 0, 1, MDB_MAP_RESIZED);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_int_equal(calls_seen(CALL_mdb_env_set_mapsize), 1);
	view_close(&view);
	refuse_nothing();
	store_close(&f->store);
}

struct resizer {
	struct store *store;
	int error;
};

static void *resize(void *context)
{
	struct resizer *resizer = context;

	resizer->error = lmdb_env_resize(resizer->store, 0);
	return NULL;
}

static bool is_resizing(struct lmdb *lmdb)
{
	pthread_mutex_lock(&lmdb->gate);
	bool is = lmdb->resizing;
	pthread_mutex_unlock(&lmdb->gate);
	return is;
}

static void two_that_follow_the_map_take_turns(void **state)
{
	struct fixture *f = *state;
	struct resizer resizers[2];
	pthread_t threads[2];
	struct view held;

	fixture_open(f);
	assert_int_equal(view_open(&held, f->store), ERR_NONE);
	refuse(CALL_pthread_cond_wait, 0, 0, 0);
	for (int i = 0; i < 2; i++) {
		resizers[i].store = f->store;
		assert_int_equal(pthread_create(&threads[i], NULL, resize, &resizers[i]), 0);
		while (!is_resizing(f->store->base)) /* the first one waits for the view, and gives up after two seconds */
			usleep(1000);
	}
	while (calls_seen(CALL_pthread_cond_wait) == 0) /* the second one waits for the first */
		usleep(1000);
	view_close(&held);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(resizers[i].error == MDB_SUCCESS || resizers[i].error == MDB_MAP_FULL);
	}
	assert_int_equal(resizers[1].error, MDB_SUCCESS);
	assert_false(is_resizing(f->store->base));
	store_close(&f->store);
	closed_assert(f, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOSED(a_place_that_cannot_be_had_is_told_apart),
		CLOSED(a_tool_meets_the_same_refusals),
		CLOSED(a_network_file_system_is_refused_unless_it_is_allowed),
		CLOSED(a_folder_is_told_by_its_device_too),
		CLOSED(a_store_that_was_never_born_is_begun_again),
		CLOSED(tables_find_room_in_a_map_that_is_full),
		CLOSED(paths_are_written_in_many_ways),
		CLOSED(a_full_disk_is_known_by_what_is_free),
		CLOSED(figures_that_cannot_be_had_are_zero),
		CLOSED(a_commit_of_an_hour_is_in_no_span),
		CLOSED(no_slot_for_a_reader_is_no_failure),
		CLOSED(the_first_failure_of_a_view_stays),
		CLOSED(a_turn_that_runs_out_of_memory_at_its_end_has_not_been),
		CLOSED(changes_that_find_no_room_to_be_sorted_beside_are_sorted_where_they_are),
		CLOSED(an_edit_that_finds_no_memory_fails_the_turn),
		CLOSED(a_full_map_that_cannot_grow_refuses_the_turn),
		CLOSED(a_map_whose_new_size_is_refused_stays_as_it_is),
		CLOSED(a_view_follows_the_map),
		CLOSED(two_that_follow_the_map_take_turns),
	};

	return cmocka_run_group_tests_name("store_refused", tests, NULL, NULL);
}
