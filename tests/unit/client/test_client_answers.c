/*
 * test_client_answers.c -- goal: a verdict says what the service decided, whichever answers were lost, late
 * or repeated on the way; and a source without answers does not stop the others. Method: a door that keeps
 * acknowledgements to itself.
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

static void assert_verdict(const struct scene *scene, uint64_t seq, enum verdict verdict, const char *code)
{
	const struct scene_verdict *told = scene_verdict_of(scene, T1, seq);

	assert_int_equal(told->verdict, verdict);
	assert_string_equal(told->code, code);
}

static void test_refusals_are_told_with_their_codes(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_publish(scene, T1, "good");
	scene_publish(scene, T1, "bad");
	scene_publish(scene, T1, "good too");
	scene_settled(scene);
	assert_verdict(scene, 1, VERDICT_ACCEPTED, "");
	assert_verdict(scene, 2, VERDICT_REFUSED, "unknown_product");
	assert_verdict(scene, 3, VERDICT_ACCEPTED, "");
	assert_int_equal(desk_count(scene->desk, T1, "bad"), 1); /* refused is durable as well */
}

/* One message each: the answer to the first is lost, that to the second says that both are durable. */
static void test_a_refusal_in_a_lost_answer_is_not_taken_for_acceptance(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_pass(scene, 400);
	scene->desk->mute_acks = 1;
	scene_publish(scene, T1, "bad one");
	scene_pass(scene, 50);
	scene_publish(scene, T1, "two");
	scene_pass(scene, 50);
	assert_int_equal(desk_find(scene->desk, T1)->through, 2);
	assert_int_equal(scene->verdict_count, 0);
	scene_settled(scene);
	assert_verdict(scene, 1, VERDICT_REFUSED, "unknown_product");
	assert_int_equal(scene_verdict_of(scene, T1, 2)->verdict, VERDICT_DUPLICATE);
}

/*
 * All answers are lost with the door; what is sent again arrives in several messages, the first answer says
 * that all is durable.
 */
static void test_refusals_are_told_after_a_restart_of_the_door(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_pass(scene, 400);
	scene->desk->mute_acks = 100;
	for (unsigned i = 1; i <= 6; i++) { /* T2 in between: one message each, also when sent again */
		scene_publish(scene, T1, i % 2 == 0 ? "bad" : "good");
		scene_publish(scene, T2, "other");
	}
	scene_pass(scene, 100);
	assert_int_equal(scene->verdict_count, 0);
	scene_desk_leaves(scene);
	scene->desk->mute_acks = 0;
	scene_desk_returns(scene);
	scene_settled(scene);
	for (unsigned i = 1; i <= 6; i++)
		assert_verdict(scene, i, i % 2 == 0 ? VERDICT_REFUSED : VERDICT_DUPLICATE,
			       i % 2 == 0 ? "unknown_product" : "");
	assert_int_equal(scene->verdict_count, 12);
}

/*
 * Two messages, the answer to the first is lost, that to the second is late. Both are sent again as one
 * message, which is lost: the late answer must not be taken for the answer to it.
 */
static void test_a_late_answer_is_not_taken_for_that_to_a_longer_message(void **state)
{
	struct scene *scene = *state;

	scene_client_in_memory(scene);
	scene_pass(scene, 400);
	scene->desk->mute_acks = 1;
	scene_publish(scene, T1, "bad one");
	scene_pass(scene, 50);
	scene->desk->keep_acks = 1;
	scene->desk->lose_publishes = 0;
	scene_publish(scene, T1, "two");
	scene_pass(scene, 50);
	assert_int_equal(scene->desk->publishes, 2);
	scene->desk->lose_publishes = 1;
	scene_pass(scene, 4500);
	assert_int_equal(scene->desk->publishes, 3);
	desk_tell(scene->desk);
	scene_settled(scene);
	assert_verdict(scene, 1, VERDICT_REFUSED, "unknown_product");
	assert_int_equal(scene_verdict_of(scene, T1, 2)->verdict, VERDICT_DUPLICATE);
}

static void test_the_last_answer_lost_is_asked_for(void **state)
{
	struct scene *scene = *state;

	scene->desk->mute_acks = 1;
	scene_client_in_memory(scene);
	scene_publish(scene, T1, "bad");
	scene_settled(scene);
	assert_verdict(scene, 1, VERDICT_REFUSED, "unknown_product");
	assert_int_equal(scene->desk->hellos, 1);
}

