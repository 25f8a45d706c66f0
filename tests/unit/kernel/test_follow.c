/*
 * Goal: a service that follows another takes what goes on where it stands, asks again for what was lost, and takes nothing of a history
 * that is not its own. Method: the second toy service in the simulated network, at a door where this test speaks, message by message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "../guard/shop.h"
#include "base/error.h"
#include "follow_scene.h"
#include "kernel/node_inside.h"
#include "log/log.h"
#include "toy.h"

static bool refuses_pin; /* the next one */

int __real_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key)
{
	bool refuses = refuses_pin;

	refuses_pin = false;
	return refuses ? ERR_MEMORY : __real_bus_pin(bus, endpoint, key);
}

static void head(struct scene *scene, uint64_t sub, uint64_t epoch, uint64_t number, uint64_t through)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_head(&writer, sub, TEXT_LITERAL("orders"), epoch, number, through);
	say(scene, &writer);
}

/* An answer to the question for epochs: this row, between one that says too little and one that is no row. */
static void epochs(struct scene *scene, uint64_t id, uint64_t epoch, uint64_t last)
{
	uint8_t rows[256], frame[512];
	struct writer row = writer_of(rows, sizeof(rows)), writer = writer_of(frame, sizeof(frame));

	writer_map(&row, 1);
	writer_text(&row, TEXT_LITERAL("epoch"));
	writer_uint(&row, 1);
	writer_map(&row, 3);
	writer_text(&row, TEXT_LITERAL("service"));
	writer_text(&row, TEXT_LITERAL("orders"));
	writer_text(&row, TEXT_LITERAL("epoch"));
	writer_uint(&row, epoch);
	writer_text(&row, TEXT_LITERAL("last"));
	writer_uint(&row, last);
	writer_map(&row, 2);
	writer_uint(&row, 1);
	writer_uint(&row, 2);
	writer_uint(&row, 3);
	writer_uint(&row, 4);
	message_write_reply(&writer, id, false, writer_bytes(&row), 3, bytes_of(NULL, 0));
	say(scene, &writer);
}

static int begin(void **state)
{
	return scene_begin(state, &toy_echo, DOOR, NULL);
}

/* *state: the endpoint. */
static int begin_guarded(void **state)
{
	struct guard *guard;

	assert_int_equal(shop_open(NULL), 0);
	shop_enrol(GUARD_SERVICE, "orders", NULL, NULL, NULL);
	assert_int_equal(guard_open(&guard, shop_folder, &(const struct guard_quota){0}), ERR_NONE);
	return scene_begin(state, &toy_echo, *state, guard);
}

static int end_guarded(void **state)
{
	struct scene *scene = *state;
	struct guard *guard = scene->guard;

	(void)scene_end(state);
	guard_close(&guard);
	return shop_close(NULL);
}

/* `tributary keys rotate`, and the upstream with its new one. */
static void rotate(void)
{
	struct registry_change change;
	char message[400];

	assert_int_equal(registry_begin(&change, shop_folder, message, sizeof(message)), ERR_NONE);
	struct registry_entry *entry = registry_find(&change.registry, "orders");
	assert_non_null(entry);
	assert_int_equal(registry_new_key(&change, entry), ERR_NONE);
	assert_int_equal(registry_commit(&change), ERR_NONE);
}

/* Subscribed, with the sales 1..count taken. Returns the subscription. */
static uint64_t followed(struct scene *scene, uint32_t count)
{
	welcome(scene, "orders", EPOCH, count);
	struct heard subscribed = await(scene, MESSAGE_SUBSCRIBE);
	assert_int_equal(subscribed.from_seq, 1);
	batch(scene, subscribed.sub, EPOCH, 0, count, count, false);
	struct heard credit = await(scene, MESSAGE_CREDIT);
	assert_int_equal(credit.credit, count);
	assert_int_equal(credit.durable, count);
	assert_int_equal(stands(scene).through, count);
	return subscribed.sub;
}

static void test_another_service_at_the_endpoint_is_not_followed(void **state)
{
	struct scene *scene = *state;
	uint8_t frame[64] = {0xc1};
	struct writer writer = writer_of(frame, sizeof(frame));

	welcome(scene, "partners", EPOCH, 5);
	never(scene, MESSAGE_SUBSCRIBE, 500);
	writer.used = 1; /* bytes that are no message */
	say(scene, &writer);
	writer = writer_of(frame, sizeof(frame));
	message_write_resend(&writer, TEXT_LITERAL("a"), 1, 1, TEXT_LITERAL("b"), TEXT_LITERAL("c"), 0); /* a message, not for it */
	say(scene, &writer);
	await(scene, MESSAGE_HELLO);
	(void)followed(scene, 3);
}

