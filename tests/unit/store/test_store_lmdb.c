/*
 * test_store_lmdb.c -- the store on disk: its files, its checksums, and LMDB's failures in the house's
 * words.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "fixture.h"
#include "store/lmdb_env.h"

/* ---- LMDB's answers pass here ---- */

static int next_commit_fails_with; /* MDB_SUCCESS: not */
static int commits_seen, resizes_seen;

int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __real_mdb_env_set_mapsize(MDB_env *env, size_t bytes);
int __wrap_mdb_env_set_mapsize(MDB_env *env, size_t bytes);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	int error = next_commit_fails_with;

	commits_seen++;
	if (error == MDB_SUCCESS)
		return __real_mdb_txn_commit(txn);
	next_commit_fails_with = MDB_SUCCESS;
	mdb_txn_abort(txn); /* as LMDB does */
	return error;
}

int __wrap_mdb_env_set_mapsize(MDB_env *env, size_t bytes)
{
	resizes_seen++;
	return __real_mdb_env_set_mapsize(env, bytes);
}

/* The C library's calls pass here too, LMDB's own included: this program's names come first. */
static int fdatasync_fails_with, flushes_seen;
static bool fsync_fails;
static ino_t synced[64];
static size_t synced_count;

int fdatasync(int file)
{
	flushes_seen++;
	if (fdatasync_fails_with == 0)
		return (int)syscall(SYS_fdatasync, file);
	errno = fdatasync_fails_with;
	fdatasync_fails_with = 0;
	return -1;
}

int fsync(int file)
{
	struct stat status;

	if (fstat(file, &status) == 0 && synced_count < sizeof(synced) / sizeof(synced[0]))
		synced[synced_count++] = status.st_ino;
	if (!fsync_fails)
		return (int)syscall(SYS_fsync, file);
	errno = EIO;
	return -1;
}

static int commit_that_meets(struct fixture *f, int error)
{
	begin(f);
	put(f, STOCK, "a", "new");
	store_append(f->store, JOURNAL, 2, word("two"));
	next_commit_fails_with = error;
	int answer = store_commit(f->store);
	next_commit_fails_with = MDB_SUCCESS;
	return answer;
}

static void assert_old_state(struct fixture *f)
{
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "old");
	assert_word(store_log_get(f->store, JOURNAL, 1), "one");
	assert_word(store_log_get(f->store, JOURNAL, 2), NULL);
	store_abort(f->store);
}

static void old_state(struct fixture *f)
{
	begin(f);
	put(f, STOCK, "a", "old");
	store_append(f->store, JOURNAL, 1, word("one"));
	commit(f);
}

static void failures_of_the_commit_are_told_apart(void **state)
{
	static const struct {
		int lmdb, house;
	} cases[] = {
		{ENOSPC, ERR_DISK_FULL},	 {EDQUOT, ERR_DISK_FULL},	{EIO, ERR_STORE_IO},
		{MDB_PANIC, ERR_STORE_IO},	 {ENOMEM, ERR_MEMORY},	{MDB_TXN_FULL, ERR_STORE_FULL},
		{MDB_CORRUPTED, ERR_STORE_CORRUPT}, {MDB_PAGE_NOTFOUND, ERR_STORE_CORRUPT},
		{MDB_BAD_TXN, ERR_STORE_IO},	 {EROFS, ERR_STORE_IO},
	};
	struct fixture *f = *state;

	old_state(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(commit_that_meets(f, cases[i].lmdb), cases[i].house);
		assert_old_state(f);
	}
	assert_int_equal(commit_that_meets(f, MDB_SUCCESS), ERR_NONE); /* and the next one simply works */
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "new");
	assert_word(store_log_get(f->store, JOURNAL, 2), "two");
	store_abort(f->store);
}

static void a_map_that_ends_at_the_commit_grows_and_the_turn_is_applied_again(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	old_state(f);
	commits_seen = resizes_seen = 0;
	assert_int_equal(commit_that_meets(f, MDB_MAP_FULL), ERR_NONE);
	assert_int_equal(commits_seen, 2);
	assert_int_equal(resizes_seen, 1);
	store_usage(f->store, &usage);
	assert_int_equal(usage.map_bytes, 32 << 20);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "new");
	assert_word(store_log_get(f->store, JOURNAL, 2), "two");
	store_abort(f->store);
}

