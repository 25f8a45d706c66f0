/*
 * test_client_hear.c -- goal: a subscriber hears every event once and in order, through loss, repetition and
 * restarts, and can answer each exactly once. Method: a scripted door with a journal; the numbers heard are
 * kept and compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "scene.h"

#define HEARD_MAX 5000

/* What the callbacks were told. */
struct ear {
	struct scene *scene;
	uint64_t seqs[HEARD_MAX], epochs[HEARD_MAX];
	unsigned count;
	uint64_t through, head;
	bool answers; /* publishes an answer to each, and confirms it in the same commit */
};

static struct ear ear; /* of this test program */

static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	char receipt[41];

	(void)context;
	assert_true(event.size > 0 && ear.count < HEARD_MAX);
	ear.seqs[ear.count] = envelope->seq;
	ear.epochs[ear.count++] = epoch;
	if (!ear.answers)
		return;
	snprintf(receipt, sizeof(receipt), "answer-%llu", (unsigned long long)envelope->seq);
	assert_int_equal(client_begin(ear.scene->client), ERR_NONE);
	scene_publish(ear.scene, "wms/WH-1", receipt);
	assert_int_equal(client_confirm(ear.scene->client, epoch, envelope->seq), ERR_NONE);
	assert_int_equal(client_end(ear.scene->client), ERR_NONE);
}

static void on_progress(void *context, uint64_t through, uint64_t head)
{
	(void)context;
	ear.through = through;
	ear.head = head;
}

static struct client_subscription from(struct scene *scene, uint64_t seq)
{
	ear = (struct ear){.scene = scene};
	return (struct client_subscription){
	    .from = seq, .on_event = on_event, .on_progress = on_progress, .context = &ear};
}

static void say_many(struct scene *scene, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		desk_say(scene->desk, "shipment.planned", "OUT-001");
}

static void assert_heard(uint64_t first, uint64_t last)
{
	assert_int_equal(ear.count, last - first + 1);
	for (unsigned i = 0; i < ear.count; i++)
		assert_int_equal(ear.seqs[i], first + i);
}

static bool heard_all(struct scene *scene)
{
	return ear.through == scene->desk->head && ear.count > 0;
}

static void test_the_whole_journal_is_heard_in_order(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	say_many(scene, 3000);
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_USAGE);
	scene_until(scene, heard_all);
	assert_heard(1, 3000);
	say_many(scene, 2);
	scene_until(scene, heard_all);
	assert_heard(1, 3002);
	assert_int_equal(ear.epochs[0], scene->desk->epoch);
	assert_int_equal(scene->desk->subscribes, 1);
}

static void test_from_the_middle_and_from_now_on(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 41);

	say_many(scene, 50);
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(41, 50);
	client_close(&scene->client);

	subscription = from(scene, 0);
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_pass(scene, 1500);
	assert_int_equal(ear.count, 0);
	say_many(scene, 3);
	scene_until(scene, heard_all);
	assert_heard(51, 53);
}

static bool two_heard(struct scene *scene)
{
	(void)scene;
	return ear.count >= 2;
}

/* With a credit of two the door sends two, and the next when they were heard. */
static void test_credit_is_given_back(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	subscription.credit = 2;
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	say_many(scene, 100);
	scene_until(scene, two_heard);
	scene_until(scene, heard_all);
	assert_heard(1, 100);
	assert_int_equal(scene->desk->durable, 0); /* nothing was confirmed */
}

static void test_lost_batches_are_fetched_again(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	say_many(scene, 10);
	scene->desk->lose_batches = 1; /* the very first one */
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(1, 10);
	scene->desk->lose_batches = 3; /* the last ones: only the head tells */
	say_many(scene, 3);
	scene_until(scene, heard_all);
	assert_heard(1, 13);
}

static void test_repeated_batches_are_heard_once(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	scene->desk->repeat_batches = 1000;
	say_many(scene, 100);
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(1, 100);
	assert_int_equal(scene->desk->subscribes, 1); /* and nothing is asked for again */
}

static void test_a_restarted_door_is_heard_on(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	say_many(scene, 20);
	scene_until(scene, heard_all);
	scene_desk_leaves(scene);
	scene_pass(scene, 300);
	scene_desk_returns(scene);
	say_many(scene, 20);
	scene_until(scene, heard_all);
	assert_heard(1, 40);
}

static void test_another_journal_is_heard_from_its_beginning(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	say_many(scene, 20);
	scene_until(scene, heard_all);
	scene_desk_leaves(scene);
	desk_other_journal(scene->desk);
	scene_desk_returns(scene);
	say_many(scene, 3);
	scene_until(scene, heard_all);
	assert_int_equal(ear.count, 23);
	assert_int_equal(ear.seqs[20], 1);
	assert_int_equal(ear.epochs[20], scene->desk->epoch);
}

/* A stored position belongs to an epoch: in another journal it means nothing. */
static void test_a_position_of_another_epoch_begins_at_one(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 0);

	say_many(scene, 5);
	scene_client_in_memory(scene);
	subscription.epoch = scene->desk->epoch - 1;
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_USAGE); /* an epoch of nothing */
	subscription.from = 4;
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(1, 5);
}

