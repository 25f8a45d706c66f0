/* test_store_processes.c -- stores and other processes: killed writers, dead readers, tools that look on. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

/* A child for one test, with a pipe each way. */
struct child {
	pid_t process;
	int to, from;
};

static struct child start(struct fixture *f, void (*work)(struct fixture *f, int in, int out))
{
	int down[2], up[2];

	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	struct child child = {.process = fork(), .to = down[1], .from = up[0]};
	if (child.process == 0) {
		close(down[1]);
		close(up[0]);
		signal(SIGABRT, SIG_DFL);
		work(f, down[0], up[1]);
		_exit(0);
	}
	close(down[0]);
	close(up[1]);
	return child;
}

static void kill_and_wait(struct child *child)
{
	int status;

	(void)kill(child->process, SIGKILL);
	assert_int_equal(waitpid(child->process, &status, 0), child->process);
	close(child->to);
	close(child->from);
}

static void say(int file, uint64_t number)
{
	if (write(file, &number, sizeof(number)) != sizeof(number))
		_exit(3);
}

static bool hear(int file, uint64_t *number)
{
	return read(file, number, sizeof(*number)) == sizeof(*number);
}

/* ---- a writer that is killed ---- */

static bool tell_too_early; /* the control: a writer that reports before it commits */

static void one_commit(struct fixture *f, uint64_t number, int out)
{
	char text[64];

	if (store_begin(f->store) != ERR_NONE)
		_exit(4);
	snprintf(text, sizeof(text), "entry %llu", (unsigned long long)number);
	store_append(f->store, JOURNAL, number, word(text));
	store_put(f->store, STOCK, word("last"), bytes_of(&number, sizeof(number)));
	if (tell_too_early)
		say(out, number);
	if (store_commit(f->store) != ERR_NONE)
		_exit(5);
	if (!tell_too_early)
		say(out, number);
}

static void commit_until_killed(struct fixture *f, int in, int out)
{
	uint64_t number = 0;
	struct view view;

	(void)in;
	if (store_open(&f->store, &f->options, fixture_tables, TABLES) != ERR_NONE ||
	    view_open(&view, f->store) != ERR_NONE)
		_exit(6);
	(void)view_log_last(&view, JOURNAL, &number);
	view_close(&view);
	for (;;)
		one_commit(f, ++number, out);
}

