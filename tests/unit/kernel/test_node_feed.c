/*
 * Goal: whoever subscribes hears every event once and in order, never more than its credit, and
 * sees when it lost some; questions are answered page by page; one service follows another through
 * a bad network. Method: scripted peers at a node of the toy service in both worlds; a second
 * service behind cuts and losses; MUTANT_NO_HEAD_BEACON must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "log/log.h"
#include "stand.h"

/* A node with `events` sales of S1 in its journal, and a peer that has said hello. */
static struct peer *listener(struct stand *stand, uint32_t events)
{
	struct peer *till = stand_peer(stand), *peer = stand_peer(stand);

	peer_hello(till, "S1/T1", 5);
	if (events > 0) {
		peer_publish(till, "S1/T1", 5, 1, events);
		peer_await_ack(till, 5, events);
	}
	peer_hello(peer, NULL, 0);
	return peer;
}

/* Batches until `through`; checks that they join and that every event has its number. Returns how
 * many events came. */
static uint32_t hear_through(struct peer *peer, uint64_t after, uint64_t through)
{
	uint32_t events = 0;

	while (after < through) {
		const struct message *batch = peer_await(peer, MESSAGE_BATCH);
		struct reader reader = reader_of(batch->events);
		uint64_t seq = after;

		assert_int_equal(batch->after, after);
		for (uint32_t i = 0; i < batch->event_count; i++) {
			struct envelope envelope;

			envelope_read(&reader, &envelope);
			assert_int_equal(reader.error, ERR_NONE);
			assert_true(envelope.seq > seq && envelope.seq <= batch->through);
			seq = envelope.seq;
		}
		events += batch->event_count;
		after = batch->through;
	}
	assert_int_equal(after, through);
	return events;
}

static void test_never_more_events_than_credit(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 1000);
	uint64_t heard = 0;

	peer_subscribe(peer, 3, NULL, NULL, 1, 10);
	for (uint64_t credit = 10; heard < 1000; credit += 110) {
		uint64_t wanted = credit < 1000 ? credit : 1000;

		heard += hear_through(peer, heard, wanted);
		assert_int_equal(heard, wanted);
		if (credit < 450)
			peer_never(peer, MESSAGE_BATCH, 30);
		peer_credit(peer, 3, 110);
	}
	assert_int_equal(heard, 1000);
	peer_never(peer, MESSAGE_BATCH, 30);
}

static void test_a_large_journal_comes_in_batches_that_join(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 3000), *till = &stand->peers[0];

	peer_publish(till, "S1/T1", 5, 3001, 3000);
	peer_await_ack(till, 5, 6000);
	peer_subscribe(peer, 3, NULL, NULL, 1, 100000);
	assert_int_equal(hear_through(peer, 0, 6000), 6000);
	peer_publish(till, "S1/T1", 5, 6001, 5);
	assert_int_equal(hear_through(peer, 6000, 6005), 5);
}

static void test_from_anywhere_and_only_what_is_new(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 20), *till = &stand->peers[0];

	peer_subscribe(peer, 1, NULL, NULL, 18, 100);
	assert_int_equal(hear_through(peer, 17, 20), 3);
	peer_subscribe(peer, 1, NULL, NULL, 0, 100); /* the same number: in place of the first */
	peer_never(peer, MESSAGE_BATCH, 30);
	peer_publish(till, "S1/T1", 5, 21, 2);
	assert_int_equal(hear_through(peer, 20, 22), 2);
	peer_subscribe(peer, 2, NULL, NULL, 1000000,
	               100); /* beyond the end: what comes from here on */
	peer_publish(till, "S1/T1", 5, 23, 1);
	assert_int_equal(hear_through(peer, 22, 23), 1);
	assert_int_equal(hear_through(peer, 22, 23), 1);
}

