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

#include "base/error.h"
#include "events/orders.h"
#include "kernel/node_inside.h"
#include "log/log.h"
#include "store/store_disk.h"
#include "../guard/shop.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)
#define EPOCH 70
#define DOOR "ipc:///tmp/follow-upstream"
#define KEYED_DOOR "tcp://10.1.1.1:7000"
#define HEARD_MAX 64

/* What the follower said, as far as a test may ask for it. */
struct heard {
	enum message_kind kind;
	uint64_t sub, from_seq, credit, durable, id;
};

struct scene {
	struct bus_network *network;
	struct bus *upstream, *bus;
	struct bus_port *door;
	struct bus_peer peer;
	struct store_disk *disk;
	struct node *node;
	struct guard *guard;
	const char *endpoint;
	struct heard heard[HEARD_MAX];
	unsigned count;
	uint64_t session;
};

static bool refuses_pin; /* the next one */

int __real_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key)
{
	bool refuses = refuses_pin;

	refuses_pin = false;
	return refuses ? ERR_MEMORY : __real_bus_pin(bus, endpoint, key);
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	static struct message message;
	struct scene *scene = context;
	char reason[160];

	(void)port;
	assert_int_equal(message_read(frame, &message, reason, sizeof(reason)), ERR_NONE);
	scene->peer = *from;
	assert_in_range(scene->count, 0, HEARD_MAX - 1);
	scene->heard[scene->count++] = (struct heard){message.kind, message.sub, message.from_seq, message.credit, message.durable, message.id};
}

static void pass(struct scene *scene, unsigned ms)
{
	int64_t until_us = bus_network_now_us(scene->network) + (int64_t)ms * 1000;

	while (bus_network_step(scene->network, until_us))
		;
}

static void say(struct scene *scene, const struct writer *writer)
{
	assert_int_equal(writer->error, ERR_NONE);
	assert_int_equal(bus_send(scene->door, &scene->peer, writer_bytes(writer)), ERR_NONE);
}

/* The next one of this kind within ten seconds; what was said before it is forgotten. */
static struct heard await(struct scene *scene, enum message_kind kind)
{
	for (unsigned ms = 0; ms < 12000; ms += 10) {
		for (unsigned i = 0; i < scene->count; i++)
			if (scene->heard[i].kind == kind) {
				struct heard found = scene->heard[i];

				scene->count -= i + 1;
				memmove(scene->heard, scene->heard + i + 1, scene->count * sizeof(found));
				return found;
			}
		scene->count = 0;
		pass(scene, 10);
	}
	fail_msg("no message of kind %d came", (int)kind);
	return (struct heard){0};
}

static void never(struct scene *scene, enum message_kind kind, unsigned ms)
{
	for (; ms >= 100; ms -= 100) {
		pass(scene, 100);
		for (unsigned i = 0; i < scene->count; i++)
			if (scene->heard[i].kind == kind)
				fail_msg("a message of kind %d came", (int)kind);
		scene->count = 0;
	}
}

static void welcome(struct scene *scene, const char *service, uint64_t epoch, uint64_t head)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_welcome(&writer, text_of(service), epoch, head, ++scene->session, NULL, 0, START_US);
	say(scene, &writer);
}

/* Sales of the numbers after+1..after+count, said to go through `through`; a torn one cannot be read behind its head. */
static void batch(struct scene *scene, uint64_t sub, uint64_t epoch, uint64_t after, uint32_t count, uint64_t through, bool is_torn)
{
	static uint8_t bytes[16 << 10], frame[20 << 10];
	struct writer events = writer_of(bytes, sizeof(bytes)), writer = writer_of(frame, sizeof(frame));
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};

	for (uint32_t i = 1; i <= count; i++) {
		struct envelope envelope = {.source = TEXT_LITERAL("orders"), .seq = after + i, .type = TEXT_LITERAL("sale.recorded"),
					    .time_us = START_US};
		struct sale_recorded recorded = {.outlet = TEXT_LITERAL("S1"), .terminal = TEXT_LITERAL("S1/T1"),
						 .receipt = TEXT_LITERAL("R"), .currency = TEXT_LITERAL("GBP"),
						 .day = TEXT_LITERAL("2026-03-01"), .tier = 1};

		recorded.lines.items = &line;
		recorded.lines.count = 1;
		envelope_write(&events, &envelope);
		sale_recorded_type.pack(&recorded, &events);
	}
	if (is_torn)
		bytes[events.used - 4] = 0xc1;
	message_write_batch(&writer, sub, TEXT_LITERAL("orders"), epoch, after, through, through, writer_bytes(&events), count);
	say(scene, &writer);
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

