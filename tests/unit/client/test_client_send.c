/*
 * test_client_send.c -- goal: everything published is taken by the door once and in order, after whatever
 * happens in between; and what cannot be taken is held, renumbered or refused as the header says. Method: a
 * scripted door that loses, refuses, forgets or knows better; a simulated network that loses, repeats and
 * reorders, by seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "scene.h"

#define T1 "OUT-001/T1"
#define T2 "OUT-001/T2"

static void publish_many(struct scene *scene, const char *source, const char *prefix, unsigned count)
{
	char receipt[41];

	assert_int_equal(client_begin(scene->client), ERR_NONE);
	for (unsigned i = 0; i < count; i++) {
		snprintf(receipt, sizeof(receipt), "%s%05u", prefix, i);
		scene_publish(scene, source, receipt);
	}
	assert_int_equal(client_end(scene->client), ERR_NONE);
}

/* Everything published under a prefix was taken once, in order. */
static void assert_many(const struct scene *scene, const char *source, const char *prefix, unsigned count)
{
	char receipt[41];
	unsigned at = 0;

	for (unsigned i = 0; i < scene->desk->admitted_count; i++) {
		const struct desk_event *event = &scene->desk->admitted[i];

		if (strcmp(scene->desk->sources[event->source].name, source) != 0)
			continue;
		snprintf(receipt, sizeof(receipt), "%s%05u", prefix, at++);
		assert_string_equal(event->receipt, receipt);
	}
	assert_int_equal(at, count);
}

static void test_days_offline_are_caught_up_in_order(void **state)
{
	struct scene *scene = *state;

	scene_desk_leaves(scene);
	scene_client(scene);
	publish_many(scene, T1, "r", 7000);
	scene_pass(scene, 300);
	scene_desk_returns(scene);
	scene_settled(scene);
	assert_many(scene, T1, "r", 7000);
	assert_int_equal(scene->verdict_count, 7000);
	assert_in_range(scene->desk->publishes, 4, 100); /* many events in one message */
}

static void test_several_tills_arrive_in_the_order_of_their_sales(void **state)
{
	struct scene *scene = *state;
	static const char *const names[] = {T1, T2, T1, T1, "OUT-001/T3", T2, T1, T2, T2};
	char receipt[41];

	scene_desk_leaves(scene);
	scene_client_in_memory(scene);
	for (unsigned i = 0; i < 900; i++) {
		snprintf(receipt, sizeof(receipt), "r%u", i);
		scene_publish(scene, names[i % 9], receipt);
	}
	scene_desk_returns(scene);
	scene_settled(scene);
	assert_int_equal(scene->desk->admitted_count, 900);
	for (unsigned i = 0; i < 900; i++) {
		snprintf(receipt, sizeof(receipt), "r%u", i);
		assert_string_equal(scene->desk->admitted[i].receipt, receipt);
		assert_string_equal(scene->desk->sources[scene->desk->admitted[i].source].name, names[i % 9]);
	}
	assert_in_range(scene->desk->publishes, 600, 900); /* T1 T1 and T2 T2 travel together */
}

static void test_no_more_than_the_window_is_on_its_way(void **state)
{
	struct scene *scene = *state;

	scene->options.window_events = 10;
	scene->desk->mute_acks = 1000;
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 100);
	scene_pass(scene, 900);
	assert_int_equal(desk_find(scene->desk, T1)->through, 10);
	scene->desk->mute_acks = 0;
	scene_settled(scene);
	assert_many(scene, T1, "r", 100);
}

static void test_no_more_bytes_than_the_window_are_on_their_way(void **state)
{
	struct scene *scene = *state;
	const struct desk_source *till;

	scene->options.window_events = 20000;
	scene->desk->mute_acks = 1000;
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 9000);
	scene_pass(scene, 900);
	till = desk_find(scene->desk, T1);
	assert_in_range(till->through, 3000, 8000); /* half a MiB of about 100 bytes each, and one message more */
	scene->desk->mute_acks = 0;
	scene_settled(scene);
	assert_many(scene, T1, "r", 9000);
}

