/* test_store_kept.c -- what of a turn outlives it in memory: entries that were asked for, rows of tables that are no archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

/* The memory of the entries is the caller's, whatever becomes of the turn; the next turn begins in memory of its own. */
static void what_was_appended_can_be_kept(void **state)
{
	struct fixture *f = *state;
	struct appended first, second;

	begin(f);
	assert_false(store_give_appended(f->store, JOURNAL, &first));
	store_append(f->store, JOURNAL, 7, word("seven"));
	store_append(f->store, JOURNAL, 8, word(""));
	assert_true(store_give_appended(f->store, JOURNAL, &first));
	commit(f);
	begin(f);
	store_append(f->store, JOURNAL, 9, word("void"));
	assert_true(store_give_appended(f->store, JOURNAL, &second));
	store_abort(f->store);
	begin(f);
	assert_word(store_log_get(f->store, JOURNAL, 7), "seven");
	store_append(f->store, JOURNAL, 9, word("nine"));
	commit(f);
	assert_int_equal(first.count, 2);
	assert_int_equal(first.first, 7);
	assert_word(appended_value(&first, 0), "seven");
	assert_word(appended_value(&first, 1), "");
	assert_int_equal(second.first, 9);
	assert_word(appended_value(&second, 0), "void");
	free(first.bytes);
	free(first.places);
	free(second.bytes);
	free(second.places);
	fixture_reopen(f);
	begin(f);
	assert_word(store_log_get(f->store, JOURNAL, 8), "");
	assert_word(store_log_get(f->store, JOURNAL, 9), "nine");
	store_abort(f->store);
}

static void an_archive_leaves_the_cache_with_its_turn(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;

	begin(f);
	put(f, STOCK, "a", "1");
	put(f, PLACES, "a", "2");
	assert_word(store_get(f->store, PLACES, word("a")), "2");
	commit(f);
	store_usage(f->store, &usage);
	assert_int_equal(usage.cache_rows, 1);
	begin(f);
	assert_word(store_get(f->store, PLACES, word("a")), "2");
	store_abort(f->store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {ON_BOTH(what_was_appended_can_be_kept),
					   ON_BOTH(an_archive_leaves_the_cache_with_its_turn)};

	return cmocka_run_group_tests_name("store_kept", tests, NULL, NULL);
}