static struct cursor stands(struct scene *scene)
{
	return engine_cursor(node_engine(scene->node), TEXT_LITERAL("orders"));
}

static enum bus_arrival come_in(void *context, const char *key)
{
	(void)context;
	return key[0] != 0 ? BUS_COME_IN : BUS_STRANGER;
}

/* The upstream, with the key that it has now. */
static void upstream_opens(struct scene *scene)
{
	struct registry_keypair pair;
	struct bus_keypair own;
	char path[4200];

	assert_int_equal(bus_open(&scene->upstream, scene->network), ERR_NONE);
	if (scene->guard != NULL) {
		registry_key_path(shop_folder, "orders", path, sizeof(path));
		assert_int_equal(registry_key_read(path, &pair), ERR_NONE);
		memcpy(&own, &pair, sizeof(own));
		bus_identify(scene->upstream, &own);
		bus_on_arrival(scene->upstream, come_in, NULL);
	}
	assert_int_equal(bus_bind(scene->upstream, scene->endpoint, on_message, scene, &scene->door), ERR_NONE);
}

/* The follower shows a key of its own, and speaks to the upstream's alone. */
static void follower_identifies(struct scene *scene)
{
	struct registry_keypair pair;
	struct bus_keypair own;

	registry_make_pair(&pair);
	memcpy(&own, &pair, sizeof(own));
	bus_identify(scene->bus, &own);
	assert_int_equal(bus_pin(scene->bus, scene->endpoint, guard_key_of(scene->guard, "orders")), ERR_NONE);
}

static int begin_at(void **state, const char *endpoint, struct guard *guard)
{
	static const char *upstreams[1];
	static struct scene scene;
	struct node_options options = {.engine = {.path = "echo", .memory = true, .now_us = START_US},
				       .endpoint = "ipc:///tmp/follow-echo",
				       .upstreams = upstreams,
				       .guard = guard,
				       .turn_events_max = 1000,
				       .turn_bytes_max = 1 << 20,
				       .inline_turns = true};

	upstreams[0] = endpoint;
	scene = (struct scene){.disk = store_disk_open(), .endpoint = endpoint, .guard = guard};
	options.engine.disk = scene.disk;
	assert_int_equal(bus_network_open(&scene.network, 3, START_US + US_PER_DAY), ERR_NONE);
	upstream_opens(&scene);
	assert_int_equal(bus_open(&scene.bus, scene.network), ERR_NONE);
	if (guard != NULL)
		follower_identifies(&scene);
	assert_int_equal(node_open(&scene.node, &toy_echo, scene.bus, &options), ERR_NONE);
	await(&scene, MESSAGE_HELLO);
	*state = &scene;
	return 0;
}

static int begin(void **state)
{
	return begin_at(state, DOOR, NULL);
}

/* *state: the endpoint. */
static int begin_guarded(void **state)
{
	struct guard *guard;

	assert_int_equal(shop_open(NULL), 0);
	shop_enrol(GUARD_SERVICE, "orders", NULL, NULL, NULL);
	assert_int_equal(guard_open(&guard, shop_folder, &(const struct guard_quota){0}), ERR_NONE);
	return begin_at(state, *state, guard);
}

static int end(void **state)
{
	struct scene *scene = *state;

	node_close(&scene->node);
	bus_close(&scene->bus);
	bus_close(&scene->upstream);
	bus_network_close(&scene->network);
	store_disk_close(&scene->disk);
	return 0;
}

static int end_guarded(void **state)
{
	struct scene *scene = *state;
	struct guard *guard = scene->guard;

	(void)end(state);
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

#define FOLLOW(test) cmocka_unit_test_setup_teardown(test, begin, end)
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
