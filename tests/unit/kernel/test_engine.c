/*
 * Goal: the promises of the engine, each a truth about every order, cut and repetition of inputs.
 * Method: a toy service over the store's twin in memory (and LMDB where a process dies); seeded
 * random schedules against one undisturbed run; the same program built with a fault compiled in
 * (MUTANT_...) must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "kernel/quarantine.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "store/store_disk.h"
#include "toy.h"

#define EVENTS 600
#define TILLS 3
#define START_US INT64_C(1772355600000000)

/* The whole work: EVENTS tickets of three tills in one global order; every 97th is refused, every
 * 131st is malformed. */
struct work {
	struct {
		const char *source;
		uint64_t seq;
		size_t size;
		uint8_t bytes[256];
	} events[EVENTS];
};

static void work_make(struct work *work)
{
	static const char *const tills[TILLS] = {"S1/T1", "S1/T2", "S2/T1"};
	static const char *const outlets[TILLS] = {"S1", "S1", "S2"};
	uint64_t seqs[TILLS] = {0};

	for (uint32_t i = 0; i < EVENTS; i++) {
		uint32_t till = (i * 7 + i / 5) % TILLS;
		char receipt[24];

		snprintf(receipt, sizeof(receipt), i % 97 == 96 ? "refuse" : "R%u", i);
		work->events[i].source = tills[till];
		work->events[i].seq = ++seqs[till];
		work->events[i].size =
		    toy_sale(work->events[i].bytes, sizeof(work->events[i].bytes), tills[till],
		             seqs[till], outlets[till], receipt, 1000 * (i % 5 + 1),
		             START_US + (int64_t)i * 3 * US_PER_SECOND);
		if (i % 131 == 130) /* the map of the data becomes a map of one pair: the rest
		                       trails behind it */
			memset(work->events[i].bytes + work->events[i].size - 12, 0xc1, 12);
	}
}

struct outcome {
	uint64_t state, journal, quarantined, refused, ticks;
};

static uint64_t log_hash(struct engine *engine, unsigned table)
{
	struct view view = {0};
	uint64_t number, hash = 0;

	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	for (struct bytes event = view_log_seek(&view, table, 1, &number); event.data != NULL;
	     event = view_log_next(&view, table, &number))
		hash = hash_seeded(event, hash + number);
	view_close(&view);
	return hash;
}

static struct outcome look(struct engine *engine)
{
	struct outcome outcome = {.quarantined = engine_meta(engine)->quarantined};
	struct view view = {0};
	struct bytes key = {0};

	outcome.journal = log_hash(engine, KERNEL_JOURNAL);
	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	outcome.state = view_state_hash(&view);
	for (view_seek(&view, KERNEL_REFUSED, key, &key); key.data != NULL;
	     view_next(&view, KERNEL_REFUSED, &key))
		outcome.refused++;
	struct bytes ticks = view_get(&view, KERNEL_TABLES + TOY_TICKS, bytes_of("ticks", 5));
	if (ticks.size == 8)
		memcpy(&outcome.ticks, ticks.data, 8);
	view_close(&view);
	return outcome;
}

static struct engine *open_toy(const char *path, bool replay)
{
	struct engine_options options = {.path = path != NULL ? path : "toy",
	                                 .memory = path == NULL,
	                                 .map_bytes = 64 << 20,
	                                 .map_bytes_max = 64 << 20,
	                                 .now_us = START_US + US_PER_DAY,
	                                 .replay = replay};
	struct engine *engine;

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	return engine;
}

static struct admission admit_one(struct engine *engine, const struct work *work, uint32_t index)
{
	struct run run = {.source = text_of(work->events[index].source),
	                  .epoch = 5,
	                  .after = work->events[index].seq - 1,
	                  .count = 1,
	                  .events = bytes_of(work->events[index].bytes, work->events[index].size)};
	struct admission admission;