static void turns_that_change_nothing_are_cheap(void **state)
{
	struct fixture *f = *state;

	old_state(f);
	commits_seen = 0;
	for (int i = 0; i < 1000; i++) {
		begin(f);
		assert_word(store_get(f->store, STOCK, word("a")), "old");
		store_abort(f->store);
	}
	assert_int_equal(commits_seen, 0);
}

/* ---- what reaches the disk ---- */

static bool was_synced(const char *folder, const char *name)
{
	char path[512];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &status), 0);
	for (size_t i = 0; i < synced_count; i++)
		if (synced[i] == status.st_ino)
			return true;
	return false;
}

static void a_new_store_is_on_disk_with_its_name(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	remove_folder(f->path);
	synced_count = 0;
	fixture_open(f);
	assert_true(was_synced(f->path, "data.mdb"));
	assert_true(was_synced(f->path, "."));
	assert_true(was_synced(f->path, ".."));
	store_close(&f->store);
	fsync_fails = true;
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_IO);
	fsync_fails = false;
	fixture_open(f);
}

static void every_commit_is_flushed(void **state)
{
	struct fixture *f = *state;

	struct lmdb *lmdb = f->store->base;
	unsigned flags;

	assert_int_equal(mdb_env_get_flags(lmdb->env, &flags), MDB_SUCCESS);
	assert_int_equal(flags & ~0xfU, MDB_NOTLS); /* nothing that relaxes a sync or a lock */
	old_state(f);
	for (int i = 0; i < 20; i++) {
		flushes_seen = 0;
		begin(f);
		put(f, STOCK, "a", "x");
		commit(f);
		assert_true(flushes_seen >= 1);
	}
}

static void a_flush_that_fails_makes_no_commit(void **state)
{
	struct fixture *f = *state;

	old_state(f);
	fdatasync_fails_with = ENOSPC;
	assert_int_equal(commit_that_meets(f, MDB_SUCCESS), ERR_DISK_FULL);
	assert_old_state(f);
	fdatasync_fails_with = EIO; /* on a disk with room: a broken one */
	assert_int_equal(commit_that_meets(f, MDB_SUCCESS), ERR_STORE_IO);
	assert_old_state(f);
	assert_int_equal(commit_that_meets(f, MDB_SUCCESS), ERR_NONE);
	fixture_reopen(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "new");
	store_abort(f->store);
}

/* ---- files ---- */

static void files_are_private_and_do_not_leak(void **state)
{
	struct fixture *f = *state;
	struct stat status;
	char path[512], target[512];
	int found = 0;

	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	for (int file = 0; file < 256; file++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		ssize_t size = readlink(path, target, sizeof(target) - 1);
		if (size <= 0)
			continue;
		target[size] = 0;
		if (strncmp(target, f->path, strlen(f->path)) != 0)
			continue;
		found++;
		assert_true((fcntl(file, F_GETFD) & FD_CLOEXEC) != 0);
	}
	assert_true(found >= 3); /* the folder, data, lock; LMDB has data open twice */
	snprintf(path, sizeof(path), "%s/lock.mdb", f->path);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_blocks * 512 >= status.st_size); /* no holes for a full disk to refuse */
}