static void test_a_lost_window_is_found_by_the_ping(void **state)
{
	struct scene *scene = *state;
	int64_t began_us = scene_now_us(scene);

	scene->options.window_events = 10;
	scene->desk->lose_publishes = 1;
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 100);
	scene_settled(scene);
	assert_many(scene, T1, "r", 100);
	assert_in_range(scene_now_us(scene) - began_us, 0,
			3500000); /* not by waiting for the answer in vain */
}

static void test_a_full_door_is_left_alone_for_as_long_as_it_says(void **state)
{
	struct scene *scene = *state;

	scene->desk->full_ms = 600;
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 3);
	scene_pass(scene, 2000);
	assert_in_range(scene->desk->publishes, 2, 4);
	assert_int_equal(client_waiting(scene->client), 3);
	assert_int_equal(scene->verdict_count, 0);
	scene->desk->full_ms = 0;
	scene_settled(scene);
	assert_many(scene, T1, "r", 3);
}

static void test_nothing_leaves_an_open_turn(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_pass(scene, 400);
	assert_int_equal(client_begin(scene->client), ERR_NONE);
	scene_publish(scene, T1, "one");
	scene_pass(scene, 400);
	assert_int_equal(scene->desk->publishes, 0);
	assert_int_equal(client_begin(scene->client), ERR_USAGE);
	assert_int_equal(client_end(scene->client), ERR_NONE);
	assert_int_equal(client_end(scene->client), ERR_USAGE);
	scene_settled(scene);
}

static void test_said_twice_is_heard_once(void **state)
{
	struct scene *scene = *state;

	scene->options.send_twice = true;
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 500);
	scene_settled(scene);
	publish_many(scene, T1, "r", 0);
	assert_many(scene, T1, "r", 500);
	assert_int_equal(scene->verdict_count, 500);
	assert_int_equal(scene_verdict_of(scene, T1, 500)->verdict, VERDICT_ACCEPTED);
}

/* ---- when spool and service do not fit together ---- */

static void test_a_service_that_lost_its_store_gets_what_waits_under_a_later_epoch(void **state)
{
	struct scene *scene = *state;

	scene_client(scene);
	publish_many(scene, T1, "old", 5);
	scene_settled(scene);
	uint64_t epoch = desk_find(scene->desk, T1)->epoch;
	scene_desk_leaves(scene);
	scene_publish(scene, T1, "six");
	scene_publish(scene, T1, "seven");
	desk_lose_store(scene->desk);
	scene->desk->admitted_count = 0;
	scene_desk_returns(scene);
	scene_settled(scene);
	scene_assert_admitted(scene, T1, (const char *const[]){"six", "seven"}, 2);
	assert_true(desk_find(scene->desk, T1)->epoch > epoch);
	assert_int_equal(scene_publish(scene, T1, "eight"), 3);
	scene_settled(scene);
}

/* The same without a new conversation: only the resend tells. */
static void test_a_resend_from_too_early_is_checked_by_a_new_greeting(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	publish_many(scene, T1, "old", 5);
	scene_settled(scene);
	desk_lose_store(scene->desk);
	scene->desk->admitted_count = 0;
	scene_publish(scene, T1, "six");
	scene_settled(scene);
	assert_int_equal(scene->desk->hellos, 2);
	scene_assert_admitted(scene, T1, (const char *const[]){"six"}, 1);
}

/* A resend and a welcome of long ago are no two conversations that agree: nothing is numbered anew. */
static void test_what_is_late_does_not_decide_about_numbers(void **state)
{
	struct scene *scene = *state;

	scene_desk_leaves(scene);
	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 5);
	scene_desk_returns(scene); /* its first welcome says that it has nothing of this source */
	scene_settled(scene);
	desk_forget_sessions(scene->desk);
	scene_publish(scene, T1, "in another conversation");
	scene_settled(scene);
	uint64_t epoch = desk_find(scene->desk, T1)->epoch;
	scene->desk->early_resends = 1;
	scene->desk->late_welcomes = 1;
	scene_publish(scene, T1, "six");
	scene_settled(scene);
	assert_int_equal(scene->desk->late_welcomes, 0);
	assert_int_equal(desk_find(scene->desk, T1)->epoch, epoch);
	assert_int_equal(desk_count(scene->desk, T1, "six"), 1);
}

