/*
 * test_client_process.c -- goal: a number that client_publish has returned is on the disk, whatever happens
 * to the process then, and reaches the door once. Method: a child publishes in a loop and writes each number
 * it was given into a pipe; it is killed at some moment; the spool is opened again, and sent to a scripted
 * door.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "scene.h"

#define T1 "OUT-001/T1"
#define LIVES 12

/* The child. Never returns. every: commits with so many events, 0 for one commit each. */
static void live(const char *spool, int pipe, unsigned every)
{
	struct client_options options = {
	    .name = "child", .endpoint = "ipc:///nonexistent/door", .spool = spool};
	struct client *client;
	uint64_t seqs[64];

	if (client_open(&client, &options) != ERR_NONE)
		_exit(2);
	for (;;) {
		unsigned count = every > 0 ? every : 1;
		char receipt[41];

		if (every > 0 && client_begin(client) != ERR_NONE)
			_exit(3);
		for (unsigned i = 0; i < count; i++) {
			snprintf(receipt, sizeof(receipt), "r%llu",
				 (unsigned long long)client_waiting(client) + 1);
			if (scene_ticket(client, T1, receipt, &seqs[i]) != ERR_NONE)
				_exit(4);
		}
		if (every > 0 && client_end(client) != ERR_NONE)
			_exit(5);
		if (write(pipe, seqs, count * sizeof(*seqs)) != (ssize_t)(count * sizeof(*seqs)))
			_exit(6);
		client_process(client, 0);
	}
}

/* This program again, as a child: a fork alone would inherit locks of threads that it does not inherit. */
static pid_t begin_life(const char *spool, int pipe, unsigned every)
{
	char descriptor[16], commit[16];

	snprintf(descriptor, sizeof(descriptor), "%d", pipe);
	snprintf(commit, sizeof(commit), "%u", every);
	pid_t child = fork();
	if (child != 0)
		return child;
	execl("/proc/self/exe", "test_client_process", "live", spool, descriptor, commit, (char *)NULL);
	_exit(7);
}

/* Kills the child after it has given some numbers; returns the last number that it was given. */
static uint64_t one_life(struct scene *scene, unsigned life)
{
	uint64_t seq = 0, last = 0, given = 0;
	int pipes[2], status;

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(fcntl(pipes[0], F_SETFD, FD_CLOEXEC), 0);
	pid_t child = begin_life(scene->spool, pipes[1], life % 3 == 0 ? 5 : 0);
	assert_true(child > 0);
	close(pipes[1]);
	while (given < 20 + life * 7 && read(pipes[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq)) {
		given++;
		last = seq;
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(pipes[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq)) /* given before it died */
		last = seq;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(pipes[0]);
	return last;
}

static void test_a_killed_till_has_everything_that_it_was_told_is_kept(void **state)
{
	struct scene *scene = *state;
	uint64_t before = 0;
	char receipt[41];

	for (unsigned life = 0; life < LIVES; life++) {
		uint64_t last = one_life(scene, life);

		assert_true(last > before); /* the numbering went on */
		scene_client(scene);
		assert_true(client_waiting(scene->client) >=
			    last); /* one more may be on disk than was told */
		before = client_waiting(scene->client);
		client_close(&scene->client);
	}
	scene_client(scene);
	scene_settled(scene);
	assert_int_equal(scene->desk->admitted_count, before);
	for (uint64_t i = 0; i < before; i++) {
		snprintf(receipt, sizeof(receipt), "r%llu", (unsigned long long)i + 1);
		assert_int_equal(scene->desk->admitted[i].seq, i + 1);
		assert_string_equal(scene->desk->admitted[i].receipt, receipt);
	}
}

/*
 * One life after the other, each ends at some moment of its conversation with the door: every event is taken
 * once.
 */
static void test_a_till_that_ends_in_mid_conversation_doubles_nothing(void **state)
{
	struct scene *scene = *state;
	char receipt[41];

	for (unsigned life = 0; life < 60; life++) {
		scene_client(scene);
		for (unsigned i = 0; i < 5; i++) {
			snprintf(receipt, sizeof(receipt), "r%u", life * 5 + i);
			assert_int_equal(scene_publish(scene, T1, receipt), life * 5 + i + 1);
			scene_pass(scene, (life * 37 + i * 11) % 150);
		}
		client_close(&scene->client);
	}
	scene_client(scene);
	scene_settled(scene);
	assert_int_equal(scene->desk->admitted_count, 300);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(receipt, sizeof(receipt), "r%u", i);
		assert_string_equal(scene->desk->admitted[i].receipt, receipt);
	}
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "live") == 0)
		live(argv[2], atoi(argv[3]), (unsigned)atoi(argv[4]));

	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_killed_till_has_everything_that_it_was_told_is_kept,
					    scene_sockets, scene_end),
	    SCENE_SIMULATED(test_a_till_that_ends_in_mid_conversation_doubles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
