/*
 * Goal: what a publisher is told at the door is true, whatever it sends, and whatever the network
 * does. Method: scripted peers at a node of the toy service, over sockets with the store's thread
 * and in the simulated network; a fault compiled in (MUTANT_...) must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/error.h"
#include "log/log.h"
#include "stand.h"

static struct peer *till(struct stand *stand)
{
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	return peer;
}

static void test_a_hello_is_welcomed_with_where_the_source_stands(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	assert_true(text_equal(stand->message.service, TEXT_LITERAL("orders")));
	assert_int_equal(stand->message.epoch, engine_meta(node_engine(stand->node))->epoch);
	assert_int_equal(stand->message.source_count, 1);
	assert_int_equal(stand->message.sources[0].seq, 1);
	peer_publish(peer, "S1/T1", 5, 1, 3);
	peer_await_ack(peer, 5, 3);
	peer_hello(peer, "S1/T1", 5);
	assert_int_equal(stand->message.sources[0].seq, 4);
	assert_int_equal(stand->message.head, 3);
	peer_hello(peer, "S1/T1", 6); /* a new disk: counts from 1 again */
	assert_int_equal(stand->message.sources[0].seq, 1);
	assert_int_equal(stand->message.sources[0].epoch, 6);
	peer_hello(peer, "S1/T1", 4); /* an outdated copy: fenced */
	assert_int_equal(stand->message.sources[0].seq, 0);
	assert_int_equal(stand->message.sources[0].epoch, 5);
}

static void test_what_an_earlier_session_said_is_not_taken(void **state)
{
	struct peer *peer = till(*state);
	uint64_t earlier = peer->session, now;

	peer_hello(peer, "S1/T1", 5);
	now = peer->session;
	peer->session = earlier;
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_error(peer, "hello_first");
	peer->session = now;
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	assert_int_equal(peer->stand->message.range_count, 0);
}

/* More answers than a line holds on their way: the rest of them come later, and all of them come. */
static void test_answers_that_find_a_full_queue_come_later(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);
	struct bus_faults none = {0}, slow = {.delay_us_min = 50000, .delay_us_max = 50000};
	uint64_t seq = 0;

	for (int round = 0; round < 2; round++) {
		bus_network_faults(stand->network, &none);
		for (int i = 0; i < 900; i++)
			peer_publish(peer, "S1/T1", 5, ++seq, 1);
		bus_network_faults(stand->network, &slow); /* for the answers */
		stand_pass(stand, 10);
	}
	for (uint64_t i = 1; i <= seq; i++)
		peer_await_ack(peer, 5, i);
}

static void test_another_version_is_refused(void **state)
{
	struct peer *peer = stand_peer(*state);
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	writer_array(&writer, 4);
	writer_text(&writer, TEXT_LITERAL("hello"));
	writer_uint(&writer, 2);
	writer_text(&writer, TEXT_LITERAL("peer of tomorrow"));
	writer_array(&writer, 0);
	peer_say(peer, writer_bytes(&writer));
	peer_await_error(peer, "version");
}

static void test_what_comes_twice_is_taken_once_and_said_so(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	peer_publish(peer, "S1/T1", 5, 1, 5);
	peer_await_ack(peer, 5, 5);
	assert_int_equal(stand->message.range_count, 0);
	peer_publish(peer, "S1/T1", 5, 3, 5);
	peer_await_ack(peer, 5, 7);
	assert_int_equal(stand->message.range_count, 1);
	assert_int_equal(stand->message.ranges[0].first, 3);
	assert_int_equal(stand->message.ranges[0].last, 5);
	stand_node_leaves(stand);
	stand_node_returns(stand);
	assert_int_equal(engine_meta(node_engine(stand->node))->head, 7);
}

/* So large that over sockets it is kept where it came in. */
static void test_a_large_message_is_taken_whole(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	peer_publish(peer, "S1/T1", 5, 1, 500);
	peer_publish(peer, "S1/T1", 5, 501, 1);
	peer_await_ack(peer, 5, 500);
	peer_await_ack(peer, 5, 501);
	assert_int_equal(engine_meta(node_engine(stand->node))->head, 501);
}

static void test_a_gap_is_asked_for(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	peer_publish(peer, "S1/T1", 5, 4, 2);
	peer_await_resend(peer, 5, 3, "gap");
	assert_int_equal(stand->message.after_ms, 0);
	peer_never(peer, MESSAGE_ACK, 50);
	peer_publish(peer, "S1/T1", 5, 3, 3);
	peer_await_ack(peer, 5, 5);
	assert_int_equal(stand->message.range_count, 0);
}