/* A door whose clock was set back gives lower numbers to its conversations: five greetings later they count. */
static void test_a_door_with_an_earlier_clock_is_found_again(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 5);
	scene_settled(scene);
	scene->desk->sessions = 10;
	desk_forget_sessions(scene->desk);
	scene_publish(scene, T1, "six");
	scene_settled(scene);
	assert_int_equal(desk_count(scene->desk, T1, "six"), 1);
}

/* The service went back to a backup: what was acknowledged since comes again, under its own numbers. */
static void test_a_spool_that_keeps_gives_a_restored_service_what_it_misses(void **state)
{
	struct scene *scene = *state;

	scene->options.keep_events = 4;
	scene_client(scene);
	publish_many(scene, T1, "r", 10);
	scene_settled(scene);
	uint64_t epoch = desk_find(scene->desk, T1)->epoch;
	scene_pass(scene, 1500); /* the others leave the disk */
	desk_stand(scene->desk, T1, epoch, 7);
	scene->desk->admitted_count = 7;
	client_close(&scene->client);
	scene_client(scene);
	scene_pass(scene, 3000);
	scene_settled(scene);
	assert_int_equal(desk_find(scene->desk, T1)->epoch, epoch);
	assert_int_equal(desk_find(scene->desk, T1)->through, 10);
	for (unsigned i = 0; i < 10; i++) {
		char receipt[16];

		snprintf(receipt, sizeof(receipt), "r%05u", i);
		assert_int_equal(desk_count(scene->desk, T1, receipt), 1);
	}
	scene_publish(scene, T1, "on");
	scene_settled(scene);
	assert_int_equal(desk_find(scene->desk, T1)->epoch, epoch);

	desk_stand(scene->desk, T1, epoch, 2); /* and further back than it keeps: what it has, under a later epoch */
	scene->desk->admitted_count = 2;
	scene_publish(scene, T1, "more");
	scene_settled(scene);
	assert_true(desk_find(scene->desk, T1)->epoch > epoch);
	assert_int_equal(desk_count(scene->desk, T1, "on"), 1);
	assert_int_equal(desk_count(scene->desk, T1, "more"), 1);
}

/*
 * Somebody else went on under this name from a copy of the disk: what is sold here must not be taken for what
 * was sold there.
 */
static void test_a_copied_disk_is_noticed_before_anything_is_lost(void **state)
{
	struct scene *scene = *state;

	scene_client(scene);
	publish_many(scene, T1, "r", 5);
	scene_settled(scene);
	client_close(&scene->client);
	uint64_t epoch = desk_find(scene->desk, T1)->epoch;
	desk_stand(scene->desk, T1, epoch, 9);
	scene_client(scene);
	scene_publish(scene, T1, "mine");
	scene_settled(scene);
	assert_int_equal(desk_count(scene->desk, T1, "mine"), 1);
	assert_true(desk_find(scene->desk, T1)->epoch > epoch);
}

/*
 * The copy sold one more, then this one sells two: without the greeting the first of them would pass for the
 * copy's.
 */
static void test_a_copied_disk_is_noticed_while_nothing_waits(void **state)
{
	struct scene *scene = *state;

	scene_client(scene);
	publish_many(scene, T1, "r", 5);
	scene_settled(scene);
	client_close(&scene->client);
	desk_stand(scene->desk, T1, desk_find(scene->desk, T1)->epoch, 6);
	scene_client(scene);
	scene_pass(scene, 500);
	publish_many(scene, T1, "mine", 2);
	scene_settled(scene);
	assert_int_equal(desk_count(scene->desk, T1, "mine00000"), 1);
	assert_int_equal(desk_count(scene->desk, T1, "mine00001"), 1);
}

static void test_a_copied_disk_is_noticed_even_without_a_new_greeting(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	publish_many(scene, T1, "r", 5);
	scene_settled(scene);
	uint64_t epoch = desk_find(scene->desk, T1)->epoch;
	desk_stand(scene->desk, T1, epoch, 9);
	scene_publish(scene, T1, "mine");
	scene_settled(scene);
	assert_int_equal(desk_count(scene->desk, T1, "mine"), 1);
	for (unsigned i = 0; i < scene->verdict_count; i++)
		assert_int_equal(scene->verdicts[i].verdict, VERDICT_ACCEPTED);
}

