/*
 * test_large.c -- Goal: large blocks that are kept and lent again hide nothing from the sanitizer. Method: children read what they must not,
 * and die of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE ((size_t)200000)

static uint8_t *volatile block; /* the compiler must not know where it comes from */
static volatile uint8_t seen;

static void read_at(size_t offset)
{
	seen = block[offset];
}

static void read_freed(size_t offset)
{
	free(block);
	read_at(offset);
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

static void test_a_block_is_lent_again(void **state)
{
	(void)state;
	uint8_t *first = malloc(SIZE);
	free(first);
	block = malloc(SIZE);
	assert_ptr_equal(block, first);
	free(block);
	block = malloc(SIZE + 1);
	assert_ptr_not_equal(block, first);
	free(block);
}

static void test_nobody_reads_beyond_it(void **state)
{
	(void)state;
	for (int life = 0; life < 2; life++) {
		block = malloc(SIZE);
		assert_false(dies(read_at, 0));
		assert_false(dies(read_at, SIZE - 1));
		assert_true(dies(read_at, SIZE));
		free(block);
	}
}

static void test_nobody_reads_what_was_given_back(void **state)
{
	(void)state;
	block = malloc(SIZE);
	assert_true(dies(read_freed, 0));
	assert_true(dies(read_freed, 30000));
	free(block);
}

static void test_who_asks_for_zeroes_has_them(void **state)
{
	static const size_t sizes[] = {20000, SIZE, (size_t)2 << 20};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int life = 0; life < 2; life++) {
			block = calloc(1, sizes[i]);
			for (size_t at = 0; at < sizes[i]; at++)
				assert_int_equal(block[at], 0);
			memset(block, 0xff, sizes[i]);
			free(block);
		}
}

static void test_a_block_that_grows_keeps_what_it_holds(void **state)
{
	(void)state;
	block = malloc(SIZE);
	memset(block, 7, SIZE);
	block = realloc(block, 3 * SIZE);
	for (size_t at = 0; at < SIZE; at++)
		assert_int_equal(block[at], 7);
	block = realloc(block, 100);
	assert_int_equal(block[99], 7);
	assert_true(dies(read_at, 100));
	free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_block_is_lent_again),
	    cmocka_unit_test(test_nobody_reads_beyond_it),
	    cmocka_unit_test(test_nobody_reads_what_was_given_back),
	    cmocka_unit_test(test_who_asks_for_zeroes_has_them),
	    cmocka_unit_test(test_a_block_that_grows_keeps_what_it_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
