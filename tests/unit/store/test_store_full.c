/* test_store_full.c -- maps that grow under load, maps and disks that are full, and the way back. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

/* Row i of turn n: value of 900 bytes that tells both. */
static void put_row(struct fixture *f, unsigned row, unsigned turn)
{
	char key[32], value[900];

	memset(value, 'v', sizeof(value));
	snprintf(key, sizeof(key), "row-%06u", row);
	snprintf(value, sizeof(value), "row %u of turn %u", row, turn);
	store_put(f->store, STOCK, word(key), bytes_of(value, sizeof(value)));
}

static void assert_row(struct bytes value, unsigned row, unsigned turn)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "row %u of turn %u", row, turn);
	assert_non_null(value.data);
	assert_string_equal((const char *)value.data, expected);
}

static void assert_rows(struct fixture *f, unsigned rows, unsigned per_turn)
{
	struct view view;
	char key[32];

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	for (unsigned i = 0; i < rows; i++) {
		snprintf(key, sizeof(key), "row-%06u", i);
		assert_row(view_get(&view, STOCK, word(key)), i, i / per_turn);
	}
	view_close(&view);
}

/* ---- growth ---- */

struct reader {
	struct store *store;
	atomic_bool stop;
	atomic_uint looks;
	atomic_uint torn;
};

/* In every commit the rows "a" and "b" are equal: whoever sees them differ has seen half a turn. */
static void *read_all_the_time(void *context)
{
	struct reader *reader = context;
	struct view view;

	while (!atomic_load(&reader->stop)) {
		if (view_open(&view, reader->store) != ERR_NONE) {
			atomic_fetch_add(&reader->torn, 1);
			continue;
		}
		struct bytes a = view_get(&view, PLACES, word("a")), found;
		struct bytes b = view_seek(&view, PLACES, word("b"), &found);
		if (!bytes_equal(a, b))
			atomic_fetch_add(&reader->torn, 1);
		view_close(&view);
		atomic_fetch_add(&reader->looks, 1);
	}
	return NULL;
}

static void fill_while_others_read(struct fixture *f, unsigned turns)
{
	struct reader reader = {.store = f->store};
	pthread_t threads[2];
	char text[32];

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, &reader), 0);
	for (unsigned turn = 0; turn < turns; turn++) {
		begin(f);
		snprintf(text, sizeof(text), "turn %u", turn);
		put(f, PLACES, "a", text);
		for (unsigned i = 0; i < 50; i++)
			put_row(f, turn * 50 + i, turn);
		store_append(f->store, JOURNAL, turn + 1, word(text));
		put(f, PLACES, "b", text);
		commit(f);
	}
	while (atomic_load(&reader.looks) < 100)
		usleep(1000);
	atomic_store(&reader.stop, true);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&reader.torn), 0);
}

static void growth_under_load_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	f->options.map_bytes = 1 << 20;
	fixture_reopen(f);
	fill_while_others_read(f, 200);
	store_usage(f->store, &usage);
	if (!f->memory)
		assert_true(usage.map_bytes >= 8 << 20 && usage.map_bytes <= 64 << 20);
	assert_rows(f, 200 * 50, 50);
	fixture_reopen(f); /* with a map that is smaller than what is there */
	assert_rows(f, 200 * 50, 50);
	begin(f);
	put_row(f, 0, 0);
	commit(f);
}

/* One of several who look for a moment, again and again: there is hardly a time when nobody does. */
static void *look_for_3_ms(void *context)
{
	struct reader *reader = context;
	struct view view;

	while (!atomic_load(&reader->stop)) {
		if (view_open(&view, reader->store) != ERR_NONE)
			atomic_fetch_add(&reader->torn, 1);
		usleep(3000);
		view_close(&view);
	}
	return NULL;
}

static void growth_is_not_starved_by_views(void **state)
{
	struct fixture *f = *state;
	struct reader reader;
	pthread_t threads[8];

	f->options.map_bytes = 1 << 20;
	fixture_reopen(f);
	reader = (struct reader){.store = f->store};
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, look_for_3_ms, &reader), 0);
	for (unsigned turn = 0; turn < 100; turn++) {
		begin(f);
		for (unsigned i = 0; i < 50; i++)
			put_row(f, turn * 50 + i, turn);
		commit(f);
	}
	atomic_store(&reader.stop, true);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&reader.torn), 0);
}

static void growth_waits_for_views_but_not_for_ever(void **state)
{
	struct fixture *f = *state;
	struct view view;
	unsigned turn = 0;
	int error = ERR_NONE;

	f->options.map_bytes = 1 << 20;
	fixture_reopen(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE); /* against the rule: it stays open */
	for (; error == ERR_NONE && turn < 100; turn++) {
		begin(f);
		for (unsigned i = 0; i < 50; i++)
			put_row(f, turn * 50 + i, turn);
		error = store_commit(f->store);
	}
	assert_int_equal(error, ERR_STORE_FULL);
	assert_null(view_get(&view, STOCK, word("row-000000")).data); /* and it still sees its own time */
	view_close(&view);
	begin(f);
	for (unsigned i = 0; i < 50; i++)
		put_row(f, (turn - 1) * 50 + i, turn - 1);
	commit(f);
	assert_rows(f, turn * 50, 50);
}