static void test_a_lost_tail_is_seen_by_the_ping(void **state)
{
	struct peer *peer = till(*state);

	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	peer_ping(peer, "S1/T1", 5, 2);
	peer_await(peer, MESSAGE_PONG);
	peer_never(peer, MESSAGE_RESEND, 20);
	peer_ping(peer, "S1/T1", 5, 4);
	peer_await_resend(peer, 5, 3, "gap");
}

static void test_a_refusal_is_told_again_with_the_same_words(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	for (int i = 0; i < 2; i++) {
		struct message_refusal refusal;

		peer_publish_receipt(peer, "S1/T1", 5, 1, "S1", "refuse");
		peer_await_ack(peer, 5, 1);
		assert_int_equal(stand->message.refusal_count, 1);
		assert_int_equal(stand->message.range_count, (uint32_t)i);
		struct reader reader = reader_of(stand->message.refusals);
		message_refusal_next(&reader, &refusal);
		assert_int_equal(refusal.seq, 1);
		assert_true(text_equal(refusal.code, TEXT_LITERAL("unwanted")));
		assert_true(text_equal(refusal.message, TEXT_LITERAL("ticket 1 is unwanted")));
	}
}

static void test_a_later_epoch_fences_the_earlier_off(void **state)
{
	struct stand *stand = *state;
	struct peer *old = till(stand), *new = stand_peer(stand);

	peer_publish(old, "S1/T1", 5, 1, 2);
	peer_await_ack(old, 5, 2);
	peer_hello(new, "S1/T1", 9);
	peer_publish(new, "S1/T1", 9, 1, 1);
	peer_await_ack(new, 9, 1);
	peer_publish(old, "S1/T1", 5, 3, 1);
	peer_await_resend(old, 9, 0, "epoch_fenced");
	peer_publish(new, "S1/T1", 9, 2, 1);
	peer_await_ack(new, 9, 2);
	assert_int_equal(stand->message.range_count, 0);
}

static void test_a_door_that_was_restarted_wants_a_hello_first(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	stand_node_leaves(stand);
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_publish(peer, "S1/T1", 5, 3, 1);
	peer_await_error(peer, "hello_first");
	peer_never(peer, MESSAGE_ACK, 50);
	peer_hello(peer, "S1/T1", 5);
	assert_int_equal(stand->message.sources[0].seq, 3);
	peer_publish(peer, "S1/T1", 5, 3, 1);
	peer_await_ack(peer, 5, 3);
}

static void test_names_of_the_network_itself_are_refused(void **state)
{
	static const char *const reserved[] = {"partners", "orders", "inventory", "logistics",
	                                       "kpi",      "clock",  "operator"};
	struct stand *stand = *state;
	struct peer *peer = till(stand);

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		peer_publish(peer, reserved[i], 5, 1, 1);
		peer_await_error(peer, "reserved_source");
	}
	peer_never(peer, MESSAGE_ACK, 20);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
}

/* A publish message as it should be, to be bent. */
static size_t good_frame(struct peer *peer, uint8_t *frame, size_t size)
{
	uint8_t event[300];
	struct writer writer = writer_of(frame, size);
	size_t used = toy_sale(event, sizeof(event), "S2/T9", 1, "S2", "R1", 1000, STAND_START_US);

	message_write_publish(&writer, peer->session, TEXT_LITERAL("S2/T9"), 5, 1,
	                      bytes_of(event, used), 1);
	assert_int_equal(writer.error, ERR_NONE);
	return writer.used;
}

/* What was bent in the middle of an event may be quarantined, what was bent in the message is
 * refused; the others never notice. */
static void test_malformed_frames_are_answered_and_harmless(void **state)
{
	struct stand *stand = *state;
	struct peer *bad = till(stand), *good = stand_peer(stand);
	uint8_t whole[600], bent[600];
	size_t size = good_frame(bad, whole, sizeof(whole));

	peer_hello(good, "S1/T2", 5);
	for (size_t cut = 1; cut < size; cut += 3) {
		peer_say(bad, bytes_of(whole, cut));
		stand_pass(stand, stand->is_simulated ? 5 : 1);
	}
	peer_await_error(bad, "malformed");
	for (size_t at = 0; at < size; at++) {
		memcpy(bent, whole, size);
		bent[at] ^= (uint8_t)(0x80u >> at % 8);
		peer_say(bad, bytes_of(bent, size));
		if (at % 16 == 0)
			stand_pass(stand, stand->is_simulated ? 5 : 1);
	}
	peer_publish(good, "S1/T2", 5, 1, 3);
	peer_await_ack(good, 5, 3);
	assert_int_equal(stand->message.refusal_count, 0);
}

