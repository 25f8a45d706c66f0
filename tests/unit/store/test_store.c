/* test_store.c -- what a store promises, over LMDB and over its twin in memory. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

static void a_new_store_is_empty(void **state)
{
	struct fixture *f = *state;
	struct view view;
	struct bytes found;
	uint64_t number = 7;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), NULL);
	assert_word(view_seek(&view, STOCK, bytes_of(NULL, 0), &found), NULL);
	assert_null(found.data);
	assert_word(view_log_last(&view, JOURNAL, &number), NULL);
	assert_int_equal(number, 0);
	assert_word(view_log_seek(&view, JOURNAL, 1, &number), NULL);
	assert_int_equal(number, 0);
	assert_int_equal(view.failure, ERR_NONE);
	view_close(&view);
}

static void a_turn_sees_itself_and_views_see_the_last_commit(void **state)
{
	struct fixture *f = *state;
	struct view view;

	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), NULL);
	put(f, STOCK, "a", "1");
	assert_word(store_get(f->store, STOCK, word("a")), "1");
	assert_word(store_get(f->store, PLACES, word("a")), NULL);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), NULL);
	view_close(&view);
	commit(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), "1");
	view_close(&view);
	begin(f);
	store_del(f->store, STOCK, word("a"));
	assert_word(store_get(f->store, STOCK, word("a")), NULL);
	commit(f);
	fixture_reopen(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), NULL);
	store_abort(f->store);
}

static void an_empty_value_is_a_value(void **state)
{
	struct fixture *f = *state;

	begin(f);
	put(f, STOCK, "zero", "");
	store_put(f->store, STOCK, word("null"), bytes_of(NULL, 0));
	assert_word(store_get(f->store, STOCK, word("zero")), "");
	assert_word(store_get(f->store, STOCK, word("null")), "");
	commit(f);
	fixture_reopen(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("zero")), "");
	assert_word(store_get(f->store, STOCK, word("null")), "");
	store_abort(f->store);
}

static void lent_values_are_aligned_and_may_be_put_back(void **state)
{
	struct fixture *f = *state;
	char large[5000];

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = 0;
	begin(f);
	put(f, STOCK, "row", "0123456789");
	struct bytes value = store_get(f->store, STOCK, word("row"));
	assert_int_equal((uintptr_t)value.data % 8, 0);
	store_put(f->store, STOCK, word("row"), bytes_of(value.data + 3, 4)); /* a part of itself */
	assert_word(store_get(f->store, STOCK, word("row")), "3456");
	put(f, STOCK, "row", large); /* outgrows its place */
	assert_word(store_get(f->store, STOCK, word("row")), large);
	assert_int_equal((uintptr_t)store_get(f->store, STOCK, word("row")).data % 8, 0);
	put(f, STOCK, "row", "small");
	commit(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("row")), "small");
	store_abort(f->store);
}

static void an_aborted_turn_has_not_been(void **state)
{
	struct fixture *f = *state;

	begin(f);
	put(f, STOCK, "a", "1");
	put(f, STOCK, "b", "1");
	store_append(f->store, JOURNAL, 1, word("one"));
	commit(f);
	begin(f);
	put(f, STOCK, "a", "2");
	store_del(f->store, STOCK, word("b"));
	put(f, STOCK, "c", "2");
	store_append(f->store, JOURNAL, 2, word("two"));
	store_abort(f->store);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "1");
	assert_word(store_get(f->store, STOCK, word("b")), "1");
	assert_word(store_get(f->store, STOCK, word("c")), NULL);
	assert_word(store_log_get(f->store, JOURNAL, 2), NULL);
	store_append(f->store, JOURNAL, 2, word("again")); /* the number is free again */
	commit(f);
	store_abort(f->store); /* no turn: harmless */
}

static void closing_in_a_turn_is_a_crash(void **state)
{
	struct fixture *f = *state;

	begin(f);
	put(f, STOCK, "a", "1");
	commit(f);
	begin(f);
	put(f, STOCK, "a", "2");
	fixture_reopen(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "1");
	store_abort(f->store);
}

