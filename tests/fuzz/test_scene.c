/*
 * test_scene.c -- Goal: a scene hides nothing from the sanitizer, and stands again as it was kept. Method: children do what they must not, and
 * die of it; executions that differ, and one that remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scene.h"

#define SMALL ((size_t)100)
#define LARGE ((size_t)200000)

/* What was prepared, at the beginning of the scene. */
struct prepared {
	uint8_t *small, *large;
	uint64_t number;
};

static uint8_t *volatile block; /* the compiler must not know where it comes from */
static volatile uint8_t seen;

/* One scene a test: cmocka takes its handler of faults away between them, and a scene sets it when it is made. */
static struct prepared *enter(unsigned number)
{
	static struct prepared *all[SCENES_MAX];
	struct prepared *prepared = all[number];

	if (scene_enter(number)) {
		all[number] = prepared = malloc(sizeof(*prepared));
		*prepared = (struct prepared){malloc(SMALL), calloc(1, LARGE), 7};
		memset(prepared->small, 1, SMALL);
		prepared->large[LARGE / 2] = 2;
		scene_keep();
	}
	return prepared;
}

static void leave(struct prepared *prepared)
{
	free(prepared->small);
	free(prepared->large);
	free(prepared);
	scene_leave();
}

static void read_at(size_t offset)
{
	seen = block[offset];
}

static void read_freed(size_t offset)
{
	free(block);
	read_at(offset);
}

static void free_twice(size_t offset)
{
	(void)offset;
	free(block);
	free(block);
}

static void leave_without(size_t offset)
{
	(void)offset;
	scene_leave();
}

/* Whether somebody who does this is stopped. */
static int dies(void (*act)(size_t offset), size_t offset)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		close(STDERR_FILENO);
		act(offset);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void look_around(uint8_t *at, size_t size)
{
	block = at;
	assert_false(dies(read_at, 0));
	assert_false(dies(read_at, size - 1));
	assert_true(dies(read_at, size));
	assert_true(dies(read_at, (size_t)-1));
	assert_true(dies(read_freed, 0));
	assert_true(dies(read_freed, size < 30000 ? size - 1 : 30000));
	assert_true(dies(free_twice, 0));
}

static void test_nobody_reads_beside_a_block_or_what_was_given_back(void **state)
{
	(void)state;
	for (int life = 0; life < 3; life++) {
		struct prepared *prepared = enter(0);
		uint8_t *small = malloc(SMALL), *large = malloc(LARGE + 1), *grown = realloc(malloc(10), 33);

		look_around(prepared->small, SMALL);
		look_around(prepared->large, LARGE);
		look_around(small, SMALL);
		look_around(large, LARGE + 1);
		look_around(grown, 33);
		free(small);
		free(large);
		free(grown);
		leave(prepared);
	}
}

static void test_what_was_prepared_stands_again(void **state)
{
	(void)state;
	for (int life = 0; life < 3; life++) {
		struct prepared *prepared = enter(1);

		assert_int_equal(prepared->number, 7);
		for (size_t at = 0; at < SMALL; at++)
			assert_int_equal(prepared->small[at], 1);
		for (size_t at = 0; at < LARGE; at++)
			assert_int_equal(prepared->large[at], at == LARGE / 2 ? 2 : 0);
		memset(prepared->small, 9, SMALL);
		memset(prepared->large, 9, LARGE);
		prepared->number = 8;
		leave(prepared);
	}
}

static void test_nobody_sees_what_another_left(void **state)
{
	static const size_t sizes[] = {1, SMALL, 20000, LARGE, (size_t)2 << 20};

	(void)state;
	for (int life = 0; life < 3; life++) {
		struct prepared *prepared = enter(2);

		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (int again = 0; again < 2; again++) {
				block = calloc(1, sizes[i]);
				for (size_t at = 0; at < sizes[i]; at++)
					assert_int_equal(block[at], 0);
				memset(block, 0xff, sizes[i]);
				free(block);
			}
		leave(prepared);
	}
}

static void test_what_is_not_given_back_is_a_finding(void **state)
{
	struct prepared *prepared = enter(3);

	(void)state;
	block = malloc(SMALL);
	assert_true(dies(leave_without, 0));
	free(block);
	leave(prepared);
}

/* One life: what it leaves behind when it writes this. */
static uint64_t print_after(uint64_t number)
{
	struct prepared *prepared = enter(4);

	prepared->number = number;
	leave(prepared);
	return scene_print;
}

static void test_the_print_tells_executions_apart(void **state)
{
	(void)state;
	scene_prints = true;
	(void)print_after(1);
	uint64_t one = print_after(1), two = print_after(2);
	assert_int_not_equal(one, two);
	assert_int_equal(print_after(1), one);
	scene_prints = false;
}

static void test_time_is_the_same_each_time(void **state)
{
	struct timespec at[2];

	(void)state;
	for (int life = 0; life < 2; life++) {
		struct prepared *prepared = enter(5);

		assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &at[life]), 0);
		leave(prepared);
	}
	assert_memory_equal(&at[0], &at[1], sizeof(at[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody_reads_beside_a_block_or_what_was_given_back),
	    cmocka_unit_test(test_what_was_prepared_stands_again),
	    cmocka_unit_test(test_nobody_sees_what_another_left),
	    cmocka_unit_test(test_what_is_not_given_back_is_a_finding),
	    cmocka_unit_test(test_the_print_tells_executions_apart),
	    cmocka_unit_test(test_time_is_the_same_each_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