static void test_a_position_of_another_epoch_begins_at_one_in_mid_session(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 0);

	say_many(scene, 5);
	scene_client_in_memory(scene);
	scene_pass(scene, 500);
	assert_true(client_connected(scene->client));
	subscription.epoch = scene->desk->epoch - 1;
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_USAGE); /* an epoch of nothing */
	subscription.from = 4;
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(1, 5);
}

/* An old copy of the service's disk under the same epoch: what it says from now on is new all the same. */
static void test_a_shorter_journal_is_heard_on_from_its_end(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 11);

	say_many(scene, 4);
	subscription.epoch = scene->desk->epoch;
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_pass(scene, 1500);
	say_many(scene, 2);
	scene_until(scene, heard_all);
	assert_heard(5, 6);
	assert_in_range(scene->desk->subscribes, 1, 2);
}

static void test_each_is_answered_exactly_once_over_restarts(void **state)
{
	struct scene *scene = *state;
	char receipt[41];

	for (unsigned life = 0; life < 8; life++) {
		struct client_subscription subscription = from(scene, 0);
		uint64_t epoch, seq;

		say_many(scene, 25);
		ear.answers = true;
		scene_client(scene);
		client_confirmed(scene->client, &epoch, &seq);
		assert_int_equal(epoch, life == 0 ? 0 : scene->desk->epoch);
		subscription.from = seq + 1;
		subscription.epoch = epoch;
		subscription.credit = 10;
		assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
		scene_pass(scene,
			   life % 2 == 0 ? 2000 : 250 + life); /* odd lives end before they have heard all */
		client_close(&scene->client);
	}
	struct client_subscription subscription = from(scene, 0);
	uint64_t epoch, seq;
	ear.answers = true;
	scene_client(scene);
	client_confirmed(scene->client, &epoch, &seq);
	subscription.from = seq + 1;
	subscription.epoch = epoch;
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_pass(scene, 1500);
	scene_settled(scene);
	for (unsigned i = 1; i <= 200; i++) {
		snprintf(receipt, sizeof(receipt), "answer-%u", i);
		assert_int_equal(desk_count(scene->desk, "wms/WH-1", receipt), 1);
	}
}

static void test_the_door_is_told_what_was_confirmed(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 1);

	ear.answers = true;
	subscription.credit = 4;
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	say_many(scene, 40);
	scene_until(scene, heard_all);
	scene_pass(scene, 50);
	assert_in_range(scene->desk->durable, 36, 40);
}

/* A view begins anew with every subscription; its numbers mean nothing beyond. */
static void test_a_view_is_given_whole_again(void **state)
{
	struct scene *scene = *state;
	struct client_subscription subscription = from(scene, 0);
	static const char *const types[] = {"kpi.updated", NULL};

	subscription.types = types;
	say_many(scene, 5);
	scene_client_in_memory(scene);
	assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
	scene_until(scene, heard_all);
	assert_heard(1, 5);
	scene_desk_leaves(scene);
	scene_desk_returns(scene);
	ear.through = ear.count = 0;
	scene_until(scene, heard_all);
	assert_heard(1, 5);
}

static void test_a_bad_network_neither_loses_nor_doubles(void **state)
{
	struct bus_faults faults = {
	    .loss = 800, .duplicate = 800, .reorder = 800, .delay_us_min = 1000, .delay_us_max = 40000};

	(void)state;
	for (unsigned seed = 1; seed <= 30; seed++) {
		struct client_subscription subscription;
		struct scene *scene;
		void *inner;

		assert_int_equal(scene_simulated(&inner), 0);
		scene = inner;
		subscription = from(scene, 1);
		subscription.credit = 1 + seed % 20;
		bus_network_faults(scene->network, &faults);
		scene_client_in_memory(scene);
		assert_int_equal(client_subscribe(scene->client, &subscription), ERR_NONE);
		for (unsigned round = 0; round < 60; round++) {
			say_many(scene, round % 7);
			scene_pass(scene, (round * 13 + seed) % 90);
			if (round % 25 == 11) {
				scene_desk_leaves(scene);
				scene_desk_returns(scene);
			}
		}
		scene_until(scene, heard_all);
		assert_heard(1, scene->desk->head);
		assert_int_equal(scene_end(&inner), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SCENE_BOTH(test_the_whole_journal_is_heard_in_order),
	    SCENE_BOTH(test_from_the_middle_and_from_now_on),
	    SCENE_BOTH(test_credit_is_given_back),
	    SCENE_BOTH(test_lost_batches_are_fetched_again),
	    SCENE_BOTH(test_repeated_batches_are_heard_once),
	    SCENE_BOTH(test_a_restarted_door_is_heard_on),
	    SCENE_BOTH(test_another_journal_is_heard_from_its_beginning),
	    SCENE_BOTH(test_a_position_of_another_epoch_begins_at_one),
	    SCENE_BOTH(test_a_position_of_another_epoch_begins_at_one_in_mid_session),
	    SCENE_BOTH(test_a_shorter_journal_is_heard_on_from_its_end),
	    SCENE_SIMULATED(test_each_is_answered_exactly_once_over_restarts),
	    SCENE_BOTH(test_the_door_is_told_what_was_confirmed),
	    SCENE_BOTH(test_a_view_is_given_whole_again),
	    cmocka_unit_test(test_a_bad_network_neither_loses_nor_doubles),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