/* Answers that arrive twice, late and in another order, among resends: always the door's decision. */
static void test_verdicts_are_true_in_a_bad_network(void **state)
{
	struct bus_faults faults = {
	    .loss = 1500, .duplicate = 1500, .reorder = 2000, .delay_us_min = 1000, .delay_us_max = 80000};
	unsigned refused = 0;

	(void)state;
	for (unsigned seed = 0; seed < 30; seed++) {
		struct scene *scene;
		void *inner;

		assert_int_equal(scene_simulated(&inner), 0);
		scene = inner;
		bus_network_faults(scene->network, &faults);
		scene->options.window_events = 1 + seed % 7;
		scene->options.send_twice = seed % 3 == 0;
		scene_client_in_memory(scene);
		for (unsigned i = 0; i < 100; i++) {
			bool bad = (i * (seed + 3)) % 5 < 2;

			scene_publish(scene, T1, bad ? "bad" : "good");
			if (i % 3 == seed % 3)
				scene_publish(scene, T2, "other");
			scene_pass(scene, (i * 7 + seed) % 60);
		}
		faults.loss = 1000;
		bus_network_faults(scene->network, &faults);
		scene_settled(scene);
		for (unsigned i = 0; i < 100; i++) {
			bool bad = (i * (seed + 3)) % 5 < 2;

			assert_int_equal(scene_verdict_of(scene, T1, i + 1)->verdict == VERDICT_REFUSED, bad);
			refused += bad;
		}
		assert_int_equal(scene_end(&inner), 0);
	}
	assert_true(refused > 500);
}

static unsigned verdicts_about(const struct scene *scene, const char *source)
{
	unsigned count = 0;

	for (unsigned i = 0; i < scene->verdict_count; i++)
		count += strcmp(scene->verdicts[i].source, source) == 0;
	return count;
}

static void test_a_source_that_is_never_answered_does_not_stop_the_others(void **state)
{
	struct scene *scene = *state;
	char receipt[41];

	scene->desk->deaf_to = T1;
	scene->options.window_events = 20;
	scene_client_in_memory(scene);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(receipt, sizeof(receipt), "r%u", i);
		scene_publish(scene, i % 2 == 0 ? T1 : T2, receipt);
	}
	scene_pass(scene, 40000);
	assert_int_equal(verdicts_about(scene, T2), 30);
	assert_int_equal(verdicts_about(scene, T1), 0);
	assert_string_equal(scene->held_source, T1);
	assert_string_equal(scene->held_code, "unanswered");
	assert_int_equal(scene->desk->hellos, 1);

	scene->desk->deaf_to = NULL; /* tried again after a minute at the latest */
	scene_pass(scene, 61000);
	assert_int_equal(verdicts_about(scene, T1), 30);
	assert_int_equal(client_waiting(scene->client), 0);
}

static void publish_more(void *context, const struct client_verdict *verdict)
{
	struct scene *scene = context;

	scene->verdict_count++;
	if (verdict->seq < 50)
		assert_int_equal(scene_ticket(scene->client, T1, "next", NULL), ERR_NONE);
	assert_int_equal(client_flush(scene->client, 10), ERR_USAGE);
	client_process(scene->client, 1000); /* does nothing in a callback */
}

static void test_a_verdict_may_lead_to_the_next_event(void **state)
{
	struct scene *scene = *state;

	scene->options.on_verdict = publish_more;
	scene_client_in_memory(scene);
	scene_publish(scene, T1, "first");
	scene_settled(scene);
	assert_int_equal(scene->verdict_count, 50);
	assert_int_equal(desk_find(scene->desk, T1)->through, 50);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SCENE_BOTH(test_refusals_are_told_with_their_codes),
	    SCENE_BOTH(test_a_refusal_in_a_lost_answer_is_not_taken_for_acceptance),
	    SCENE_BOTH(test_refusals_are_told_after_a_restart_of_the_door),
	    SCENE_BOTH(test_a_late_answer_is_not_taken_for_that_to_a_longer_message),
	    SCENE_BOTH(test_the_last_answer_lost_is_asked_for),
	    cmocka_unit_test(test_verdicts_are_true_in_a_bad_network),
	    SCENE_SIMULATED(test_a_source_that_is_never_answered_does_not_stop_the_others),
	    SCENE_BOTH(test_a_verdict_may_lead_to_the_next_event),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