static bool held(struct scene *scene)
{
	return scene->held_count > 0;
}

static void test_a_fenced_source_is_held_and_the_others_go_on(void **state)
{
	struct scene *scene = *state;

	scene_client(scene);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	uint64_t later = desk_find(scene->desk, T1)->epoch + US_PER_DAY;
	desk_stand(scene->desk, T1, later, 3);
	scene_publish(scene, T1, "two");
	scene_publish(scene, T2, "other");
	scene_until(scene, held);
	scene_pass(scene, 300);
	assert_string_equal(scene->held_source, T1);
	assert_string_equal(scene->held_code, "epoch_fenced");
	assert_int_equal(desk_count(scene->desk, T2, "other"), 1);
	assert_int_equal(client_waiting(scene->client), 1);
	assert_int_equal(scene->held_count, 1);
	client_close(&scene->client);

	scene_client(scene); /* it is said once more after a restart */
	scene_pass(scene, 500);
	assert_int_equal(scene->held_count, 2);
	assert_int_equal(client_renumber(scene->client, T1), ERR_NONE);
	assert_int_equal(client_renumber(scene->client, "OUT-009/T9"), ERR_NOT_FOUND);
	scene_settled(scene);
	assert_int_equal(desk_count(scene->desk, T1, "two"), 1);
	assert_true(desk_find(scene->desk, T1)->epoch > later);
}

/* ---- numbers from elsewhere ---- */

static void test_numbers_from_elsewhere_are_kept(void **state)
{
	struct scene *scene = *state;

	desk_stand(scene->desk, T1, 5, 2);
	scene_client_in_memory(scene);
	for (uint64_t last = 0; last < 4; last++) { /* 1 to 4, of which the door has 1 and 2 */
		char receipt[8];

		snprintf(receipt, sizeof(receipt), "r%llu", (unsigned long long)last + 1);
		assert_int_equal(client_number(scene->client, T1, 5, last), ERR_NONE);
		assert_int_equal(scene_publish(scene, T1, receipt), last + 1);
	}
	assert_int_equal(client_number(scene->client, T1, 5, 0), ERR_USAGE); /* something waits */
	scene_settled(scene);
	assert_int_equal(scene_verdict_of(scene, T1, 2)->verdict, VERDICT_DUPLICATE);
	assert_int_equal(scene_verdict_of(scene, T1, 3)->verdict, VERDICT_ACCEPTED);
	scene_assert_admitted(scene, T1, (const char *const[]){"r3", "r4"}, 2);

	assert_int_equal(client_number(scene->client, T1, 5, 3), ERR_NONE); /* the last one once more */
	scene_publish(scene, T1, "r4");
	scene->verdict_count = 0;
	scene_settled(scene);
	assert_int_equal(scene_verdict_of(scene, T1, 4)->verdict, VERDICT_DUPLICATE);
	assert_int_equal(scene->verdict_count, 1);
}

static void test_a_gap_in_numbers_from_elsewhere_is_refused(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	assert_int_equal(client_number(scene->client, T1, 5, 6), ERR_NONE);
	scene_publish(scene, T1, "seven");
	scene_publish(scene, T1, "eight");
	scene_settled(scene);
	assert_int_equal(scene_verdict_of(scene, T1, 7)->verdict, VERDICT_REFUSED);
	assert_string_equal(scene_verdict_of(scene, T1, 8)->code, "gap");
	assert_int_equal(scene->desk->admitted_count, 0);
	assert_int_equal(client_number(scene->client, T1, 5, 0), ERR_NONE);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	scene_assert_admitted(scene, T1, (const char *const[]){"one"}, 1);
}

static void test_an_old_epoch_from_elsewhere_is_refused(void **state)
{
	struct scene *scene = *state;

	desk_stand(scene->desk, T1, 9, 2);
	scene_client_in_memory(scene);
	assert_int_equal(client_number(scene->client, T1, 5, 0), ERR_NONE);
	scene_publish(scene, T1, "one");
	scene_settled(scene);
	assert_string_equal(scene_verdict_of(scene, T1, 1)->code, "epoch_fenced");
	assert_int_equal(scene->held_count, 0);
}

