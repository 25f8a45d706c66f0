/* test_prints.c -- another event under a number that is taken is refused as a conflict; the same one again is not, also after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ftw.h>
#include <unistd.h>

#include "base/error.h"
#include "log/log.h"
#include "kernel/prints.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)

static struct engine *engine;
static char folder[64];

static void open_engine(void)
{
	struct engine_options options = {.path = folder, .map_bytes = 64 << 20, .map_bytes_max = 64 << 20, .now_us = START_US + US_PER_DAY};

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
}

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/prints-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	open_engine();
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	engine_close(&engine);
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int64_t time_us = START_US;

/* One sale of S1/T1, told apart by its receipt; returns the code of its refusal, or "". */
static const char *admit(uint64_t epoch, uint64_t seq, const char *receipt)
{
	static char code[44];
	struct admission admission;
	uint8_t event[256];
	size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", receipt, 1000, time_us++); /* whenever */
	struct run run = {
	    .source = TEXT_LITERAL("S1/T1"), .epoch = epoch, .after = seq - 1, .count = 1, .events = bytes_of(event, size)};

	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.state, ADMISSION_DONE);
	code[0] = 0;
	if (admission.refusal_count > 0)
		snprintf(code, sizeof(code), "%.*s", TEXT_ARGS(admission.refusals[0].code));
	assert_int_equal(engine_commit(engine), ERR_NONE);
	return code;
}

static void test_another_event_under_a_taken_number_is_a_conflict(void **state)
{
	uint64_t alarms = log_count(LOG_ALARM);

	(void)state;
	assert_string_equal(admit(5, 1, "R1"), "");
	assert_string_equal(admit(5, 2, "R2"), "");
	assert_string_equal(admit(5, 1, "R1"), ""); /* again */
	assert_int_equal(log_count(LOG_ALARM), alarms);
	assert_string_equal(admit(5, 2, "X2"), "conflict");
	assert_int_equal(log_count(LOG_ALARM), alarms + 1);
	assert_string_equal(admit(5, 2, "X2"), "conflict");
	assert_string_equal(admit(5, 2, "R2"), ""); /* what was taken stays taken */
	assert_int_equal(log_count(LOG_ALARM), alarms + 1); /* said once */
	assert_int_equal(engine_meta(engine)->head, 2);
	assert_string_equal(admit(5, 3, "R3"), "");
}

static void test_a_restart_forgets_nothing_of_late(void **state)
{
	(void)state;
	assert_string_equal(admit(5, 1, "R1"), "");
	assert_string_equal(admit(5, 2, "R2"), "");
	engine_close(&engine);
	open_engine();
	assert_string_equal(admit(5, 1, "R1"), "");
	assert_string_equal(admit(5, 2, "X2"), "conflict");
}

static void test_another_epoch_has_numbers_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(admit(5, 1, "R1"), "");
	assert_string_equal(admit(6, 1, "X1"), "");
	assert_string_equal(admit(6, 1, "R1"), "conflict");
}

static void test_what_is_long_ago_is_a_duplicate(void **state)
{
	char receipt[24];

	(void)state;
	for (uint64_t seq = 1; seq <= 200; seq++) {
		snprintf(receipt, sizeof(receipt), "R%u", (unsigned)seq);
		assert_string_equal(admit(5, seq, receipt), "");
	}
	assert_string_equal(admit(5, 1, "X1"), "");
	assert_string_equal(admit(5, 100, "X100"), "conflict");
}

/* A turn that failed took nothing: what comes under its number is the first of it. */
static void test_an_aborted_turn_leaves_no_print(void **state)
{
	struct admission admission;
	uint8_t event[256];
	size_t size = toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "R1", 1000, START_US);
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1, .events = bytes_of(event, size)};

	(void)state;
	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
	engine_admit(engine, &run, &admission);
	engine_abort(engine);
	assert_string_equal(admit(5, 1, "X1"), "");
	assert_string_equal(admit(5, 1, "X1"), "");
	assert_string_equal(admit(5, 1, "R1"), "conflict");
}