static void open_says_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_options options = f->options;
	char path[512];

	options.path = "/proc/no/such/folder";
	assert_int_equal(store_open(&store, &options, fixture_tables, TABLES), ERR_NOT_FOUND);
	store_close(&f->store);
	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	for (int i = 0; i < 8192; i++)
		fputc('x', file);
	fclose(file);
	for (int i = 0; i < 2; i++) /* the second time not ERR_STORE_BUSY */
		assert_int_equal(store_open(&store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
}

static void network_file_systems_are_known(void **state)
{
	(void)state;
	assert_string_equal(place_remote(0x6969), "nfs");
	assert_string_equal(place_remote(UINT64_C(0xffffffffff534d42)), "cifs"); /* with its sign extended */
	assert_string_equal(place_remote(0x65735546), "fuse");
	assert_null(place_remote(0xef53));     /* ext4 */
	assert_null(place_remote(0x58465342)); /* xfs */
	assert_null(place_remote(0x01021994)); /* tmpfs */
}

/* ---- damage ---- */

/* Flips one bit of the file behind the only place where `text` stands; returns whether it stood there. */
static bool flip_in_file(struct fixture *f, const char *text, size_t byte)
{
	static uint8_t content[1 << 20];
	char path[512];
	size_t places = 0, place = 0;

	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	size_t size = fread(content, 1, sizeof(content), file);
	for (size_t i = 0; i + strlen(text) <= size; i++)
		if (memcmp(content + i, text, strlen(text)) == 0) {
			place = i;
			places++;
		}
	if (places == 1) {
		fseek(file, (long)(place + byte), SEEK_SET);
		fputc(content[place + byte] ^ 0x04, file);
	}
	fclose(file);
	return places == 1;
}

static void a_flipped_bit_in_a_log_is_found(void **state)
{
	static const char *const told = "the goods left at noon";
	struct fixture *f = *state;
	struct view view;
	uint64_t number;

	begin(f);
	store_append(f->store, JOURNAL, 1, word("before"));
	store_append(f->store, JOURNAL, 2, word(told));
	store_append(f->store, JOURNAL, 3, word("after"));
	commit(f);
	for (size_t byte = 0; byte < strlen(told); byte++) {
		store_close(&f->store);
		assert_true(flip_in_file(f, told, byte));
		fixture_open(f);
		assert_int_equal(view_open(&view, f->store), ERR_NONE);
		assert_word(view_log_seek(&view, JOURNAL, 1, &number), "before");
		assert_null(view_log_next(&view, JOURNAL, &number).data);
		assert_int_equal(number, 2); /* the damaged place is named */
		assert_word(view_log_next(&view, JOURNAL, &number), "after");
		view_close(&view);
		begin(f);
		assert_null(store_log_get(f->store, JOURNAL, 2).data);
		assert_int_equal(store_failure(f->store), ERR_STORE_CORRUPT);
		put(f, STOCK, "a", "of a broken turn");
		assert_null(store_get(f->store, STOCK, word("a")).data);
		assert_int_equal(store_commit(f->store), ERR_STORE_CORRUPT);
		begin(f);
		assert_word(store_get(f->store, STOCK, word("a")), NULL);
		store_abort(f->store);
		store_close(&f->store);
		char damaged[64];
		snprintf(damaged, sizeof(damaged), "%s", told);
		damaged[byte] ^= 0x04;
		assert_true(flip_in_file(f, damaged, byte)); /* back again: the control of this test */
		fixture_open(f);
		begin(f);
		assert_word(store_log_get(f->store, JOURNAL, 2), told);
		store_abort(f->store);
	}
}

/* An entry whose bytes are right under the number of another one is damage as well. */
static void a_value_belongs_to_its_number(void **state)
{
	(void)state;
	struct appends appends = {0};

	assert_true(appends_add(&appends, 5, word("value")));
	const struct append *append = appends_at(&appends, 0);
	struct bytes sealed = bytes_of(append->sealed, append->size);
	assert_word(appends_value(5, sealed), "value");
	assert_null(appends_value(6, sealed).data);
	assert_null(appends_value(5, bytes_of(sealed.data, sealed.size - 1)).data);
	assert_null(appends_value(5, bytes_of(sealed.data, 3)).data);
	appends_drop(&appends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(failures_of_the_commit_are_told_apart),
		ON_DISK(a_map_that_ends_at_the_commit_grows_and_the_turn_is_applied_again),
		ON_DISK(turns_that_change_nothing_are_cheap),
		ON_DISK(a_new_store_is_on_disk_with_its_name),
		ON_DISK(every_commit_is_flushed),
		ON_DISK(a_flush_that_fails_makes_no_commit),
		ON_DISK(files_are_private_and_do_not_leak),
		ON_DISK(open_says_what_is_wrong),
		cmocka_unit_test(network_file_systems_are_known),
		ON_DISK(a_flipped_bit_in_a_log_is_found),
		cmocka_unit_test(a_value_belongs_to_its_number),
	};

	return cmocka_run_group_tests_name("store_lmdb", tests, NULL, NULL);
}