static void test_only_the_wanted_types_and_keys(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 0), *till = &stand->peers[0];

	for (uint64_t seq = 1; seq <= 12; seq++)
		peer_publish_receipt(till, "S1/T1", 5, seq, seq % 3 == 0 ? "S2" : "S1", "R");
	stand_pass(stand, 200);
	peer_subscribe(peer, 1, "sale.recorded", "S2", 1, 100);
	assert_int_equal(hear_through(peer, 0, 12), 4);
	peer_subscribe(
	    peer, 1, "sale.voided", NULL, 1,
	    100); /* none of these: an empty batch or a head says how far it was looked */
	const struct message *batch = peer_await(peer, MESSAGE_BATCH);
	assert_int_equal(batch->event_count, 0);
	assert_int_equal(batch->through, 12);
}

static void test_a_subscriber_hears_the_head_every_second(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 5);

	peer_subscribe(peer, 1, NULL, NULL, 1, 2);
	assert_int_equal(hear_through(peer, 0, 2), 2);
	for (int second = 0; second < 2; second++) {
		const struct message *head = peer_await(peer, MESSAGE_HEAD);

		assert_int_equal(head->head, 5);
		assert_int_equal(head->through, 2);
	}
}

/* It need not wait for the second to know that there was nothing for it; nor is it told at every commit. */
static void test_a_subscriber_hears_of_what_it_was_not_sent_when_the_journal_rests(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 0), *till = &stand->peers[0];
	int64_t began_us = stand_now_us(stand);

	peer_subscribe(peer, 1, "sale.voided", NULL, 0, 100);
	for (uint64_t seq = 1; seq <= 20; seq++) {
		peer_publish(till, "S1/T1", 5, seq, 1);
		peer_await_ack(till, 5, seq);
		peer_never(peer, MESSAGE_BATCH, 5);
	}
	const struct message *batch = peer_await(peer, MESSAGE_BATCH);
	assert_int_equal(batch->event_count, 0);
	assert_int_equal(batch->through, 20);
	assert_true(stand_now_us(stand) - began_us < 500000);
	peer_never(peer, MESSAGE_BATCH, 2000);
}

static void test_the_seventeenth_subscription_is_refused(void **state)
{
	struct peer *peer = listener(*state, 1);

	for (uint64_t sub = 1; sub <= 17; sub++)
		peer_subscribe(peer, sub, NULL, NULL, 0, 1);
	peer_await_error(peer, "too_many");
}

/* ---- questions ---- */

static void test_a_long_answer_comes_in_pages(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = listener(stand, 0);
	uint8_t from[512];
	size_t from_size = 0;
	uint64_t rows = 0, pages = 0;
	bool more = true;

	for (unsigned i = 0; i < 3000; i++) {
		char name[SOURCE_TEXT_MAX];

		snprintf(name, sizeof(name), "OUTLET-WITH-A-RATHER-LONG-NAME/T%04u", i);
		peer_publish_receipt(peer, name, 5, 1, "S1", "R");
		if (i % 100 == 99)
			peer_await(peer, MESSAGE_ACK);
	}
	stand_pass(stand, 500);
	while (more) {
		peer_query(peer, "sources", NULL, 0, bytes_of(from, from_size));
		const struct message *reply = peer_await(peer, MESSAGE_REPLY);

		assert_int_equal(reply->id, 77);
		rows += reply->row_count;
		pages++;
		more = reply->more;
		from_size = reply->from.size;
		assert_true(from_size <= sizeof(from));
		if (from_size > 0)
			memcpy(from, reply->from.data, from_size);
	}
	assert_true(pages > 1);
	assert_int_equal(rows, 3000);
}

static void test_every_question_of_the_kernel_has_an_answer(void **state)
{
	static const char *const questions[] = {"status", "hash", "sources"};
	struct peer *peer = listener(*state, 3);
	uint8_t far[500];

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		peer_query(peer, questions[i], NULL, 0, bytes_of(NULL, 0));
		assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
	}
	peer_query(peer, "weather", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "unknown_query");
	memset(far, 0xff, sizeof(far)); /* a page that begins where no page ever ended */
	peer_query(peer, "sources", NULL, 0, bytes_of(far, sizeof(far)));
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 0);
}

