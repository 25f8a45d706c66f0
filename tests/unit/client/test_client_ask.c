/*
 * test_client_ask.c -- goal: a question is answered whole, page by page, or with the reason why not, and
 * never after it was given up. Method: client and scripted door on one loop, since client_query waits in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "scene.h"

#define WAIT_MS 3000

struct answers;
static int ask(struct answers *answers, const char *what, uint64_t wait_ms);

/* Client and door share the loop of the client. */
static void open_on_one_loop(struct scene *scene)
{
	scene_desk_leaves(scene);
	desk_return(scene->desk, scene->client_bus);
	scene_client_in_memory(scene);
}

static void close_on_one_loop(struct scene *scene)
{
	client_close(&scene->client);
	desk_leave(scene->desk);
}

struct answers {
	struct scene *scene;
	int64_t numbers[64];
	unsigned count;
	bool leaves; /* the door ends and begins again after the first page */
};

static void on_row(void *context, struct bytes row)
{
	struct answers *answers = context;
	struct reader reader = reader_of(row);

	assert_int_equal(reader_map(&reader, 1), 1);
	assert_true(text_equal(reader_text(&reader, 10), TEXT_LITERAL("number")));
	answers->numbers[answers->count++] = reader_int(&reader);
	assert_int_equal(reader.error, ERR_NONE);
	assert_int_equal(ask(answers, "numbers", WAIT_MS), ERR_USAGE);
	if (answers->leaves && answers->count == 3)
		desk_forget_sessions(answers->scene->desk);
}

static int ask(struct answers *answers, const char *what, uint64_t wait_ms)
{
	return client_query(answers->scene->client, what, bytes_of(NULL, 0), on_row, answers, wait_ms);
}

static void assert_one_to_ten(const struct answers *answers)
{
	assert_int_equal(answers->count, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(answers->numbers[i], i + 1);
}

static void test_every_page_is_heard(void **state)
{
	struct answers answers = {.scene = *state};

	open_on_one_loop(*state);
	assert_int_equal(ask(&answers, "numbers", WAIT_MS), ERR_NONE);
	assert_one_to_ten(&answers);
	answers.count = 0;
	assert_int_equal(ask(&answers, "numbers", WAIT_MS), ERR_NONE);
	assert_one_to_ten(&answers);
	close_on_one_loop(*state);
}

static void test_a_forgetful_door_is_asked_again(void **state)
{
	struct answers answers = {.scene = *state, .leaves = true};

	open_on_one_loop(*state);
	assert_int_equal(ask(&answers, "numbers", WAIT_MS), ERR_NONE);
	assert_one_to_ten(&answers);
	assert_int_equal(answers.scene->desk->hellos, 2);
	close_on_one_loop(*state);
}

static void test_what_nobody_knows_is_not_found(void **state)
{
	struct answers answers = {.scene = *state};

	open_on_one_loop(*state);
	assert_int_equal(ask(&answers, "weather", WAIT_MS), ERR_NOT_FOUND);
	assert_int_equal(ask(&answers, "numbers", WAIT_MS), ERR_NONE);
	assert_one_to_ten(&answers);
	close_on_one_loop(*state);
}

/* What a door refuses of something else that was said is not what becomes of this question. */
static void test_another_s_refusal_is_not_the_answer(void **state)
{
	struct answers answers = {.scene = *state};

	open_on_one_loop(*state);
	assert_int_equal(ask(&answers, "misled", WAIT_MS), ERR_NONE);
	assert_int_equal(answers.count, 10);
	close_on_one_loop(*state);
}

static void test_more_without_a_place_ends(void **state)
{
	struct answers answers = {.scene = *state};

	open_on_one_loop(*state);
	assert_int_equal(ask(&answers, "broken", WAIT_MS), ERR_MISSING_FIELD);
	close_on_one_loop(*state);
}

static void test_nobody_there_and_no_answer_are_told_apart(void **state)
{
	struct scene *scene = *state;
	struct answers answers = {.scene = scene};

	open_on_one_loop(scene);
	desk_leave(scene->desk);
	assert_int_equal(ask(&answers, "numbers", 300), ERR_UNREACHABLE);
	desk_return(scene->desk, scene->client_bus);
	scene->desk->mute_replies = true;
	assert_int_equal(ask(&answers, "numbers", 1500), ERR_TIMEOUT);
	assert_int_equal(answers.count, 0);
	close_on_one_loop(scene);
}

/* The answer arrives after the question was given up: its rows have nowhere to go. */
static void test_an_answer_that_is_too_late_finds_nobody(void **state)
{
	struct scene *scene = *state;
	struct answers answers = {.scene = scene};

	scene_client_in_memory(scene);
	scene_pass(scene, 500);
	assert_true(client_connected(scene->client));
	assert_int_equal(ask(&answers, "numbers", 50), ERR_TIMEOUT);
	scene_pass(scene, 300); /* only now the door is served: it answers */
	assert_int_equal(answers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_every_page_is_heard, scene_sockets, scene_end),
	    cmocka_unit_test_setup_teardown(test_a_forgetful_door_is_asked_again, scene_sockets, scene_end),
	    cmocka_unit_test_setup_teardown(test_what_nobody_knows_is_not_found, scene_sockets, scene_end),
	    cmocka_unit_test_setup_teardown(test_another_s_refusal_is_not_the_answer, scene_sockets, scene_end),
	    cmocka_unit_test_setup_teardown(test_more_without_a_place_ends, scene_sockets, scene_end),
	    cmocka_unit_test_setup_teardown(test_nobody_there_and_no_answer_are_told_apart, scene_sockets,
					    scene_end),
	    cmocka_unit_test_setup_teardown(test_an_answer_that_is_too_late_finds_nobody, scene_sockets,
					    scene_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