static void test_batches_of_a_subscription_that_is_over_are_not_taken(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	batch(scene, sub + 7, EPOCH, 3, 1, 4, false);
	never(scene, MESSAGE_CREDIT, 300);
	head(scene, sub + 7, EPOCH, 3, 3); /* it goes on, though it is over: the word that ends it is said again */
	assert_int_equal(await(scene, MESSAGE_UNSUBSCRIBE).sub, sub + 7);
	head(scene, sub, EPOCH + 1, 3, 3); /* another epoch: it greets, and until then nothing is subscribed */
	batch(scene, sub, EPOCH, 3, 1, 4, false);
	await(scene, MESSAGE_HELLO);
	assert_int_equal(stands(scene).through, 3);
	welcome(scene, "orders", EPOCH, 4);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
}

/* The turn's news finds the link in another state: no credit is given for what nobody sends any more. */
static void test_news_of_a_turn_that_comes_after_a_new_greeting_is_void(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	batch(scene, sub, EPOCH, 3, 1, 4, false);
	head(scene, sub, EPOCH + 1, 4, 4);
	never(scene, MESSAGE_CREDIT, 500);
	assert_int_equal(stands(scene).through, 4);
}

static void test_a_gap_is_subscribed_over(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	batch(scene, sub, EPOCH, 5, 1, 6, false);
	assert_int_equal(await(scene, MESSAGE_UNSUBSCRIBE).sub, sub);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
}

/* Beyond an event that cannot be told apart nothing of its batch is taken: it is asked for from there. */
static void test_what_stood_behind_a_torn_event_is_asked_for_again(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	batch(scene, sub, EPOCH, 3, 2, 9, true);
	batch(scene, sub, EPOCH, 9, 1, 10, false);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 6);
	assert_int_equal(stands(scene).through, 5);
}

static void test_an_empty_batch_gives_no_credit_and_an_older_epoch_moves_nothing(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	batch(scene, sub, EPOCH, 3, 0, 8, false); /* nothing of what is heard here up to there */
	never(scene, MESSAGE_CREDIT, 500);
	assert_int_equal(stands(scene).through, 8);
	batch(scene, sub, EPOCH - 1, 8, 1, 9, false);
	never(scene, MESSAGE_CREDIT, 500);
	assert_int_equal(stands(scene).through, 8);
}

/* Its upstream was restored, and what was heard is in the old epoch: it goes on. */
static void test_a_new_epoch_that_goes_on_is_followed(void **state)
{
	struct scene *scene = *state;

	(void)followed(scene, 3);
	head(scene, 1, EPOCH + 1, 900, 3);
	pass(scene, 50);
	head(scene, scene->node->follows[0].generation, EPOCH + 1, 900, 3);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH + 1, 900);
	uint64_t id = await(scene, MESSAGE_QUERY).id;
	epochs(scene, id + 1, EPOCH, 3); /* an answer to somebody else's question */
	never(scene, MESSAGE_SUBSCRIBE, 200);
	epochs(scene, id, EPOCH, 3);
	struct heard subscribed = await(scene, MESSAGE_SUBSCRIBE);
	assert_int_equal(subscribed.from_seq, 4);
	epochs(scene, id, EPOCH, 3); /* twice on its way */
	batch(scene, subscribed.sub, EPOCH + 1, 3, 1, 900, false);
	await(scene, MESSAGE_CREDIT);
	assert_int_equal(stands(scene).epoch, EPOCH + 1);
	assert_int_equal(stands(scene).through, 900);
	head(scene, subscribed.sub, EPOCH + 1, 901, 901); /* a batch was lost, in the new epoch */
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 901);
}

/* It has heard what its upstream does not know: nothing is taken, and every ten seconds it asks whether that has changed. */
static void test_a_forked_history_is_not_followed_until_it_is_the_same_again(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 5);

	head(scene, sub, EPOCH + 1, 900, 5);
	for (int round = 0; round < 2; round++) {
		await(scene, MESSAGE_HELLO);
		welcome(scene, "orders", EPOCH + 1, 900);
		epochs(scene, await(scene, MESSAGE_QUERY).id, EPOCH, 4);
		never(scene, MESSAGE_SUBSCRIBE, 2000);
		assert_int_equal(scene->node->follows[0].state, FOLLOW_FORKED);
	}
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH, 4); /* an older copy of the same */
	never(scene, MESSAGE_SUBSCRIBE, 2000);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH, 6);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 6);
}

static void test_an_answer_that_is_no_answer_is_a_fork_and_a_lost_one_is_asked_again(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 5);
	static const uint8_t torn[] = {0x82, 0xc1, 0x01};
	uint8_t frame[128];

	head(scene, sub, EPOCH + 1, 900, 5);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH + 1, 900);
	await(scene, MESSAGE_QUERY);
	await(scene, MESSAGE_HELLO); /* no answer within a second */
	welcome(scene, "orders", EPOCH + 1, 900);
	uint64_t id = await(scene, MESSAGE_QUERY).id;
	store_disk_fail(scene->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN); /* where it stands cannot be read now */
	epochs(scene, id, EPOCH, 5);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH + 1, 900);
	struct writer writer = writer_of(frame, sizeof(frame));
	message_write_reply(&writer, await(scene, MESSAGE_QUERY).id, false, bytes_of(torn, sizeof(torn)), 3, bytes_of(NULL, 0));
	say(scene, &writer);
	never(scene, MESSAGE_SUBSCRIBE, 500);
}

