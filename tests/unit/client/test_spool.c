/*
 * test_spool.c -- goal: what was put is on the disk, in order, until it is acknowledged; a commit that fails
 * leaves nothing behind. Method: a spool without a client; commits that fail because this program says so.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "client/spool.h"
#include "events/terminals.h"
#include "spools.h"

#define T1 TEXT_LITERAL("OUT-001/T1")
#define T2 TEXT_LITERAL("OUT-001/T2")

static void test_what_was_put_is_there_after_a_restart(void **state)
{
	struct spools *s = *state;

	assert_int_equal(spools_put(s, T1, "a"), 1);
	assert_int_equal(spools_put(s, T2, "b"), 1);
	assert_int_equal(spools_put(s, T1, "c"), 2);
	uint64_t epoch = spool_find(&s->spool, T1)->epoch;
	spools_reopen(s);
	spools_assert(s, "T1#1=a T2#1=b T1#2=c");
	assert_int_equal(spool_find(&s->spool, T1)->epoch, epoch);
	assert_int_equal(s->spool.waiting, 3);
	assert_int_equal(spools_put(s, T1, "d"), 3);
}

static void test_what_is_acknowledged_is_not_given_again(void **state)
{
	struct spools *s = *state;

	for (int i = 0; i < 3; i++) {
		spools_put(s, T1, "a");
		spools_put(s, T2, "b");
	}
	spool_ack(&s->spool, spool_find(&s->spool, T1), 2);
	spools_assert(s, "T2#1=b T2#2=b T1#3=a T2#3=b");
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1); /* an old one says nothing */
	assert_int_equal(s->spool.waiting, 4);
	spool_ack(&s->spool, spool_find(&s->spool, T2), 99); /* more than there is: what there is */
	spools_assert(s, "T1#3=a");
	spool_trim(&s->spool);
	spools_reopen(s);
	spools_assert(s, "T1#3=a");
	assert_int_equal(spool_find(&s->spool, T2)->last, 3);
}

static void test_trimming_empties_the_disk_and_keeps_the_numbers(void **state)
{
	struct spools *s = *state;

	for (int i = 0; i < 100; i++)
		spools_put(s, T1, "a");
	spool_ack(&s->spool, spool_find(&s->spool, T1), 100);
	assert_int_equal(s->spool.acked_rows, 100);
	spool_trim(&s->spool);
	assert_int_equal(s->spool.acked_rows, 0);
	assert_int_equal(spools_rows(s), 0);
	spools_reopen(s);
	assert_int_equal(spools_put(s, T1, "b"), 101);
	spools_assert(s, "T1#101=b");
}

static void test_what_was_sent_stays_until_it_is_acknowledged(void **state)
{
	struct spools *s = *state;

	for (int i = 0; i < 3; i++)
		spools_put(s, T1, "a");
	spool_find(&s->spool, T1)->sent = 3;
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1);
	spool_trim(&s->spool);
	spools_assert(s, "T1#2=a T1#3=a");
	spools_put(s, T2, "b");
	spool_ack(&s->spool, spool_find(&s->spool, T2), 1);
	spool_trim(&s->spool); /* it stands behind what waits, and goes later */
	spools_reopen(s);
	spools_assert(s, "T1#2=a T1#3=a");
}

/* What is held back stays, and does not keep what is behind it on the disk. */
static void test_what_is_held_back_does_not_stop_the_trim(void **state)
{
	struct spools *s = *state;

	spools_put(s, T1, "held");
	for (int i = 0; i < 10; i++)
		spools_put(s, T2, "b");
	spool_find(&s->spool, T1)->fenced = true;
	spools_assert(s, "T2#1=b T2#2=b T2#3=b T2#4=b T2#5=b T2#6=b T2#7=b T2#8=b T2#9=b T2#10=b");
	spool_ack(&s->spool, spool_find(&s->spool, T2), 10);
	spool_trim(&s->spool);
	assert_int_equal(spools_rows(s), 1);
	spool_find(&s->spool, T1)->fenced = false;
	spools_assert(s, "T1#1=held");
}

static void test_acknowledged_rows_of_an_earlier_life_are_removed(void **state)
{
	struct spools *s = *state;

	spools_put(s, T1, "a");
	spools_put(s, T2, "b");
	spool_ack(&s->spool, spool_find(&s->spool, T2), 1);
	spool_trim(&s->spool); /* T1's row is in front: T2's stays, but that it is acknowledged is on disk */
	assert_int_equal(spools_rows(s), 2);
	spools_reopen(s);
	spools_assert(s, "T1#1=a");
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1);
	spool_trim(&s->spool);
	assert_int_equal(spools_rows(s), 0);
}

static void test_a_full_spool_refuses_and_takes_again(void **state)
{
	struct spools *s = *state;
	uint64_t seq;

	s->spool.events_max = 3;
	for (int i = 0; i < 3; i++)
		spools_put(s, T1, "a");
	assert_int_equal(spools_try(s, T1, "b", &seq), ERR_STORE_FULL);
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1);
	assert_int_equal(spools_put(s, T1, "b"), 4);
}