static void test_a_conflict_behind_a_duplicate_is_in_its_range(void **state)
{
	struct admission admission;
	uint8_t events[512];
	size_t size = toy_sale(events, sizeof(events), "S1/T1", 1, "S1", "R1", 1000, START_US);
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 2};

	(void)state;
	assert_string_equal(admit(5, 1, "R1"), "");
	assert_string_equal(admit(5, 2, "R2"), "");
	size += toy_sale(events + size, sizeof(events) - size, "S1/T1", 2, "S1", "X2", 1000, START_US);
	run.events = bytes_of(events, size);
	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.duplicate_first, 1);
	assert_int_equal(admission.duplicate_last, 2);
	assert_int_equal(admission.refusal_count, 1);
	assert_int_equal(admission.refusals[0].seq, 2);
	assert_int_equal(engine_commit(engine), ERR_NONE);
}

/* What is remembered is bounded: of further sources nothing is, and they are no conflict. */
static void test_sources_beyond_the_last_are_not_remembered(void **state)
{
	struct prints prints = {0};
	struct run run = {.epoch = 5};
	char name[24];

	(void)state;
	for (uint32_t i = 0; i <= PRINTS_SOURCES; i++) {
		snprintf(name, sizeof(name), "S/%u", i);
		run.source = text_of(name);
		prints_note(&prints, &run, 1, 7);
	}
	assert_int_equal(HASH_COUNT(prints.sources), PRINTS_SOURCES);
	assert_false(prints_differ(&prints, &run, 1, 8));
	assert_false(prints_tell(&prints, &run));
	run.source = TEXT_LITERAL("S/0");
	assert_true(prints_differ(&prints, &run, 1, 8));
	assert_false(prints_differ(&prints, &run, 1, 7));
	assert_false(prints_differ(&prints, &run, 1 + PRINTS_LATEST, 8));
	assert_true(prints_tell(&prints, &run));
	assert_false(prints_tell(&prints, &run));
	run.epoch = 4;
	assert_false(prints_differ(&prints, &run, 1, 8));
	prints_close(&prints);
}

/* An input that nobody wrote so is passed over, and one that could not be read is known by its bytes. */
static void test_what_cannot_be_read_is_passed_over_at_a_restart(void **state)
{
	static const uint8_t torn[] = {0x93, 0x01, 0x02, 0x03};
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1, .events = bytes_of(torn, sizeof(torn))};
	struct admission admission;

	(void)state;
	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
	engine_admit(engine, &run, &admission);
	assert_int_equal(engine_commit(engine), ERR_NONE);
	assert_string_equal(admit(5, 2, "R2"), "");
	struct store *store = engine_store(engine);
	assert_int_equal(store_begin(store), ERR_NONE);
	struct run feed = {.source = TEXT_LITERAL("partners"), .epoch = 5, .feed = true, .through = 2, .count = 2};
	uint8_t record[128];
	struct writer writer = writer_of(record, sizeof(record));
	intake_write(&writer, &feed, START_US);
	store_append(store, KERNEL_INTAKE, 3, writer_bytes(&writer));
	store_append(store, KERNEL_INTAKE, 5, bytes_of(torn, sizeof(torn)));
	assert_int_equal(store_commit(store), ERR_NONE);
	struct prints prints = {0};
	prints_load(&prints, store, 5);
	assert_int_equal(HASH_COUNT(prints.sources), 1);
	assert_false(prints_differ(&prints, &run, 1, prints_of((struct text){0}, run.events)));
	assert_true(prints_differ(&prints, &run, 1, 7));
	assert_true(prints_differ(&prints, &run, 2, 7));
	prints_close(&prints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_another_event_under_a_taken_number_is_a_conflict, begin, end),
	    cmocka_unit_test_setup_teardown(test_a_restart_forgets_nothing_of_late, begin, end),
	    cmocka_unit_test_setup_teardown(test_another_epoch_has_numbers_of_its_own, begin, end),
	    cmocka_unit_test_setup_teardown(test_what_is_long_ago_is_a_duplicate, begin, end),
	    cmocka_unit_test_setup_teardown(test_an_aborted_turn_leaves_no_print, begin, end),
	    cmocka_unit_test_setup_teardown(test_a_conflict_behind_a_duplicate_is_in_its_range, begin, end),
	    cmocka_unit_test(test_sources_beyond_the_last_are_not_remembered),
	    cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_passed_over_at_a_restart, begin, end),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