	engine_admit(engine, &run, &admission);
	return admission;
}

/* Stamps are inputs: every run below stands at the same time of day, so that journals can be
 * compared byte for byte. */
static void begin(struct engine *engine)
{
	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
}

/* Everything in order, cut into turns of `batch` (0: of random sizes). */
static struct outcome run_in_batches(const struct work *work, uint32_t batch, unsigned seed)
{
	struct engine *engine = open_toy(NULL, false);

	srand(seed);
	for (uint32_t i = 0; i < EVENTS;) {
		uint32_t size = batch != 0 ? batch : (uint32_t)(rand() % 50 + 1);

		begin(engine);
		for (; size > 0 && i < EVENTS; size--, i++)
			assert_int_equal(admit_one(engine, work, i).state, ADMISSION_DONE);
		assert_int_equal(engine_commit(engine), ERR_NONE);
	}
	struct outcome outcome = look(engine);
	engine_close(&engine);
	return outcome;
}

static void assert_same(struct outcome a, struct outcome b)
{
	assert_int_equal(a.state, b.state);
	assert_int_equal(a.journal, b.journal);
	assert_int_equal(a.quarantined, b.quarantined);
	assert_int_equal(a.refused, b.refused);
	assert_int_equal(a.ticks, b.ticks);
}

static void test_the_cut_into_turns_changes_nothing(void **state)
{
	static struct work work;

	(void)state;
	work_make(&work);
	struct outcome one = run_in_batches(&work, 1, 1);
	assert_true(one.quarantined >= 4 && one.refused >= 10 && one.ticks >= 20);
	assert_same(one, run_in_batches(&work, 7, 1));
	assert_same(one, run_in_batches(&work, 256, 1));
	for (unsigned seed = 1; seed < 20; seed++)
		assert_same(one, run_in_batches(&work, 0, seed));
}

static void test_duplicates_and_losses_change_nothing(void **state)
{
	static struct work work;

	(void)state;
	work_make(&work);
	struct outcome clean = run_in_batches(&work, 1, 1);
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct engine *engine = open_toy(NULL, false);

		srand(seed);
		for (uint32_t i = 0; i < EVENTS;) {
			begin(engine);
			for (int size = rand() % 9 + 1; size > 0 && i < EVENTS; size--) {
				if (i > 0 && rand() % 3 == 0) /* an old one again */
					assert_int_equal(
					    admit_one(engine, &work, (uint32_t)rand() % i).state,
					    ADMISSION_DONE);
				if (i + 1 < EVENTS &&
				    rand() % 4 == 0) { /* one is lost on the way: the next of its
					                  till shows it */
					uint32_t next = i + 1;
					while (next < EVENTS &&
					       work.events[next].source != work.events[i].source)
						next++;
					if (next < EVENTS)
						assert_int_equal(
						    admit_one(engine, &work, next).state,
						    ADMISSION_GAP);
				}
				assert_int_equal(admit_one(engine, &work, i++).state,
				                 ADMISSION_DONE);
			}
			assert_int_equal(engine_commit(engine), ERR_NONE);
		}
		assert_same(clean, look(engine));
		engine_close(&engine);
	}
}

static void test_an_aborted_turn_never_happened(void **state)
{
	static struct work work;

	(void)state;
	work_make(&work);
	struct outcome clean = run_in_batches(&work, 1, 1);
	struct engine *engine = open_toy(NULL, false);

	srand(3);
	for (uint32_t i = 0; i < EVENTS;) {
		uint32_t size = (uint32_t)rand() % 20 + 1,
		         end = i + size < EVENTS ? i + size : EVENTS;

		begin(engine);
		for (uint32_t j = i; j < end; j++)
			assert_int_equal(admit_one(engine, &work, j).state, ADMISSION_DONE);
		if (rand() % 2 == 0) {
			engine_abort(engine);
			continue;
		}
		assert_int_equal(engine_commit(engine), ERR_NONE);
		i = end;
	}
	assert_same(clean, look(engine));
	engine_close(&engine);
}