/* ---- a service that follows another ---- */

struct echo {
	struct bus *bus;
	struct node *node;
	struct store_disk *disk;
};

static void echo_open(struct stand *stand, struct echo *echo)
{
	const char *upstreams[] = {stand->endpoint};
	struct node_options options = {.engine = {.path = "echo",
	                                          .memory = true,
	                                          .disk = echo->disk,
	                                          .now_us = STAND_START_US},
	                               .endpoint = "ipc:///tmp/kernel-test-echo",
	                               .upstreams = upstreams,
	                               .turn_events_max = 1000,
	                               .turn_bytes_max = 1 << 20,
	                               .inline_turns = true};

	if (echo->bus == NULL)
		assert_int_equal(bus_open(&echo->bus, stand->network), ERR_NONE);
	assert_int_equal(node_open(&echo->node, &toy_echo, echo->bus, &options), ERR_NONE);
}

static void echo_end(void *context)
{
	struct echo *echo = context;

	node_close(&echo->node);
	bus_close(&echo->bus);
	store_disk_close(&echo->disk);
}

/* The echo leaves by echo_end, or with the stand when a test fails. */
static void echo_begin(struct stand *stand, struct echo *echo)
{
	*echo = (struct echo){.disk = store_disk_open()};
	stand->guest = echo;
	stand->guest_leaves = echo_end;
	echo_open(stand, echo);
}

static int64_t echo_row(struct echo *echo, unsigned table)
{
	struct view view = {0};
	int64_t value = 0;

	assert_int_equal(view_open(&view, engine_store(node_engine(echo->node))), ERR_NONE);
	struct bytes row = view_get(&view, KERNEL_TABLES + table, bytes_of("S1", 2));
	if (row.size == sizeof(value))
		memcpy(&value, row.data, sizeof(value));
	view_close(&view);
	return value;
}

/* The last batch is lost and nothing is said after it: only the beacon shows that something is
 * missing. */
static void test_a_lost_last_batch_is_found_by_the_head(void **state)
{
	struct stand *stand = *state;
	struct peer *till = stand_peer(stand);
	static struct echo echo;

	echo_begin(stand, &echo);
	peer_hello(till, "S1/T1", 5);
	peer_publish(till, "S1/T1", 5, 1, 10);
	stand_pass(stand, 1500);
	assert_int_equal(echo_row(&echo, TOY_SUMS), 10);
	bus_network_cut(stand->network, stand->bus, echo.bus, true);
	peer_publish(till, "S1/T1", 5, 11, 5);
	stand_pass(stand, 100);
	bus_network_cut(stand->network, stand->bus, echo.bus, false);
	stand_pass(stand, 2500);
	assert_int_equal(echo_row(&echo, TOY_SUMS), 15);
	echo_end(&echo);
}

/* The word that subscribes is lost, while the door goes on answering pings. */
static void test_a_lost_subscription_is_asked_for_again(void **state)
{
	struct stand *stand = *state;
	struct peer *till = stand_peer(stand);
	static struct echo echo;

	echo_begin(stand, &echo);
	peer_hello(till, "S1/T1", 5);
	stand_pass(stand, 1500);
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_FULL);
	peer_publish(till, "S1/T1", 5, 1, 5);
	stand_pass(stand, 100);
	bus_network_cut(stand->network, echo.bus, stand->bus, true);
	stand_pass(stand, 2500);
	bus_network_cut(stand->network, echo.bus, stand->bus, false);
	stand_pass(stand, 8000);
	assert_int_equal(echo_row(&echo, TOY_SUMS), 5);
	echo_end(&echo);
}