/* ---- full ---- */

static unsigned fill(struct fixture *f, int expected)
{
	for (unsigned turn = 0; turn < 10000; turn++) {
		begin(f);
		for (unsigned i = 0; i < 20; i++)
			put_row(f, turn * 20 + i, turn);
		int error = store_commit(f->store);
		if (error != ERR_NONE) {
			assert_int_equal(error, expected);
			return turn;
		}
	}
	fail_msg("it never became full");
	return 0;
}

static void a_full_map_refuses_and_recovers(void **state)
{
	struct fixture *f = *state;
	char key[32];

	f->options.map_bytes = f->options.map_bytes_max = 1 << 20;
	if (f->memory)
		store_disk_limit(f->disk, 1 << 20, ERR_STORE_FULL);
	fixture_reopen(f);
	unsigned turns = fill(f, ERR_STORE_FULL);
	assert_true(turns > 10);
	assert_rows(f, turns * 20, 20);
	for (unsigned i = 0; i < 2000; i++) { /* until there is no page left for anything */
		begin(f);
		put_row(f, 500000 + i, 0);
		if (store_commit(f->store) != ERR_NONE)
			break;
	}
	for (int i = 0; i < 5; i++) { /* adding stays refused */
		begin(f);
		put_row(f, 900000, 0);
		assert_int_equal(store_commit(f->store), ERR_STORE_FULL);
	}
	for (unsigned from = 0; from < turns * 20; from += 50) { /* deleting is not */
		begin(f);
		for (unsigned i = from; i < from + 50; i++) {
			snprintf(key, sizeof(key), "row-%06u", i);
			store_del(f->store, STOCK, word(key));
		}
		commit(f);
	}
	begin(f);
	for (unsigned i = 0; i < 200; i++)
		put_row(f, i, i / 50);
	commit(f);
	assert_rows(f, 200, 50);
	if (f->memory)
		store_disk_limit(f->disk, 0, ERR_NONE);
	else
		f->options.map_bytes_max = 16 << 20; /* what an operator does */
	fixture_reopen(f);
	assert_rows(f, 200, 50);
	begin(f);
	for (unsigned i = 0; i < 2000; i++)
		put_row(f, i, i / 50);
	commit(f);
	assert_rows(f, 2000, 50);
}

static void eat(const char *folder, bool give_back)
{
	char path[256], block[4096] = {0};

	snprintf(path, sizeof(path), "%s/eaten", folder);
	if (give_back) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 512; i++) /* 2 MiB */
		assert_int_equal(fwrite(block, sizeof(block), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static void a_full_disk_refuses_and_recovers(void **state)
{
	struct fixture *f = *state;
	char folder[160];

	store_close(&f->store);
	snprintf(folder, sizeof(folder), "%s", f->path);
	if (mount("tmpfs", folder, "tmpfs", 0, "size=4m") != 0) {
		print_message("skipped: no file system of 4 MiB can be mounted here: %s\n", strerror(errno));
		skip();
	}
	strcat(f->path, "/s");
	f->options.path = f->path;
	fixture_open(f);
	assert_true(store_disk_low(f->store, 8 << 20));
	assert_false(store_disk_low(f->store, 1 << 20));
	eat(folder, false);
	unsigned turns = fill(f, ERR_DISK_FULL);
	assert_true(turns > 10);
	assert_rows(f, turns * 20, 20);
	for (int i = 0; i < 20; i++) { /* it stays so, and nothing breaks by it */
		begin(f);
		for (unsigned row = 0; row < 100; row++)
			put_row(f, 700000 + row, 0);
		assert_int_equal(store_commit(f->store), ERR_DISK_FULL);
	}
	assert_rows(f, turns * 20, 20);
	eat(folder, true);
	for (unsigned turn = turns; turn < turns + 20; turn++) {
		begin(f);
		for (unsigned i = 0; i < 20; i++)
			put_row(f, turn * 20 + i, turn);
		commit(f);
	}
	assert_rows(f, (turns + 20) * 20, 20);
	fixture_reopen(f);
	assert_rows(f, (turns + 20) * 20, 20);
	store_close(&f->store);
	assert_int_equal(umount(folder), 0);
	f->path[strlen(f->path) - 2] = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(growth_under_load_loses_nothing),
		ON_DISK(growth_is_not_starved_by_views),
		ON_DISK(growth_waits_for_views_but_not_for_ever),
		ON_BOTH(a_full_map_refuses_and_recovers),
		ON_DISK(a_full_disk_refuses_and_recovers),
	};

	return cmocka_run_group_tests_name("store_full", tests, NULL, NULL);
}