static void test_replaying_the_recorded_inputs_gives_the_same_bytes(void **state)
{
	static struct work work;
	struct view view = {0};
	uint64_t number;

	(void)state;
	work_make(&work);
	struct engine *engine = open_toy(NULL, false);
	for (uint32_t i = 0; i < EVENTS; i++) {
		if (i % 3 == 0) /* the stamps have to be those of then */
			assert_int_equal(engine_begin(engine, START_US + US_PER_DAY + i * 1000),
			                 ERR_NONE);
		admit_one(engine, &work, i);
		if (i % 3 == 2)
			assert_int_equal(engine_commit(engine), ERR_NONE);
	}
	struct engine *again = open_toy(NULL, true);
	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	for (struct bytes record = view_log_seek(&view, KERNEL_INTAKE, 1, &number);
	     record.data != NULL; record = view_log_next(&view, KERNEL_INTAKE, &number)) {
		struct admission admission;
		struct run run;

		assert_true(intake_read(record, &run));
		assert_int_equal(engine_begin(again, 1), ERR_NONE);
		engine_admit(again, &run, &admission);
		assert_int_equal(admission.state, ADMISSION_DONE);
		assert_int_equal(engine_commit(again), ERR_NONE);
	}
	view_close(&view);
	assert_same(look(engine), look(again));
	engine_close(&engine);
	engine_close(&again);
}

static void test_the_moment_of_admission_changes_no_row(void **state)
{
	static struct work work;

	(void)state;
	work_make(&work);
	struct outcome clean = run_in_batches(&work, 1, 1);
	struct engine *engine = open_toy(NULL, false);

	for (uint32_t i = 0; i < EVENTS; i++) {
		assert_int_equal(engine_begin(engine, START_US + US_PER_DAY + i * 7000), ERR_NONE);
		admit_one(engine, &work, i);
		assert_int_equal(engine_commit(engine), ERR_NONE);
	}
	assert_int_equal(look(engine).state, clean.state);
	engine_close(&engine);
}

static void test_stamps_rise_when_the_clock_goes_back(void **state)
{
	static struct work work;
	struct engine *engine = open_toy(NULL, false);
	int64_t last = 0;

	(void)state;
	work_make(&work);
	for (uint32_t i = 0; i < 20; i++) { /* ahead by two days, behind by an hour, and so on */
		int64_t ahead = i % 4 == 1 ? 2 * US_PER_DAY : i % 4 == 2 ? -60 * US_PER_MINUTE : 0;

		assert_int_equal(engine_begin(engine, START_US + US_PER_DAY + ahead + i * 1000), ERR_NONE);
		admit_one(engine, &work, i);
		assert_int_equal(engine_commit(engine), ERR_NONE);
		assert_true(engine_meta(engine)->now_us > last);
		last = engine_meta(engine)->now_us;
	}
	engine_close(&engine);
}

static struct engine *open_on(struct store_disk *disk)
{
	struct engine_options options = {
	    .path = "toy", .memory = true, .disk = disk, .now_us = START_US + US_PER_DAY};
	struct engine *engine;

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	return engine;
}

/* One turn of `size` events from index `from`; the source sends a few again. Returns the commit's
 * answer. */
static int turn_of(struct engine *engine, const struct work *work, uint32_t from, uint32_t size)
{
	int error = engine_begin(engine, START_US + US_PER_DAY);

	if (error != ERR_NONE)
		return error;
	for (uint32_t i = from < 4 ? 0 : from - 4; i < from + size && i < EVENTS; i++)
		admit_one(engine, work, i);
	return engine_commit(engine);
}

