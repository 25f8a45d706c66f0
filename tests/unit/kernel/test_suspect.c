/*
 * Goal: an event that kills the process is known to the next life, is set aside when it has killed twice, and is forgotten when it has
 * been taken; nothing else is blamed. Method: the file of the last life is written by hand, or by processes that die of a signal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/suspect.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)

static char folder[64], file[96];

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_suspect.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/suspect", folder);
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
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct engine *open_engine(void)
{
	struct engine_options options = {.path = folder, .map_bytes = 8 << 20, .map_bytes_max = 8 << 20, .now_us = START_US};
	struct engine *engine;

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	return engine;
}

static void leave(const struct suspect *suspect, size_t size)
{
	int out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(out >= 0);
	assert_int_equal(write(out, suspect, size), (ssize_t)size);
	close(out);
}

static bool is_left(struct suspect *suspect)
{
	int in = open(file, O_RDONLY);

	if (in < 0)
		return false;
	ssize_t size = read(in, suspect, sizeof(*suspect));
	close(in);
	return size == (ssize_t)sizeof(*suspect);
}

static struct admission sell(struct engine *engine, const char *source, uint64_t epoch, uint64_t seq, const char *receipt)
{
	uint8_t event[300];
	struct run run = {.source = text_of(source), .epoch = epoch, .after = seq - 1, .count = 1};
	struct admission admission;

	run.events = bytes_of(event, toy_sale(event, sizeof(event), source, seq, "S1", receipt, 1000, START_US));
	assert_int_equal(engine_begin(engine, START_US), ERR_NONE);
	engine_admit(engine, &run, &admission);
	assert_int_equal(engine_commit(engine), ERR_NONE);
	return admission;
}

static struct suspect suspect_of(const char *source, uint64_t epoch, uint64_t seq, uint32_t deaths)
{
	struct suspect suspect = {.source_size = (uint32_t)strlen(source), .deaths = deaths, .epoch = epoch, .seq = seq};

	memcpy(suspect.source, source, suspect.source_size);
	return suspect;
}

static void test_only_the_event_that_killed_is_set_aside_and_then_forgotten(void **state)
{
	struct suspect killer = suspect_of("S1/T1", 5, 2, 2), left;

	(void)state;
	struct engine *engine = open_engine();
	sell(engine, "S1/T1", 4, 1, "a");
	engine_close(&engine);
	leave(&killer, sizeof(killer));
	engine = open_engine();
	assert_int_equal(sell(engine, "S1/T1", 4, 2, "another epoch").refusal_count, 0);
	assert_int_equal(sell(engine, "S2/T1", 5, 1, "a").refusal_count, 0);
	assert_int_equal(sell(engine, "S2/T1", 5, 2, "another source").refusal_count, 0);
	assert_int_equal(sell(engine, "S1/T1", 5, 1, "another number").refusal_count, 0);
	assert_true(is_left(&left));
	struct admission admission = sell(engine, "S1/T1", 5, 2, "killer");
	assert_int_equal(admission.refusal_count, 1);
	assert_true(text_equal(admission.refusals[0].message, TEXT_LITERAL("it has killed the process twice")));
	assert_false(is_left(&left));
	assert_int_equal(sell(engine, "S1/T1", 5, 3, "the next").refusal_count, 0);
	engine_close(&engine);
}

static void test_an_event_that_has_killed_once_is_tried_again(void **state)
{
	struct suspect once = suspect_of("S1/T1", 5, 1, 1), left;

	(void)state;
	leave(&once, sizeof(once));
	struct engine *engine = open_engine();
	assert_int_equal(sell(engine, "S1/T1", 5, 1, "harmless").refusal_count, 0);
	assert_false(is_left(&left));
	engine_close(&engine);
}

static void test_a_file_that_is_not_whole_blames_nobody(void **state)
{
	struct suspect killer = suspect_of("S1/T1", 5, 1, 2);

	(void)state;
	leave(&killer, sizeof(killer) - 1);
	struct engine *engine = open_engine();
	assert_int_equal(engine->suspect.seq, 0);
	engine_close(&engine);
	killer.source_size = SOURCE_TEXT_MAX + 1;
	leave(&killer, sizeof(killer));
	engine = open_engine();
	assert_int_equal(engine->suspect.seq, 0);
	assert_int_equal(sell(engine, "S1/T1", 5, 1, "a").refusal_count, 0);
	engine_close(&engine);
}

/* A child does this with the guard set; returns the signal that it died of. */
static int child(void (*act)(struct engine *engine))
{
	pid_t process = fork();

	if (process == 0) {
		struct engine *engine = open_engine();

		engine_suspect_guard(engine);
		act(engine);
		_exit(7);
	}
	int status = 0;
	waitpid(process, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void dies_of_the_event(struct engine *engine)
{
	sell(engine, "S1/T1", 5, 1, "poison");
}

static void dies_afterwards(struct engine *engine)
{
	sell(engine, "S1/T1", 5, 1, "a");
	abort();
}

static void dies_with_its_store_closed(struct engine *engine)
{
	engine_close(&engine);
	abort();
}

static void dies_of_a_lost_page(struct engine *engine)
{
	sell(engine, "S1/T1", 5, 1, "a");
	raise(SIGBUS);
}

static void dies_in_memory(struct engine *engine)
{
	struct engine_options options = {.path = "toy", .memory = true, .now_us = START_US};
	struct engine *other;

	assert_int_equal(engine_open(&other, &toy, &options), ERR_NONE);
	engine_close(&other); /* not the one that is guarded: the guard stays */
	assert_int_equal(engine_open(&other, &toy, &options), ERR_NONE);
	engine_suspect_guard(other); /* nowhere to write */
	engine_close(&engine);
	dies_of_the_event(other);
}

static void dies_without_a_folder(struct engine *engine)
{
	(void)end(NULL);
	dies_of_the_event(engine);
}

static void dies_on_a_full_disk(struct engine *engine)
{
	assert_int_equal(symlink("/dev/full", file), 0);
	dies_of_the_event(engine);
}

static void test_a_death_in_the_middle_of_an_event_blames_it_and_counts(void **state)
{
	struct suspect left;

	(void)state;
	for (uint32_t death = 1; death <= 2; death++) {
		assert_int_equal(child(dies_of_the_event), SIGABRT);
		assert_true(is_left(&left));
		assert_int_equal(left.deaths, death);
		assert_int_equal(left.seq, 1);
		assert_int_equal(left.epoch, 5);
		assert_true(text_equal((struct text){left.source, left.source_size}, TEXT_LITERAL("S1/T1")));
	}
}

static void test_a_death_between_turns_blames_nobody(void **state)
{
	static void (*const deaths[])(struct engine *) = {dies_afterwards, dies_with_its_store_closed, dies_in_memory};
	struct suspect left;

	(void)state;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		assert_int_equal(child(deaths[i]), SIGABRT);
		assert_false(is_left(&left));
	}
	assert_int_equal(child(dies_of_a_lost_page), -74);
	assert_false(is_left(&left));
}

static void test_a_death_that_cannot_be_noted_is_a_death_all_the_same(void **state)
{
	struct suspect left;

	assert_int_equal(child(dies_on_a_full_disk), SIGABRT);
	assert_int_equal(unlink(file), 0); /* which leads to /dev/full */
	assert_int_equal(child(dies_without_a_folder), SIGABRT);
	assert_false(is_left(&left));
	begin(state);
}

#define SUSPECT(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SUSPECT(test_only_the_event_that_killed_is_set_aside_and_then_forgotten),
	    SUSPECT(test_an_event_that_has_killed_once_is_tried_again),
	    SUSPECT(test_a_file_that_is_not_whole_blames_nobody),
	    SUSPECT(test_a_death_in_the_middle_of_an_event_blames_it_and_counts),
	    SUSPECT(test_a_death_between_turns_blames_nobody),
	    SUSPECT(test_a_death_that_cannot_be_noted_is_a_death_all_the_same),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