/* ---- a bad network ---- */

static void play_badly(struct scene *scene, uint64_t seed)
{
	static const char *const names[] = {T1, T2, "OUT-002/T1"};
	struct bus_faults faults = {
	    .loss = 300, .duplicate = 300, .reorder = 300, .delay_us_min = 500, .delay_us_max = 20000};
	unsigned published[3] = {0};
	char receipt[41];

	bus_network_faults(scene->network, &faults);
	for (unsigned round = 0; round < 60; round++) {
		for (unsigned i = 0; i < 5; i++) {
			unsigned source =
			    (unsigned)(seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407) >>
			    30;

			source %= 3;
			snprintf(receipt, sizeof(receipt), "r%05u", published[source]++);
			scene_publish(scene, names[source], receipt);
		}
		if (round % 20 == 13) {
			scene_desk_leaves(scene);
			scene_pass(scene, (unsigned)(seed >> 40) % 8000);
			scene_desk_returns(scene);
		}
		if (round % 20 == 7)
			desk_forget_sessions(scene->desk);
		scene_pass(scene, (unsigned)(seed >> 33) % 400);
	}
	faults.loss = 50;
	bus_network_faults(scene->network, &faults);
	scene_settled(scene);
	for (unsigned i = 0; i < 3; i++) {
		assert_many(scene, names[i], "r", published[i]);
		for (unsigned seq = 1; seq <= published[i]; seq++)
			(void)scene_verdict_of(scene, names[i], seq);
	}
	assert_int_equal(scene->verdict_count, 300);
}

/* 40 seeds: once each, in order, one verdict each, and never a new epoch. */
static void test_a_bad_network_neither_loses_nor_doubles(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct scene *scene;
		void *inner;

		assert_int_equal(scene_simulated(&inner), 0);
		scene = inner;
		scene->options.window_events = 1 + (uint32_t)(seed % 3) * 40;
		scene_client_in_memory(scene);
		play_badly(scene, seed);
		assert_int_equal(scene->held_count, 0);
		for (unsigned i = 0; i < scene->desk->admitted_count; i++)
			assert_int_equal(scene->desk->admitted[i].epoch,
					 scene->desk->sources[scene->desk->admitted[i].source].epoch);
		assert_int_equal(scene_end(&inner), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SCENE_BOTH(test_days_offline_are_caught_up_in_order),
	    SCENE_BOTH(test_several_tills_arrive_in_the_order_of_their_sales),
	    SCENE_BOTH(test_no_more_than_the_window_is_on_its_way),
	    SCENE_BOTH(test_no_more_bytes_than_the_window_are_on_their_way),
	    SCENE_BOTH(test_a_lost_window_is_found_by_the_ping),
	    SCENE_BOTH(test_a_full_door_is_left_alone_for_as_long_as_it_says),
	    SCENE_BOTH(test_nothing_leaves_an_open_turn),
	    SCENE_BOTH(test_said_twice_is_heard_once),
	    SCENE_BOTH(test_a_service_that_lost_its_store_gets_what_waits_under_a_later_epoch),
	    SCENE_BOTH(test_a_resend_from_too_early_is_checked_by_a_new_greeting),
	    SCENE_BOTH(test_what_is_late_does_not_decide_about_numbers),
	    SCENE_SIMULATED(test_a_door_with_an_earlier_clock_is_found_again),
	    SCENE_BOTH(test_a_spool_that_keeps_gives_a_restored_service_what_it_misses),
	    SCENE_BOTH(test_a_copied_disk_is_noticed_before_anything_is_lost),
	    SCENE_BOTH(test_a_copied_disk_is_noticed_while_nothing_waits),
	    SCENE_BOTH(test_a_copied_disk_is_noticed_even_without_a_new_greeting),
	    SCENE_BOTH(test_a_fenced_source_is_held_and_the_others_go_on),
	    SCENE_BOTH(test_numbers_from_elsewhere_are_kept),
	    SCENE_BOTH(test_a_gap_in_numbers_from_elsewhere_is_refused),
	    SCENE_BOTH(test_an_old_epoch_from_elsewhere_is_refused),
	    cmocka_unit_test(test_a_bad_network_neither_loses_nor_doubles),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