static void logs_keep_order_and_content(void **state)
{
	struct fixture *f = *state;
	struct view view;
	uint64_t number;

	begin(f);
	store_append(f->store, JOURNAL, 3, word("three"));
	store_append(f->store, JOURNAL, 4, word(""));
	store_append(f->store, INTAKE, 1, word("other"));
	assert_word(store_log_get(f->store, JOURNAL, 3), "three");
	assert_word(store_log_get(f->store, JOURNAL, 5), NULL);
	commit(f);
	begin(f);
	store_append(f->store, JOURNAL, 900, word("late"));
	assert_word(store_log_get(f->store, JOURNAL, 899), NULL);
	assert_word(store_log_get(f->store, JOURNAL, 901), NULL);
	assert_word(store_log_get(f->store, JOURNAL, 3), "three");
	assert_word(store_log_get(f->store, JOURNAL, 4), "");
	assert_word(store_log_get(f->store, JOURNAL, 2), NULL);
	assert_word(store_log_get(f->store, JOURNAL, 900), "late");
	commit(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_log_seek(&view, JOURNAL, 0, &number), "three");
	assert_int_equal(number, 3);
	assert_word(view_log_next(&view, JOURNAL, &number), "");
	assert_int_equal(number, 4);
	assert_word(view_log_next(&view, JOURNAL, &number), "late");
	assert_int_equal(number, 900);
	assert_word(view_log_next(&view, JOURNAL, &number), NULL);
	assert_int_equal(number, 0);
	assert_word(view_log_seek(&view, JOURNAL, 5, &number), "late");
	assert_word(view_log_last(&view, INTAKE, &number), "other");
	assert_int_equal(number, 1);
	view_close(&view);
}

/* An exceptional turn takes room, gives it back, and the next one is as any other. */
static void a_turn_of_many_mebibytes_is_one_turn(void **state)
{
	static uint8_t large[STORE_VALUE_MAX];
	struct fixture *f = *state;

	begin(f);
	for (uint64_t number = 1; number <= 20; number++) {
		memset(large, (int)number, sizeof(large));
		store_append(f->store, JOURNAL, number, bytes_of(large, sizeof(large)));
	}
	commit(f);
	for (uint64_t number = 21; number <= 22; number++) {
		begin(f);
		store_append(f->store, JOURNAL, number, word("small"));
		assert_word(store_log_get(f->store, JOURNAL, number), "small");
		struct bytes told = store_log_get(f->store, JOURNAL, number - 18);
		assert_int_equal(told.size, sizeof(large));
		assert_int_equal(told.data[0], number - 18);
		assert_int_equal(told.data[told.size - 1], number - 18);
		commit(f);
	}
}

/* Runs wrong(f) in a child and says whether it was stopped by abort. */
static bool is_stopped(struct fixture *f, void (*wrong)(struct fixture *f))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)!freopen("/dev/null", "w", stderr);
		signal(SIGABRT, SIG_DFL);
		wrong(f);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void right_order(struct fixture *f)
{
	store_append(f->store, JOURNAL, 11, word("x"));
}

static void same_number(struct fixture *f)
{
	store_append(f->store, JOURNAL, 10, word("x"));
}

static void smaller_number_in_the_turn(struct fixture *f)
{
	store_append(f->store, JOURNAL, 20, word("x"));
	store_append(f->store, JOURNAL, 19, word("x"));
}

static void put_into_a_log(struct fixture *f)
{
	put(f, JOURNAL, "a", "b");
}

static void append_to_rows(struct fixture *f)
{
	store_append(f->store, STOCK, 11, word("x"));
}

static void empty_key(struct fixture *f)
{
	put(f, STOCK, "", "b");
}

static void bugs_of_the_caller_stop_the_process(void **state)
{
	struct fixture *f = *state;

	begin(f);
	store_append(f->store, JOURNAL, 10, word("ten"));
	commit(f);
	begin(f);
	assert_false(is_stopped(f, right_order));
	assert_true(is_stopped(f, same_number));
	assert_true(is_stopped(f, smaller_number_in_the_turn));
	assert_true(is_stopped(f, put_into_a_log));
	assert_true(is_stopped(f, append_to_rows));
	assert_true(is_stopped(f, empty_key));
	store_abort(f->store);
}

static void assert_seek(struct fixture *f, const char *from, const char *key, const char *value)
{
	struct bytes found, got = store_seek(f->store, STOCK, word(from), &found);

	assert_word(found, key);
	assert_word(got, value);
}

static void seek_sees_the_turn(void **state)
{
	struct fixture *f = *state;

	begin(f);
	put(f, STOCK, "b", "1");
	put(f, STOCK, "d", "1");
	put(f, STOCK, "f", "1");
	put(f, PLACES, "e", "of another table");
	assert_seek(f, "", "b", "1");
	commit(f);
	begin(f);
	put(f, STOCK, "a", "2");
	put(f, STOCK, "c", "2");
	put(f, STOCK, "d", "2");
	store_del(f->store, STOCK, word("b"));
	store_del(f->store, STOCK, word("f"));
	store_del(f->store, STOCK, word("ab")); /* was never there */
	assert_seek(f, "", "a", "2");
	assert_seek(f, "aa", "c", "2");
	assert_seek(f, "c", "c", "2");
	assert_seek(f, "cc", "d", "2");
	assert_seek(f, "d", "d", "2");
	assert_seek(f, "da", NULL, NULL);
	put(f, STOCK, "f", "3");
	assert_seek(f, "da", "f", "3");
	commit(f);
	begin(f);
	assert_seek(f, "b", "c", "2");
	assert_seek(f, "e", "f", "3");
	store_abort(f->store);
}