static void test_what_is_no_event_is_refused_and_uses_no_number(void **state)
{
	struct spools *s = *state;
	struct text no_utf8 = {"OUT-\xff", 5}, endless = {"x", 0};
	char name[SOURCE_TEXT_MAX + 2] = {0};
	uint64_t seq;

	memset(name, 'n', SOURCE_TEXT_MAX + 1);
	assert_int_equal(spools_try(s, no_utf8, "a", &seq), ERR_NOT_UTF8);
	assert_int_equal(spools_try(s, endless, "a", &seq), ERR_OUT_OF_RANGE);
	assert_int_equal(spools_try(s, text_of(name), "a", &seq), ERR_OUT_OF_RANGE);
	assert_int_equal(spools_try(s, T1, "a receipt that is longer than the forty bytes", &seq),
			 ERR_TOO_LARGE);
	assert_int_equal(spools_rows(s), 0);
	name[SOURCE_TEXT_MAX] = 0;
	assert_int_equal(spools_put(s, text_of(name), "a"), 1);
	assert_int_equal(spools_put(s, T1, "a"), 1);
}

static void test_many_in_one_commit(void **state)
{
	struct spools *s = *state;
	struct store_usage before, after;

	store_usage(s->spool.store, &before);
	assert_int_equal(spool_begin(&s->spool), ERR_NONE);
	for (int i = 0; i < 500; i++)
		spools_put(s, T1, "a");
	assert_int_equal(spool_end(&s->spool), ERR_NONE);
	store_usage(s->spool.store, &after);
	assert_int_equal(after.commits, before.commits + 1);
	assert_int_equal(s->spool.waiting, 500);
}

static void test_a_failed_commit_takes_its_numbers_back(void **state)
{
	struct spools *s = *state;
	uint64_t seq;

	spools_put(s, T1, "a");
	spools_put(s, T1, "b");
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1);
	spools_fail_commit(ENOSPC);
	assert_int_equal(spools_try(s, T1, "lost", &seq), ERR_DISK_FULL);
	assert_true(s->spool.reloaded);
	assert_int_equal(s->spool.waiting, 1);
	spools_assert(s, "T1#2=b"); /* and what was acknowledged stays so */
	assert_int_equal(spools_put(s, T1, "c"), 3);

	assert_int_equal(spool_begin(&s->spool), ERR_NONE);
	spools_put(s, T1, "lost");
	spools_put(s, TEXT_LITERAL("OUT-003/T9"), "lost");
	assert_int_equal(spool_confirm(&s->spool, 7, 8), ERR_NONE);
	spools_fail_commit(ENOSPC);
	assert_int_equal(spool_end(&s->spool), ERR_DISK_FULL);
	assert_int_equal(s->spool.heard, 0);
	assert_int_equal(spools_put(s, TEXT_LITERAL("OUT-003/T9"), "first"), 1);
	spools_reopen(s);
	assert_int_equal(spools_put(s, T1, "d"), 4);
	assert_int_equal(s->spool.waiting, 4);
}

/* A trim that fails is tried again, and nothing is forgotten meanwhile. */
static void test_a_failed_trim_does_no_harm(void **state)
{
	struct spools *s = *state;

	spools_put(s, T1, "a");
	spools_put(s, T1, "b");
	spool_ack(&s->spool, spool_find(&s->spool, T1), 1);
	spools_fail_commit(ENOSPC);
	spool_trim(&s->spool);
	assert_int_equal(spools_rows(s), 2);
	assert_int_equal(s->spool.acked_rows, 1);
	spools_assert(s, "T1#2=b");
	spool_trim(&s->spool);
	assert_int_equal(spools_rows(s), 1);
}

static void test_how_far_a_feed_is_dealt_with_is_kept(void **state)
{
	struct spools *s = *state;

	assert_int_equal(s->spool.heard_epoch, 0);
	assert_int_equal(spool_confirm(&s->spool, 7, 41), ERR_NONE);
	assert_int_equal(spool_begin(&s->spool), ERR_NONE);
	assert_int_equal(spool_confirm(&s->spool, 7, 42), ERR_NONE);
	assert_int_equal(spool_end(&s->spool), ERR_NONE);
	spools_reopen(s);
	assert_int_equal(s->spool.heard_epoch, 7);
	assert_int_equal(s->spool.heard, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SPOOLS_BOTH(test_what_is_no_event_is_refused_and_uses_no_number),
	    SPOOLS_BOTH(test_a_full_spool_refuses_and_takes_again),
	    SPOOLS_DISK(test_what_was_sent_stays_until_it_is_acknowledged),
	    SPOOLS_BOTH(test_what_is_held_back_does_not_stop_the_trim),
	    SPOOLS_DISK(test_what_was_put_is_there_after_a_restart),
	    SPOOLS_DISK(test_what_is_acknowledged_is_not_given_again),
	    SPOOLS_DISK(test_trimming_empties_the_disk_and_keeps_the_numbers),
	    SPOOLS_DISK(test_acknowledged_rows_of_an_earlier_life_are_removed),
	    SPOOLS_DISK(test_many_in_one_commit),
	    SPOOLS_DISK(test_a_failed_commit_takes_its_numbers_back),
	    SPOOLS_DISK(test_a_failed_trim_does_no_harm),
	    SPOOLS_DISK(test_how_far_a_feed_is_dealt_with_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
