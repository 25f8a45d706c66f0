/*
 * Goal: the audit names every word about a reading that cannot be true, and none that can. Method: words as a service would say them, in
 * order, one of them wrong; what the audit finds is counted in place of being told. Rows are in unit/orders/test_backfill.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "backfill/backfill.h"

void __wrap_audit_wrong(struct audit *audit, const char *format, ...) __attribute__((format(printf, 2, 3)));

static unsigned found;

void __wrap_audit_wrong(struct audit *audit, const char *format, ...)
{
	(void)audit;
	(void)format;
	found++;
}

static void begin(struct backfill_journal *journal, const char *metric, int64_t version, uint64_t seq, int64_t through)
{
	backfill_audit_begun(journal, seq,
			     &(struct metric_replay_begun){.metric = text_of(metric),
							   .metric_version = version,
							   .event = TEXT_LITERAL("sale.recorded"),
							   .through = through});
}

/* What of a word for M is wrong, counted. */
static unsigned part(struct backfill_journal *journal, int64_t version, int64_t through, bool is_last)
{
	unsigned before = found;

	backfill_audit_part(journal, 99, &(struct metric_replayed){.metric = TEXT_LITERAL("M"),
								   .metric_version = version,
								   .through = through,
								   .has_done = is_last,
								   .done = is_last});
	return found - before;
}

static void test_a_reading_that_goes_forward_to_its_end_is_right(void **state)
{
	struct backfill_journal journal = {0};

	(void)state;
	found = 0;
	begin(&journal, "M", 1, 11, 10);
	assert_int_equal(part(&journal, 1, 4, false), 0);
	assert_int_equal(part(&journal, 1, 4, false), 0); /* the second thousand of the same tick */
	assert_int_equal(part(&journal, 1, 10, false), 0);
	assert_int_equal(part(&journal, 1, 10, true), 0);
	begin(&journal, "M", 2, 21, 20); /* changed, and changed again before it was read */
	begin(&journal, "M", 3, 31, 30);
	assert_int_equal(part(&journal, 3, 30, true), 0);
	assert_int_equal(found, 0);
	free(journal.told);
}

static void test_every_other_word_is_wrong(void **state)
{
	struct backfill_journal journal = {0};

	(void)state;
	found = 0;
	assert_int_equal(part(&journal, 1, 4, false), 1); /* nothing is read */
	begin(&journal, "M", 2, 11, 9);			  /* not to the event before it */
	assert_int_equal(found, 2);
	begin(&journal, "M", 2, 11, 10);
	assert_int_equal(part(&journal, 1, 4, false), 1);  /* of the version before */
	assert_int_equal(part(&journal, 2, 11, false), 1); /* beyond its end */
	assert_int_equal(part(&journal, 2, 4, false), 1);  /* and back */
	assert_int_equal(part(&journal, 2, 5, true), 1);   /* over before its end */
	assert_int_equal(part(&journal, 2, 10, true), 1);  /* over twice */
	free(journal.told);
}

static void test_many_metrics_are_kept_apart(void **state)
{
	struct backfill_journal journal = {0};
	char metric[16];

	(void)state;
	found = 0;
	begin(&journal, "M", 1, 11, 10);
	for (uint64_t i = 0; i < 200; i++) {
		(void)snprintf(metric, sizeof(metric), "M-%u", (unsigned)i);
		begin(&journal, metric, 2, 12 + i, (int64_t)(11 + i));
	}
	assert_int_equal(part(&journal, 1, 10, true), 0);
	assert_int_equal(found, 0);
	free(journal.told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_reading_that_goes_forward_to_its_end_is_right),
	    cmocka_unit_test(test_every_other_word_is_wrong),
	    cmocka_unit_test(test_many_metrics_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