static void views_walk_and_stay_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct view early;
	struct bytes found;

	begin(f);
	put(f, STOCK, "a", "1");
	put(f, STOCK, "b", "1");
	commit(f);
	assert_int_equal(view_open(&early, f->store), ERR_NONE);
	uint64_t before = view_state_hash(&early);
	for (int i = 0; i < 300; i++) { /* a view that is open for long costs space, and nothing else */
		begin(f);
		put(f, STOCK, "a", "2");
		store_del(f->store, STOCK, word(i % 2 == 0 ? "b" : "c"));
		put(f, STOCK, i % 2 == 0 ? "c" : "b", "2");
		commit(f);
	}
	assert_word(view_seek(&early, STOCK, bytes_of(NULL, 0), &found), "1");
	assert_word(found, "a");
	assert_word(view_next(&early, STOCK, &found), "1");
	assert_word(found, "b");
	assert_word(view_next(&early, STOCK, &found), NULL);
	assert_null(found.data);
	assert_true(view_state_hash(&early) == before);
	view_close(&early);
	assert_int_equal(view_open(&early, f->store), ERR_NONE);
	assert_word(view_get(&early, STOCK, word("a")), "2");
	assert_true(view_state_hash(&early) != before);
	view_close(&early);
	view_close(&early); /* twice is harmless */
}

static uint64_t hash_now(struct fixture *f)
{
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	uint64_t hash = view_state_hash(&view);
	view_close(&view);
	return hash;
}

static void the_state_hash_is_of_the_state(void **state)
{
	struct fixture *f = *state, other;
	char key[16];

	fixture_make(&other, !f->memory); /* the other kind, filled from the other end, in many turns */
	fixture_open(&other);
	begin(f);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		put(f, STOCK, key, key);
		begin(&other);
		snprintf(key, sizeof(key), "k%d", 99 - i);
		put(&other, STOCK, key, "first");
		commit(&other);
		begin(&other);
		put(&other, STOCK, key, key);
		store_append(other.store, JOURNAL, (uint64_t)i + 1, word("logs do not count"));
		put(&other, BOOKS, key, "nor do private tables");
		commit(&other);
	}
	commit(f);
	assert_true(hash_now(f) == hash_now(&other));
	begin(&other);
	put(&other, STOCK, "k7", "k8");
	commit(&other);
	assert_true(hash_now(f) != hash_now(&other));
	begin(&other);
	put(&other, STOCK, "k7", "k7");
	put(&other, PLACES, "k7", "");
	commit(&other);
	assert_true(hash_now(f) != hash_now(&other));
	begin(f);
	put(f, PLACES, "k7", "");
	commit(f);
	assert_true(hash_now(f) == hash_now(&other));
	fixture_clear(&other);
}

/* Rows that are told apart only by where one part ends and the next begins. */
static void the_state_hash_knows_borders(void **state)
{
	struct fixture *f = *state;

	begin(f);
	put(f, STOCK, "ab", "c");
	commit(f);
	uint64_t first = hash_now(f);
	begin(f);
	store_del(f->store, STOCK, word("ab"));
	put(f, STOCK, "a", "bc");
	commit(f);
	uint64_t second = hash_now(f);
	begin(f);
	store_del(f->store, STOCK, word("a"));
	put(f, PLACES, "a", "bc");
	commit(f);
	assert_true(first != second && second != hash_now(f) && first != hash_now(f));
}

static void a_store_is_open_once(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL;
	struct store_options options = f->options;

	assert_int_equal(store_open(&second, &options, fixture_tables, TABLES), ERR_STORE_BUSY);
	assert_null(second);
	options.read_only = true;
	assert_int_equal(store_open(&second, &options, fixture_tables, TABLES), ERR_STORE_BUSY);
	begin(f); /* the first one has not suffered */
	put(f, STOCK, "a", "1");
	commit(f);
	store_close(&f->store);
	assert_int_equal(store_open(&second, &options, fixture_tables, TABLES), ERR_NONE);
	struct view view;
	assert_int_equal(view_open(&view, second), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), "1");
	view_close(&view);
	store_close(&second);
	store_close(&second); /* NULL is harmless */
	fixture_open(f);
}

