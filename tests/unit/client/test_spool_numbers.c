/*
 * test_spool_numbers.c -- goal: other numbers never lose, double or reorder what waits, whatever fails in
 * between. Method: a spool without a client; commits that fail because this program says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/units.h"
#include "client/spool.h"
#include "spools.h"

#define T1 TEXT_LITERAL("OUT-001/T1")
#define T2 TEXT_LITERAL("OUT-001/T2")

static struct spool_source *t1(struct spools *s)
{
	return spool_find(&s->spool, T1);
}

/* Five of T1, of which two are acknowledged, with T2 in between. */
static void fill(struct spools *s)
{
	const char *const receipts[] = {"a", "b", "c", "d", "e"};

	for (int i = 0; i < 5; i++) {
		spools_put(s, T1, receipts[i]);
		spools_put(s, T2, receipts[i]);
	}
	spool_ack(&s->spool, t1(s), 2);
	spool_ack(&s->spool, spool_find(&s->spool, T2), 3);
}

static void test_what_waits_is_numbered_anew_in_its_place(void **state)
{
	struct spools *s = *state;

	fill(s);
	uint64_t later = t1(s)->epoch + 1000;
	t1(s)->fenced = true;
	t1(s)->held_until_us = 5;
	assert_int_equal(spool_renumber(&s->spool, t1(s), later), ERR_NONE);
	assert_int_equal(t1(s)->epoch, later);
	spools_assert(s, "T1#1=c T1#2=d T2#4=d T1#3=e T2#5=e");
	assert_int_equal(s->spool.waiting, 5);
	spool_trim(&s->spool);
	spools_reopen(s);
	spools_assert(s, "T1#1=c T1#2=d T2#4=d T1#3=e T2#5=e");
	assert_int_equal(t1(s)->epoch, later);
	assert_int_equal(spools_put(s, T1, "f"), 4);
}

static void test_nothing_waits_and_a_new_epoch_begins_at_one(void **state)
{
	struct spools *s = *state;

	spools_put(s, T1, "a");
	spool_ack(&s->spool, t1(s), 1);
	assert_int_equal(spool_renumber(&s->spool, t1(s), t1(s)->epoch + 1), ERR_NONE);
	spools_assert(s, "");
	assert_int_equal(spools_put(s, T1, "b"), 1);
	spools_assert(s, "T1#1=b");
}

static void test_renumbering_that_fails_leaves_the_old_numbers(void **state)
{
	struct spools *s = *state;

	fill(s);
	spool_trim(&s->spool);
	uint64_t epoch = t1(s)->epoch;
	spools_fail_commit(ENOSPC);
	assert_int_equal(spool_renumber(&s->spool, t1(s), epoch + 1), ERR_DISK_FULL);
	assert_int_equal(t1(s)->epoch, epoch);
	spools_assert(s, "T1#3=c T1#4=d T2#4=d T1#5=e T2#5=e");
	spool_trim(&s->spool); /* takes nothing that waits */
	spools_reopen(s);
	spools_assert(s, "T1#3=c T1#4=d T2#4=d T1#5=e T2#5=e");
	assert_int_equal(spool_begin(&s->spool), ERR_NONE);
	assert_int_equal(spool_renumber(&s->spool, t1(s), epoch + 1), ERR_USAGE); /* within a turn */
	assert_int_equal(spool_end(&s->spool), ERR_NONE);
	spools_assert(s, "T1#3=c T1#4=d T2#4=d T1#5=e T2#5=e");
}

static void test_a_numbering_is_taken_over(void **state)
{
	struct spools *s = *state;

	assert_int_equal(spool_number(&s->spool, T1, 5, 41), ERR_NONE);
	assert_int_equal(spools_put(s, T1, "a"), 42);
	assert_int_equal(spool_number(&s->spool, T1, 5, 42), ERR_NONE); /* it stands there */
	assert_int_equal(spool_number(&s->spool, T1, 5, 50), ERR_USAGE);
	assert_int_equal(spool_number(&s->spool, T1, 6, 42), ERR_USAGE);
	spools_assert(s, "T1#42=a");
	spool_ack(&s->spool, t1(s), 42);
	assert_int_equal(spool_number(&s->spool, T1, 6, 7), ERR_NONE);
	spools_assert(s, "");
	assert_int_equal(spools_put(s, T1, "b"), 8);
	spools_reopen(s);
	spools_assert(s, "T1#8=b");
	assert_int_equal(t1(s)->epoch, 6);
}

/* A door may say any number, and a damaged disk: behind the last one nothing is put that could not be read again. */
static void test_numbers_that_are_over_begin_anew(void **state)
{
	struct spools *s = *state;
	uint64_t seq = 0;

	assert_int_equal(spool_number(&s->spool, T1, 5, NUMBER_MAX - 1), ERR_NONE);
	assert_int_equal(spools_put(s, T1, "a"), NUMBER_MAX);
	assert_int_equal(spools_try(s, T1, "b", &seq), ERR_OUT_OF_RANGE);
	assert_int_equal(spool_renumber(&s->spool, t1(s), 6), ERR_NONE);
	assert_int_equal(spools_put(s, T1, "b"), 2);
	spools_assert(s, "T1#1=a T1#2=b");
}

/* Rows that were acknowledged and are still on the disk do not come back when the numbering goes back. */
static void test_going_back_wakes_no_old_rows(void **state)
{
	struct spools *s = *state;

	assert_int_equal(spool_number(&s->spool, T1, 5, 0), ERR_NONE);
	for (int i = 0; i < 5; i++)
		spools_put(s, T1, "old");
	spools_put(s, T2, "other");
	spool_ack(&s->spool, t1(s), 5);
	assert_int_equal(spool_number(&s->spool, T1, 5, 1), ERR_NONE);
	spools_assert(s, "T2#1=other");
	assert_int_equal(spools_put(s, T1, "again"), 2);
	spools_assert(s, "T2#1=other T1#2=again");
	spools_reopen(s);
	spools_assert(s, "T2#1=other T1#2=again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SPOOLS_DISK(test_what_waits_is_numbered_anew_in_its_place),
	    SPOOLS_BOTH(test_nothing_waits_and_a_new_epoch_begins_at_one),
	    SPOOLS_DISK(test_renumbering_that_fails_leaves_the_old_numbers),
	    SPOOLS_DISK(test_a_numbering_is_taken_over),
	    SPOOLS_DISK(test_going_back_wakes_no_old_rows),
	    SPOOLS_BOTH(test_numbers_that_are_over_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
