/*
 * test_client.c -- goal: the conversation begins, breaks off and begins again by itself, whoever is late,
 * silent, forgetful or restarted. Method: a client before a scripted door, over sockets and simulated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "scene.h"

#define T1 "OUT-001/T1"

static bool connected(struct scene *scene)
{
	return client_connected(scene->client);
}

static void test_a_client_opens_while_nobody_is_at_the_door(void **state)
{
	struct scene *scene = *state;

	scene_desk_leaves(scene);
	scene_client(scene);
	scene_publish(scene, T1, "one");
	scene_pass(scene, 500);
	assert_false(client_connected(scene->client));
	assert_int_equal(client_waiting(scene->client), 1);
	scene_desk_returns(scene);
	scene_until(scene, connected);
	scene_settled(scene);
	scene_assert_admitted(scene, T1, (const char *const[]){"one"}, 1);
}

static void test_a_lost_welcome_is_asked_for_again(void **state)
{
	struct scene *scene = *state;

	scene->desk->mute_welcomes = 2;
	scene_client_in_memory(scene);
	scene_until(scene, connected);
	assert_int_equal(scene->desk->hellos, 3);
}

static void test_a_welcome_that_comes_twice_begins_nothing_anew(void **state)
{
	struct scene *scene = *state;

	scene->desk->repeat_welcomes = 1;
	scene_client_in_memory(scene);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	scene_pass(scene, 100);
	assert_int_equal(scene->desk->publishes, 1);
}

static bool greeted(struct scene *scene)
{
	return scene->desk->hellos == 1;
}

static void test_an_absent_caller_does_not_blame_the_door(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_until(scene, greeted);
	/* The welcome waits to be read, and the caller does something else for longer than a client waits for one. */
	for (unsigned i = 0; i < 5; i++) {
		bus_run_once(scene->desk_bus, 0);
		usleep(150000);
	}
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	assert_int_equal(scene->desk->hellos, 1);
	assert_int_equal(scene->desk->publishes, 1);
	usleep(6000000); /* longer than a silent door is given */
	scene_publish(scene, T1, "two");
	scene_settled(scene);
	assert_int_equal(scene->desk->hellos, 1);
	assert_int_equal(scene_verdict_of(scene, T1, 2)->verdict, VERDICT_ACCEPTED);
}

static void test_a_door_that_forgot_the_session_is_greeted_again(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	desk_forget_sessions(scene->desk);
	scene_publish(scene, T1, "two");
	scene_settled(scene);
	assert_int_equal(scene->desk->hellos, 2);
	scene_assert_admitted(scene, T1, (const char *const[]){"one", "two"}, 2);
}

static void test_a_restarted_door_is_found_again(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	scene_desk_leaves(scene);
	scene_publish(scene, T1, "two");
	scene_pass(scene, 300);
	scene_desk_returns(scene);
	scene_settled(scene);
	scene_assert_admitted(scene, T1, (const char *const[]){"one", "two"}, 2);
	assert_int_equal(scene_verdict_of(scene, T1, 2)->verdict, VERDICT_ACCEPTED);
}

/*
 * Nobody answers for ten minutes: the client asks less and less often, but at least every ten seconds, and
 * never in a fixed beat.
 */
static void test_greetings_back_off(void **state)
{
	struct scene *scene = *state;

	scene->desk->mute_welcomes = 1000;
	scene_client_in_memory(scene);
	scene_pass(scene, 10000);
	unsigned at_first = scene->desk->hellos;
	assert_in_range(at_first, 4, 12);
	scene_pass(scene, 590000);
	assert_in_range(scene->desk->hellos - at_first, 59, 120);
	scene->desk->mute_welcomes = 0;
	scene_pass(scene, 10200);
	assert_true(client_connected(scene->client));
}

static unsigned hellos_within(void **state, uint64_t seed)
{
	struct scene *scene = *state;

	scene->desk->hellos = 0;
	scene->options.seed = seed;
	scene_client_in_memory(scene);
	scene_pass(scene, 300000);
	client_close(&scene->client);
	return scene->desk->hellos;
}

static void test_the_seed_decides_the_jitter(void **state)
{
	struct scene *scene = *state;
	unsigned different = 0;

	scene->desk->mute_welcomes = 100000;
	unsigned first = hellos_within(state, 1);
	assert_int_equal(hellos_within(state, 1), first);
	for (uint64_t seed = 2; seed < 8; seed++)
		different += hellos_within(state, seed) != first;
	assert_true(different > 0);
}