/* Who waits for a turn that is long does not believe that the subscription was lost. */
static void test_a_long_turn_is_no_lost_subscription(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	scene->node->in_turn = true;
	for (int i = 0; i < 5; i++) {
		head(scene, sub, EPOCH, 9, 3);
		never(scene, MESSAGE_SUBSCRIBE, 1000);
	}
	scene->node->in_turn = false;
	head(scene, sub, EPOCH, 9, 3);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
}

/* Where it stands cannot be read now: it neither begins again nor gives up. */
static void test_where_it_stands_is_asked_for_until_it_can_be_read(void **state)
{
	struct scene *scene = *state;
	uint64_t sub = followed(scene, 3);

	store_disk_fail(scene->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	head(scene, sub, EPOCH, 9, 9);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
	head(scene, scene->node->follows[0].generation, EPOCH + 1, 9, 9);
	await(scene, MESSAGE_HELLO);
	store_disk_fail(scene->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	welcome(scene, "orders", EPOCH, 9);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH, 9);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
}

static void error(struct scene *scene, const char *code)
{
	uint8_t frame[128];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_error(&writer, text_of(code), TEXT_LITERAL("because"));
	say(scene, &writer);
}

/* Only who is subscribed, and has not just greeted, greets again when its session is not known. */
static void test_a_session_that_is_not_known_is_greeted_once(void **state)
{
	struct scene *scene = *state;

	error(scene, "hello_first"); /* not yet subscribed */
	(void)followed(scene, 3);
	error(scene, "hello_first");
	pass(scene, 300);
	error(scene, "busy");
	never(scene, MESSAGE_HELLO, 500);
	error(scene, "hello_first");
	await(scene, MESSAGE_HELLO);
}

/* With a new key of its upstream the link is made anew: the one before would speak to whoever has found the old one. */
static void test_a_new_key_of_the_upstream_is_another_link(void **state)
{
	struct scene *scene = *state;

	(void)followed(scene, 3);
	bus_close(&scene->upstream);
	rotate();
	upstream_opens(scene);
	await(scene, MESSAGE_HELLO);
	welcome(scene, "orders", EPOCH, 3);
	assert_int_equal(await(scene, MESSAGE_SUBSCRIBE).from_seq, 4);
	shop_enrol(GUARD_STAFF, "ann", NULL, NULL, NULL); /* another change of the registry is none of the link's */
	never(scene, MESSAGE_HELLO, 2500);
}

/* A link that cannot be made is made with the next change. */
static void test_a_link_that_cannot_be_made_is_told_and_tried_with_the_next_key(void **state)
{
	struct scene *scene = *state;
	uint64_t alarms = log_count(LOG_ALARM);

	(void)followed(scene, 3);
	refuses_pin = true;
	rotate();
	never(scene, MESSAGE_SUBSCRIBE, 5000);
	assert_int_equal(log_count(LOG_ALARM), alarms + 1);
	assert_null(scene->node->follows[0].port);
	bus_close(&scene->upstream);
	rotate();
	upstream_opens(scene);
	await(scene, MESSAGE_HELLO);
}

static void test_a_link_without_keys_stays_as_it_is(void **state)
{
	struct scene *scene = *state;
	struct bus_port *port = scene->node->follows[0].port;

	(void)followed(scene, 3);
	rotate();
	never(scene, MESSAGE_HELLO, 2500);
	assert_ptr_equal(scene->node->follows[0].port, port);
}

#define FOLLOW(test) cmocka_unit_test_setup_teardown(test, begin, scene_end)
#define GUARDED(test, door) cmocka_unit_test_prestate_setup_teardown(test, begin_guarded, end_guarded, (char *)door)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    FOLLOW(test_another_service_at_the_endpoint_is_not_followed),
	    FOLLOW(test_batches_of_a_subscription_that_is_over_are_not_taken),
	    FOLLOW(test_news_of_a_turn_that_comes_after_a_new_greeting_is_void),
	    FOLLOW(test_a_gap_is_subscribed_over),
	    FOLLOW(test_what_stood_behind_a_torn_event_is_asked_for_again),
	    FOLLOW(test_an_empty_batch_gives_no_credit_and_an_older_epoch_moves_nothing),
	    FOLLOW(test_a_new_epoch_that_goes_on_is_followed),
	    FOLLOW(test_a_forked_history_is_not_followed_until_it_is_the_same_again),
	    FOLLOW(test_an_answer_that_is_no_answer_is_a_fork_and_a_lost_one_is_asked_again),
	    FOLLOW(test_a_long_turn_is_no_lost_subscription),
	    FOLLOW(test_where_it_stands_is_asked_for_until_it_can_be_read),
	    FOLLOW(test_a_session_that_is_not_known_is_greeted_once),
	    GUARDED(test_a_new_key_of_the_upstream_is_another_link, KEYED_DOOR),
	    GUARDED(test_a_link_that_cannot_be_made_is_told_and_tried_with_the_next_key, KEYED_DOOR),
	    GUARDED(test_a_link_without_keys_stays_as_it_is, DOOR),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