/* What the store holds: whole, without gaps, state and log of the same moment. Returns the last number. */
static uint64_t examine(struct fixture *f)
{
	struct view view;
	uint64_t number, count = 0, last = 0;
	char text[64];

	fixture_open(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	for (struct bytes entry = view_log_seek(&view, JOURNAL, 1, &number); number != 0;
	     entry = view_log_next(&view, JOURNAL, &number)) {
		assert_int_equal(number, ++count);
		snprintf(text, sizeof(text), "entry %llu", (unsigned long long)number);
		assert_word(entry, text);
	}
	struct bytes row = view_get(&view, STOCK, word("last"));
	if (row.size == sizeof(last))
		memcpy(&last, row.data, sizeof(last));
	assert_int_equal(last, count);
	view_close(&view);
	store_close(&f->store);
	return count;
}

/* Rounds of writing and killing, in three of four of which something was reported, however slow the machine is. Returns in how many of them
 * a reported commit was not there. */
static int rounds_with_losses(struct fixture *f, int rounds, uint64_t *seed)
{
	int losses = 0;

	for (int round = 0; round < rounds; round++) {
		uint64_t reported = 0, number;
		struct child child = start(f, commit_until_killed);

		if (round % 4 != 0 && hear(child.from, &number))
			reported = number;
		usleep((useconds_t)(2000 + dice(seed) % 40000));
		(void)kill(child.process, SIGKILL);
		while (hear(child.from, &number))
			reported = number;
		kill_and_wait(&child);
		if (examine(f) < reported)
			losses++;
	}
	return losses;
}

static void what_was_reported_is_there_after_a_kill(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 1;

	store_close(&f->store);
	tell_too_early = false;
	assert_int_equal(rounds_with_losses(f, 40, &seed), 0);
	assert_true(examine(f) >= 30);
}

static void the_kill_test_sees_a_writer_that_reports_too_early(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 2;

	store_close(&f->store);
	tell_too_early = true;
	assert_true(rounds_with_losses(f, 40, &seed) > 0);
}

/* ---- others ---- */

static void write_on_request(struct fixture *f, int in, int out)
{
	uint64_t number;

	say(out, (uint64_t)-store_open(&f->store, &f->options, fixture_tables, TABLES));
	while (hear(in, &number)) {
		if (store_begin(f->store) != ERR_NONE)
			_exit(4);
		for (unsigned i = 0; i < 500; i++) { /* much, so that the map grows */
			char key[64], value[500] = {0};

			snprintf(key, sizeof(key), "%llu-%u", (unsigned long long)number, i);
			store_put(f->store, STOCK, word(key), bytes_of(value, sizeof(value)));
		}
		store_put(f->store, STOCK, word("last"), bytes_of(&number, sizeof(number)));
		say(out, (uint64_t)-store_commit(f->store));
	}
	store_close(&f->store);
}

static void a_tool_looks_on_while_the_service_writes_and_grows(void **state)
{
	struct fixture *f = *state;
	struct store_usage usage;
	struct view view;
	uint64_t answer, last;

	store_close(&f->store);
	remove_folder(f->path);
	f->options.map_bytes = 1 << 20;
	struct child writer = start(f, write_on_request);
	assert_true(hear(writer.from, &answer));
	assert_int_equal(answer, 0);
	struct store *second;
	assert_int_equal(store_open(&second, &f->options, fixture_tables, TABLES), ERR_STORE_BUSY);
	f->options.read_only = true;
	fixture_open(f);
	for (uint64_t number = 1; number <= 30; number++) {
		say(writer.to, number);
		assert_true(hear(writer.from, &answer));
		assert_int_equal(answer, 0);
		assert_int_equal(view_open(&view, f->store), ERR_NONE);
		struct bytes row = view_get(&view, STOCK, word("last"));
		assert_int_equal(row.size, sizeof(last));
		memcpy(&last, row.data, sizeof(last));
		assert_int_equal(last, number);
		(void)view_state_hash(&view);
		assert_int_equal(view.failure, ERR_NONE);
		view_close(&view);
	}
	store_usage(f->store, &usage);
	assert_true(usage.map_bytes >= 8 << 20);
	assert_true(usage.readers >= 1);
	kill_and_wait(&writer);
	store_close(&f->store); /* the dead writer's claim is gone with it */
	f->options.read_only = false;
	fixture_open(f);
	begin(f);
	put(f, STOCK, "a", "1");
	commit(f);
}

static void look_and_never_return(struct fixture *f, int in, int out)
{
	uint64_t number;
	struct view view;

	f->options.read_only = true;
	if (store_open(&f->store, &f->options, fixture_tables, TABLES) != ERR_NONE ||
	    view_open(&view, f->store) != ERR_NONE)
		_exit(6);
	say(out, 1);
	(void)hear(in, &number);
	pause();
}

/* Overwrites 1000 rows many times and says what the file has grown to. */
static uint64_t churn(struct fixture *f)
{
	struct store_usage usage;
	char key[32], value[64] = {0};

	for (int turn = 0; turn < 60; turn++) {
		begin(f);
		for (int i = 0; i < 1000; i++) {
			snprintf(key, sizeof(key), "%d", i);
			store_put(f->store, STOCK, word(key), bytes_of(value, sizeof(value)));
		}
		commit(f);
	}
	store_usage(f->store, &usage);
	return usage.used_bytes;
}

static void readers_that_died_are_cleared(void **state)
{
	struct fixture *f = *state;
	uint64_t answer;

	uint64_t normal = churn(f);
	assert_int_equal(store_clear_stale_readers(f->store), 0);
	store_close(&f->store); /* nothing forks while a store is open */
	struct child reader = start(f, look_and_never_return);
	assert_true(hear(reader.from, &answer));
	fixture_open(f);
	uint64_t pinned = churn(f);
	kill_and_wait(&reader);
	assert_true(churn(f) > pinned); /* dead, and still in the way */
	assert_int_equal(store_clear_stale_readers(f->store), 1);
	assert_int_equal(store_clear_stale_readers(f->store), 0);
	uint64_t freed = churn(f);
	assert_true(churn(f) == freed); /* pages are reused again */
	assert_true(pinned > 2 * normal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(what_was_reported_is_there_after_a_kill),
		ON_DISK(the_kill_test_sees_a_writer_that_reports_too_early),
		ON_DISK(a_tool_looks_on_while_the_service_writes_and_grows),
		ON_DISK(readers_that_died_are_cleared),
	};

	return cmocka_run_group_tests_name("store_processes", tests, NULL, NULL);
}