static void other_tables_are_left_alone(void **state)
{
	static const struct table newer[] = {{"places", TABLE_ROWS, ""}, {"added", TABLE_ROWS, ""}};
	struct fixture *f = *state;
	struct view view;

	begin(f);
	put(f, STOCK, "a", "1");
	put(f, PLACES, "p", "2");
	commit(f);
	store_close(&f->store);
	f->options.read_only = true; /* a tool that knows a table which is not there yet */
	assert_int_equal(store_open(&f->store, &f->options, newer, 2), ERR_NONE);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, 0, word("p")), "2");
	assert_word(view_get(&view, 1, word("p")), NULL);
	struct bytes found;
	assert_word(view_seek(&view, 1, word("p"), &found), NULL);
	assert_int_equal(view.failure, ERR_NONE);
	view_close(&view);
	store_close(&f->store);
	f->options.read_only = false;
	assert_int_equal(store_open(&f->store, &f->options, newer, 2), ERR_NONE);
	begin(f);
	put(f, 1, "x", "3");
	commit(f);
	fixture_reopen(f);
	begin(f);
	assert_word(store_get(f->store, STOCK, word("a")), "1");
	assert_word(store_get(f->store, PLACES, word("p")), "2");
	store_abort(f->store);
}

static void a_tool_finds_no_store_where_there_is_none(void **state)
{
	struct fixture fresh;

	(void)state;
	for (int kind = 0; kind < 3; kind++) { /* on disk, in memory, in memory that dies with the store */
		fixture_make(&fresh, kind > 0);
		fresh.options.read_only = true;
		if (kind == 2)
			fresh.options.disk = NULL;
		int error = store_open(&fresh.store, &fresh.options, fixture_tables, TABLES);
		assert_int_equal(error, ERR_NOT_FOUND);
		assert_null(fresh.store);
		fixture_clear(&fresh);
	}
}

static void the_cache_is_bounded_and_right(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;
	char key[16], value[64];

	f->options.cache_bytes = 20000;
	fixture_reopen(f);
	for (int turn = 0; turn < 20; turn++) {
		begin(f);
		for (int i = 0; i < 100; i++) {
			snprintf(key, sizeof(key), "key-%d", turn * 50 + i);
			snprintf(value, sizeof(value), "value %d of turn %d", i, turn);
			put(f, STOCK, key, value);
			assert_word(store_get(f->store, STOCK, word("key-3")),
				    turn == 0 && i < 3 ? NULL : "value 3 of turn 0");
		}
		commit(f);
		store_usage(f->store, &usage);
		assert_true(usage.cache_bytes <= 20000);
		assert_int_equal(usage.commits, turn + 1);
	}
	begin(f);
	for (int i = 0; i < 1000; i++) {
		int turn = i / 50 < 19 ? i / 50 : 19;

		snprintf(key, sizeof(key), "key-%d", i);
		snprintf(value, sizeof(value), "value %d of turn %d", i - turn * 50, turn);
		assert_word(store_get(f->store, STOCK, word(key)), value);
	}
	store_abort(f->store);
	store_usage(f->store, &usage);
	assert_true(usage.cache_rows >= 1000); /* an aborted turn forgets what it changed, not what it read */
}

static void figures_are_told(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	begin(f);
	put(f, STOCK, "a", "1");
	commit(f);
	store_usage(f->store, &usage);
	assert_int_equal(usage.commits, 1);
	assert_true(usage.used_bytes > 0 && usage.file_bytes > 0);
	assert_true(usage.commit_us_max >= usage.commit_us_last);
	assert_int_equal(usage.cache_rows, 1);
	assert_false(store_disk_low(f->store, 0));
	assert_int_equal(store_clear_stale_readers(f->store), 0);
	if (!f->memory) {
		assert_int_equal(usage.map_bytes, 16 << 20);
		assert_true(usage.commit_us_last > 0 && usage.readers >= 1);
		assert_true(store_disk_low(f->store, UINT64_MAX - 1));
		assert_false(store_disk_low(f->store, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_new_store_is_empty),
		ON_BOTH(a_turn_sees_itself_and_views_see_the_last_commit),
		ON_BOTH(an_empty_value_is_a_value),
		ON_BOTH(lent_values_are_aligned_and_may_be_put_back),
		ON_BOTH(an_aborted_turn_has_not_been),
		ON_BOTH(closing_in_a_turn_is_a_crash),
		ON_BOTH(logs_keep_order_and_content),
		ON_BOTH(a_turn_of_many_mebibytes_is_one_turn),
		ON_BOTH(bugs_of_the_caller_stop_the_process),
		ON_BOTH(seek_sees_the_turn),
		ON_BOTH(views_walk_and_stay_as_they_were),
		ON_BOTH(the_state_hash_is_of_the_state),
		ON_BOTH(the_state_hash_knows_borders),
		ON_BOTH(a_store_is_open_once),
		ON_BOTH(other_tables_are_left_alone),
		cmocka_unit_test(a_tool_finds_no_store_where_there_is_none),
		ON_BOTH(the_cache_is_bounded_and_right),
		ON_BOTH(figures_are_told),
	};

	int failed = cmocka_run_group_tests_name("store", tests, NULL, NULL);
	fixture_tables[STOCK].kind = TABLE_PACKED;
	return failed + cmocka_run_group_tests_name("store, in packs", tests, NULL, NULL);
}
