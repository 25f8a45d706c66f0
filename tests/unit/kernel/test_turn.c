/* test_turn.c -- what a turn remembers for its service while it lasts, and no longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)

/* It may forget that it was asked before, but never takes one for another. */
static void test_what_was_touched_is_known_of_each_number(void **state)
{
	struct touched *touched = calloc(1, sizeof(*touched));
	struct engine engine = {.touched = touched};
	struct turn turn = {.engine = &engine};
	const int row = 0;

	(void)state;
	assert_non_null(touched);
	for (int64_t number = 1; number <= 4 * TOUCHED_LATELY; number++) {
		assert_false(turn_touched(&turn, &row, number));
		assert_true(turn_touched(&turn, &row, number));
	}
	free(touched);
}

static void test_notes_end_with_their_turn(void **state)
{
	struct engine_options options = {.path = "toy", .memory = true, .now_us = START_US};
	struct engine *engine;

	(void)state;
	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	struct turn turn = {.engine = engine};
	for (int i = 0; i < 4; i++) {
		assert_int_equal(engine_begin(engine, START_US), ERR_NONE);
		uint64_t *notes = turn_notes(&turn, 2 * sizeof(*notes));
		assert_int_equal(notes[0] | notes[1], 0);
		notes[0] = notes[1] = 7;
		assert_ptr_equal(turn_notes(&turn, 2 * sizeof(*notes)), notes);
		assert_int_equal(notes[1], 7);
		if (i % 2 == 0)
			assert_int_equal(engine_commit(engine), ERR_NONE);
		else
			engine_abort(engine);
	}
	engine_close(&engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_was_touched_is_known_of_each_number),
	    cmocka_unit_test(test_notes_end_with_their_turn),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