static bool disconnected(struct scene *scene)
{
	return !client_connected(scene->client);
}

static void test_a_silent_line_is_given_up_and_found_again(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_until(scene, connected);
	bus_network_cut(scene->network, scene->desk_bus, scene->client_bus, true);
	scene_until(scene, disconnected);
	scene_publish(scene, T1, "one");
	scene_pass(scene, 60000);
	bus_network_cut(scene->network, scene->desk_bus, scene->client_bus, false);
	scene_settled(scene);
	scene_assert_admitted(scene, T1, (const char *const[]){"one"}, 1);
}

static void test_it_pings_about_once_a_second(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_until(scene, connected);
	scene->desk->pings = 0;
	scene_pass(scene, 60000);
	assert_in_range(scene->desk->pings, 50, 60);
	assert_int_equal(scene->desk->hellos, 1);
}

static void test_a_long_name_is_cut_between_characters(void **state)
{
	struct scene *scene = *state;

	scene->options.name =
	    "\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91"
	    "\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91"
	    "\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd\x91\xe4\xb8\x80\xe7\xbd"
	    "\x91";
	scene_client_in_memory(scene);
	scene_until(scene, connected); /* the desk does not survive a hello that is not UTF-8 */
}

static void test_closing_is_harmless_twice_and_keeps_what_waits(void **state)
{
	struct scene *scene = *state;
	struct client *none = NULL;

	client_close(&none);
	scene_desk_leaves(scene);
	scene_client(scene);
	scene_publish(scene, T1, "one");
	client_close(&scene->client);
	assert_null(scene->client);
	client_close(&scene->client);
	scene_client(scene);
	assert_int_equal(client_waiting(scene->client), 1);
	scene_desk_returns(scene);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
	struct scene *scene = *state;
	struct client *client;

	scene->options.endpoint = "inproc://nowhere";
	assert_int_equal(client_open(&client, &scene->options), ERR_USAGE);
	assert_null(client);
	scene->options.endpoint = scene->endpoint;
	scene_client(scene);
	assert_int_equal(client_open(&client, &scene->options), ERR_STORE_BUSY); /* one spool, one client */
	assert_null(client);
}

/* A loop of its own: nobody else serves it. */
static void test_a_client_with_a_loop_of_its_own(void **state)
{
	struct scene *scene = *state;
	struct client *client;

	scene->options.bus = NULL;
	assert_int_equal(client_open(&client, &scene->options), ERR_NONE);
	assert_int_equal(scene_ticket(client, T1, "one", NULL), ERR_NONE);
	assert_int_equal(client_flush(client, 50),
			 ERR_TIMEOUT); /* the desk is served by this thread as well */
	for (int i = 0; i < 1000 && client_waiting(client) > 0; i++) {
		bus_run_once(scene->desk_bus, 1);
		client_process(client, 1);
	}
	assert_int_equal(client_flush(client, 50), ERR_NONE);
	client_close(&client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_BOTH(test_a_client_opens_while_nobody_is_at_the_door),
	    SCENE_BOTH(test_a_lost_welcome_is_asked_for_again),
	    SCENE_BOTH(test_a_welcome_that_comes_twice_begins_nothing_anew),
	    SCENE_SOCKETS(test_an_absent_caller_does_not_blame_the_door),
	    SCENE_BOTH(test_a_door_that_forgot_the_session_is_greeted_again),
	    SCENE_BOTH(test_a_restarted_door_is_found_again),
	    SCENE_SIMULATED(test_greetings_back_off),
	    SCENE_SIMULATED(test_the_seed_decides_the_jitter),
	    SCENE_SIMULATED(test_a_silent_line_is_given_up_and_found_again),
	    SCENE_SIMULATED(test_it_pings_about_once_a_second),
	    SCENE_BOTH(test_a_long_name_is_cut_between_characters),
	    SCENE_BOTH(test_closing_is_harmless_twice_and_keeps_what_waits),
	    SCENE_BOTH(test_what_cannot_be_opened_says_why),
	    {"test_a_client_with_a_loop_of_its_own", test_a_client_with_a_loop_of_its_own, scene_sockets,
	     scene_end, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