/* Whoever has to begin anew again and again leaves nothing behind at the door. */
static void test_subscriptions_that_are_over_are_given_back(void **state)
{
	struct stand *stand = *state;
	struct peer *till = stand_peer(stand);
	struct node_usage usage;
	static struct echo echo;

	echo_begin(stand, &echo);
	peer_hello(till, "S1/T1", 5);
	stand_pass(stand, 1500);
	for (uint64_t seq = 1; seq <= 40; seq++) {
		store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_FULL);
		peer_publish(till, "S1/T1", 5, seq, 1);
		stand_pass(stand, 2500);
		assert_int_equal(echo_row(&echo, TOY_SUMS), (int64_t)seq);
		node_usage(stand->node, &usage);
		assert_int_equal(usage.subscriptions, 1);
	}
	echo_end(&echo);
}

/* Losses, repetitions and disorder on both ways, full disks, both services dying: in the end every
 * sale was counted once, in order. */
static void follow_through_weather(struct stand *stand, unsigned seed)
{
	struct bus_faults weather = {.loss = 800,
	                             .duplicate = 800,
	                             .reorder = 800,
	                             .delay_us_max = 20000},
	                  fair = {0};
	struct peer *till = &stand->peers[0];
	static uint64_t published;
	static struct echo echo;

	if (stand->peer_count == 0) {
		till = stand_peer(stand);
		published = 0;
	}
	srand(seed);
	echo_begin(stand, &echo);
	for (unsigned round = 0; round < 30; round++) {
		bus_network_faults(stand->network, &fair);
		peer_hello(till, "S1/T1", 5);
		peer_publish(till, "S1/T1", 5, published + 1, 7);
		peer_await_ack(till, 5, published + 7);
		published += 7;
		bus_network_faults(stand->network, &weather);
		if (rand() % 4 == 0)
			store_disk_fail(echo.disk, STORE_FAULT_COMMIT, (uint32_t)rand() % 3, 1,
			                ERR_STORE_FULL);
		if (rand() % 5 == 0) {
			node_close(&echo.node);
			echo_open(stand, &echo);
		}
		if (rand() % 7 == 0) {
			stand_node_leaves(stand);
			stand_node_returns(stand);
		}
		stand_pass(stand, (unsigned)rand() % 700);
		peer_forget(till);
	}
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 0, ERR_NONE);
	bus_network_faults(stand->network, &fair);
	stand_pass(stand, 8000);
	if (echo_row(&echo, TOY_SUMS) != (int64_t)published ||
	    echo_row(&echo, TOY_LAST) != (int64_t)published * 1000)
		fail_msg("seed %u: counted %lld, last %lld of %llu", seed,
		         (long long)echo_row(&echo, TOY_SUMS), (long long)echo_row(&echo, TOY_LAST),
		         (unsigned long long)published);
	echo_end(&echo);
}

static void test_a_follower_counts_everything_once_whatever_the_weather(void **state)
{
	for (unsigned seed = 1; seed <= 20; seed++)
		follow_through_weather(*state, seed);
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_BOTH(test_never_more_events_than_credit),
	    STAND_BOTH(test_a_large_journal_comes_in_batches_that_join),
	    STAND_BOTH(test_from_anywhere_and_only_what_is_new),
	    STAND_BOTH(test_only_the_wanted_types_and_keys),
	    STAND_BOTH(test_a_subscriber_hears_the_head_every_second),
	    STAND_SIMULATED(test_a_subscriber_hears_of_what_it_was_not_sent_when_the_journal_rests),
	    STAND_BOTH(test_the_seventeenth_subscription_is_refused),
	    STAND_BOTH(test_a_long_answer_comes_in_pages),
	    STAND_BOTH(test_every_question_of_the_kernel_has_an_answer),
	    STAND_SIMULATED(test_a_lost_last_batch_is_found_by_the_head),
	    STAND_SIMULATED(test_a_lost_subscription_is_asked_for_again),
	    STAND_SIMULATED(test_subscriptions_that_are_over_are_given_back),
	    STAND_SIMULATED(test_a_follower_counts_everything_once_whatever_the_weather),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