static void test_a_torn_event_is_set_aside_and_the_rest_goes_on(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);
	uint8_t frame[300];
	static const uint8_t torn[] = {0xc1, 0xff, 0x01};
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_publish(&writer, peer->session, TEXT_LITERAL("S1/T1"), 5, 1,
	                      bytes_of(torn, sizeof(torn)), 2);
	peer_say(peer, writer_bytes(&writer));
	peer_await_ack(peer, 5, 1);
	assert_int_equal(stand->message.refusal_count, 1);
	peer_publish(peer, "S1/T1", 5, 2, 1);
	peer_await_ack(peer, 5, 2);
	peer_query(peer, "quarantine", NULL, 0, bytes_of(NULL, 0));
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
}

/* The text under a key of the first row of a reply. */
static struct text row_text(const struct message *reply, const char *key)
{
	struct reader reader = reader_of(reply->rows);

	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE;
	     pairs--) {
		if (text_equal(reader_text(&reader, 64), text_of(key)))
			return reader_text(&reader, 400);
		reader_skip(&reader);
	}
	return (struct text){0};
}

static void operate(struct peer *peer, const char *what, int64_t number, const char *result)
{
	peer_query(peer, what, "number", number, bytes_of(NULL, 0));
	struct text found = row_text(peer_await(peer, MESSAGE_REPLY), "result");

	if (!text_equal(found, text_of(result)))
		fail_msg("%s said %.*s, wanted %s", what, TEXT_ARGS(found), result);
}

static void test_an_operator_takes_events_out_of_quarantine_at_the_door(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);
	uint8_t frame[600], event[300];

	for (uint64_t seq = 1; seq <= 2;
	     seq++) { /* one with a forged source, which can be taken; one that cannot be read */
		struct writer writer = writer_of(frame, sizeof(frame));
		size_t size =
		    toy_sale(event, sizeof(event), "other", seq, "S1", "R1", 1000, STAND_START_US);

		if (seq == 2)
			memset(event, 0xc1, size);
		message_write_publish(&writer, peer->session, TEXT_LITERAL("S1/T1"), 5, seq,
		                      bytes_of(event, size), 1);
		peer_say(peer, writer_bytes(&writer));
		peer_await_ack(peer, 5, seq);
		assert_int_equal(stand->message.refusal_count, 1);
	}
	operate(peer, "quarantine.retry", 2, error_name(ERR_SYNTAX));
	operate(peer, "quarantine.retry", 1, error_name(ERR_NONE));
	operate(peer, "quarantine.retry", 1, error_name(ERR_NOT_FOUND));
	operate(peer, "quarantine.discard", 2, error_name(ERR_NONE));
	operate(peer, "quarantine.discard", 2, error_name(ERR_NOT_FOUND));
	peer_query(peer, "quarantine.retry", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "malformed");
	peer_subscribe(peer, 1, NULL, NULL, 1,
	               10); /* the one that was taken is in the journal, and its effect is heard */
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 1);
	struct reader reader = reader_of(stand->message.events);
	struct envelope effect;
	envelope_read(&reader, &effect);
	assert_true(text_equal(effect.cause, TEXT_LITERAL("other#1"))); /* what its source has said, not the operator */
}

static void test_a_session_that_falls_silent_is_forgotten(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = till(stand);
	struct node_usage usage;

	node_usage(stand->node, &usage);
	assert_int_equal(usage.sessions, 1);
	stand_pass(stand, 55000);
	peer_ping(peer, "S1/T1", 5, 0);
	peer_await(peer, MESSAGE_PONG);
	stand_pass(stand, 62500);
	node_usage(stand->node, &usage);
	assert_int_equal(usage.sessions, 0);
	peer_ping(peer, "S1/T1", 5, 0);
	peer_await_error(peer, "hello_first");
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_BOTH(test_a_hello_is_welcomed_with_where_the_source_stands),
	    STAND_BOTH(test_what_an_earlier_session_said_is_not_taken),
	    STAND_SIMULATED(test_answers_that_find_a_full_queue_come_later),
	    STAND_BOTH(test_another_version_is_refused),
	    STAND_BOTH(test_what_comes_twice_is_taken_once_and_said_so),
	    STAND_BOTH(test_a_large_message_is_taken_whole),
	    STAND_BOTH(test_a_gap_is_asked_for),
	    STAND_BOTH(test_a_lost_tail_is_seen_by_the_ping),
	    STAND_BOTH(test_a_refusal_is_told_again_with_the_same_words),
	    STAND_BOTH(test_a_later_epoch_fences_the_earlier_off),
	    STAND_BOTH(test_a_door_that_was_restarted_wants_a_hello_first),
	    STAND_BOTH(test_names_of_the_network_itself_are_refused),
	    STAND_BOTH(test_malformed_frames_are_answered_and_harmless),
	    STAND_BOTH(test_a_torn_event_is_set_aside_and_the_rest_goes_on),
	    STAND_BOTH(test_an_operator_takes_events_out_of_quarantine_at_the_door),
	    STAND_SIMULATED(test_a_session_that_falls_silent_is_forgotten),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