/* The process dies when a call of the store fails, and starts again on what the disk has. */
static struct outcome run_with_a_death(const struct work *work, enum store_fault fault,
                                       uint32_t after)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = open_on(disk);
	struct outcome outcome;

	store_disk_fail(disk, fault, after, 1, ERR_STORE_IO);
	for (uint32_t i = 0; i < EVENTS;) {
		if (turn_of(engine, work, i, 11) == ERR_NONE) {
			i += 11;
			continue;
		}
		engine_close(&engine);
		engine = open_on(disk);
	}
	store_disk_fail(disk, fault, 0, 0, ERR_NONE);
	outcome = look(engine);
	engine_close(&engine);
	store_disk_close(&disk);
	return outcome;
}

static void test_a_death_at_any_call_of_the_store_changes_nothing(void **state)
{
	static struct work work;

	(void)state;
	work_make(&work);
	struct outcome clean = run_in_batches(&work, 1, 1);
	for (int fault = 0; fault < STORE_FAULT_KINDS; fault++)
		for (uint32_t after = 0; after < 56; after++)
			assert_same(clean, run_with_a_death(&work, (enum store_fault)fault, after));
}

static void test_a_refusal_is_heard_again_after_a_resend(void **state)
{
	struct engine *engine = open_toy(NULL, false);
	struct work *work = calloc(1, sizeof(*work));

	(void)state;
	work->events[0].source = "S1/T1";
	work->events[0].seq = 1;
	work->events[0].size =
	    toy_sale(work->events[0].bytes, 256, "S1/T1", 1, "S1", "refuse", 1000, START_US);
	for (int i = 0; i < 2; i++) {
		begin(engine);
		struct admission admission = admit_one(engine, work, 0);
		assert_int_equal(admission.refusal_count, 1);
		assert_int_equal(admission.refusals[0].seq, 1);
		assert_true(text_equal(admission.refusals[0].code, TEXT_LITERAL("unwanted")));
		assert_true(text_equal(admission.refusals[0].message,
		                       TEXT_LITERAL("ticket 1 is unwanted")));
		assert_int_equal(admission.duplicate_first, (uint64_t)i);
		assert_int_equal(engine_commit(engine), ERR_NONE);
	}
	free(work);
	engine_close(&engine);
}

static void test_epochs_supersede_and_fence(void **state)
{
	struct engine *engine = open_toy(NULL, false);
	uint8_t bytes[256];
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1};
	struct admission admission;

	(void)state;
	run.events =
	    bytes_of(bytes, toy_sale(bytes, sizeof(bytes), "S1/T1", 1, "S1", "a", 1000, START_US));
	begin(engine);
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.admitted, 1);
	run.epoch = 6; /* the till lost its disk and numbers anew: this is another event */
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.admitted, 1);
	run.epoch = 5;
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.state, ADMISSION_FENCED);
	assert_int_equal(admission.epoch, 6);
	assert_int_equal(engine_commit(engine), ERR_NONE);
	assert_int_equal(engine_cursor(engine, run.source).epoch, 6);
	engine_close(&engine);
}

static void test_what_cannot_be_taken_is_kept_whole_and_can_be_tried_again(void **state)
{
	struct engine *engine = open_toy(NULL, false);
	uint8_t bytes[256], torn[16] = {0xc1, 0xff, 0x01};
	struct run run = {
	    .source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 3, .events = bytes_of(torn, 3)};
	struct admission admission;
	struct quarantined record;
	struct view view = {0};
	uint8_t key[8];

	(void)state;
	begin(engine);
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.through,
	                 1); /* what cannot be told apart counts as one; the rest is sent again */
	assert_true(text_equal(admission.refusals[0].code, TEXT_LITERAL("malformed")));
	run.after = 1;
	run.count = 1;
	run.events =
	    bytes_of(bytes, toy_sale(bytes, sizeof(bytes), "other", 2, "S1", "a", 1000, START_US));
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.through, 2);
	assert_int_equal(engine_commit(engine), ERR_NONE);
	put_u64_be(key, 1);
	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	assert_true(quarantine_read(view_get(&view, KERNEL_QUARANTINE, bytes_of(key, 8)), &record));
	assert_true(bytes_equal(record.event, bytes_of(torn, 3)));
	assert_int_equal(record.seq, 1);
	view_close(&view);
	assert_int_equal(engine_retry(engine, 1, START_US),
	                 ERR_SYNTAX); /* still malformed: stays */
	assert_int_equal(engine_retry(engine, 2, START_US),
	                 ERR_NONE); /* an operator takes the forged one in */
	assert_int_equal(engine_retry(engine, 2, START_US), ERR_NOT_FOUND);
	assert_int_equal(engine_meta(engine)->head, 1);
	assert_int_equal(engine_discard(engine, 1, START_US), ERR_NONE);
	assert_int_equal(engine_discard(engine, 1, START_US), ERR_NOT_FOUND);
	engine_close(&engine);
}

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test_engine.XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
	(void)stat;
	(void)kind;
	(void)where;
	return remove(path);
}

static void remove_folder(void)
{
	assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* A child that admits the poison with its guard set; returns how it ended. */
static int child_takes_poison(void)
{
	pid_t child = fork();

	if (child == 0) {
		struct engine *engine = open_toy(folder, false);
		uint8_t bytes[256];
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1};
		struct admission admission;

		run.events = bytes_of(bytes, toy_sale(bytes, sizeof(bytes), "S1/T1", 1, "S1",
		                                      "poison", 1000, START_US));
		engine_suspect_guard(engine);
		begin(engine);
		engine_admit(engine, &run, &admission);
		_exit(engine_commit(engine) == ERR_NONE && engine_meta(engine)->quarantined == 1
		          ? 7
		          : 8);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_an_event_that_kills_twice_is_set_aside(void **state)
{
	(void)state;
	make_folder();
	assert_int_equal(child_takes_poison(), -SIGABRT);
	assert_int_equal(child_takes_poison(), -SIGABRT);
	assert_int_equal(child_takes_poison(), 7);
	remove_folder();
}

static void test_what_was_committed_is_known_after_a_restart(void **state)
{
	uint8_t bytes[256];
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1};
	struct admission admission;

	(void)state;
	make_folder();
	run.events =
	    bytes_of(bytes, toy_sale(bytes, sizeof(bytes), "S1/T1", 1, "S1", "a", 1000, START_US));
	for (int life = 0; life < 3; life++) {
		struct engine *engine = open_toy(folder, false);

		begin(engine);
		engine_admit(engine, &run, &admission);
		assert_int_equal(admission.state, ADMISSION_DONE);
		assert_int_equal(admission.admitted, life == 0 ? 1 : 0);
		assert_int_equal(engine_commit(engine), ERR_NONE);
		assert_int_equal(engine_meta(engine)->head, 1);
		engine_close(&engine);
	}
	remove_folder();
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_cut_into_turns_changes_nothing),
	    cmocka_unit_test(test_duplicates_and_losses_change_nothing),
	    cmocka_unit_test(test_an_aborted_turn_never_happened),
	    cmocka_unit_test(test_replaying_the_recorded_inputs_gives_the_same_bytes),
	    cmocka_unit_test(test_the_moment_of_admission_changes_no_row),
	    cmocka_unit_test(test_stamps_rise_when_the_clock_goes_back),
	    cmocka_unit_test(test_a_death_at_any_call_of_the_store_changes_nothing),
	    cmocka_unit_test(test_a_refusal_is_heard_again_after_a_resend),
	    cmocka_unit_test(test_epochs_supersede_and_fence),
	    cmocka_unit_test(test_what_cannot_be_taken_is_kept_whole_and_can_be_tried_again),
	    cmocka_unit_test(test_an_event_that_kills_twice_is_set_aside),
	    cmocka_unit_test(test_what_was_committed_is_known_after_a_restart),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
