/*
 * Goal: nothing is acknowledged, answered or published before the commit that made it true, and a
 * full disk only delays. Method: the store's twin fails on request under a node; the same program
 * with MUTANT_ACK_BEFORE_COMMIT must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "log/log.h"
#include "stand.h"

static void test_a_full_disk_delays_and_loses_nothing(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1000000, ERR_STORE_FULL);
	peer_publish(peer, "S1/T1", 5, 3, 2);
	peer_await_resend(peer, 5, 3, "storage_full");
	assert_in_range(stand->message.after_ms, 100, 10000);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1000000, ERR_DISK_FULL);
	peer_publish(peer, "S1/T1", 5, 3, 2);
	peer_await_resend(peer, 5, 3, "disk_full");
	peer_never(peer, MESSAGE_ACK, 50);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 0, ERR_NONE);
	peer_publish(peer, "S1/T1", 5, 3, 2);
	peer_await_ack(peer, 5, 4);
	assert_int_equal(stand->message.range_count, 0);
	assert_int_equal(stand->fatal, 0);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 4);
}

static void test_no_acknowledgement_of_a_commit_that_failed(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand), *listener = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_hello(listener, NULL, 0);
	peer_subscribe(listener, 1, NULL, NULL, 1, 1000);
	for (uint64_t first = 1; first < 60; first += 3) {
		bool fails = first % 2 == 0;

		store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, fails ? 1 : 0, ERR_STORE_FULL);
		peer_publish(peer, "S1/T1", 5, first, 3);
		if (fails) {
			peer_await_resend(peer, 5, first, "storage_full");
			peer_never(peer, MESSAGE_ACK, 20);
			peer_never(listener, MESSAGE_BATCH, 20);
			peer_publish(peer, "S1/T1", 5, first, 3);
		}
		peer_await_ack(peer, 5, first + 2);
		assert_int_equal(peer_await(listener, MESSAGE_BATCH)->through, first + 2);
		assert_int_equal(stand->message.head, first + 2);
	}
}

/* What a turn said that was not committed is said by nobody: its number is given to another event. */
static void test_what_a_failed_commit_said_is_not_heard(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand), *listener = stand_peer(stand);
	struct envelope envelope;

	peer_hello(peer, "S1/T1", 5);
	peer_hello(listener, NULL, 0);
	peer_subscribe(listener, 1, NULL, NULL, 1, 1000);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_FULL);
	peer_publish_receipt(peer, "S1/T1", 5, 1, "S1", "never");
	peer_await_resend(peer, 5, 1, "storage_full");
	peer_publish_receipt(peer, "S2/T1", 5, 1, "S2", "said");
	peer_await_ack(peer, 5, 1);
	struct reader events = reader_of(peer_await(listener, MESSAGE_BATCH)->events);
	envelope_read(&events, &envelope);
	assert_int_equal(events.error, ERR_NONE);
	assert_true(envelope.seq == 1 && text_equal(envelope.subject, TEXT_LITERAL("S2")));
}

/* Reading fails in the middle of a turn: handlers computed from nothing, all of it is void. */
static void test_a_turn_that_could_not_read_never_happened(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	stand_node_leaves(stand); /* the cache of rows is empty now */
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_hello(peer, "S1/T1", 5);
	store_disk_fail(stand->disk, STORE_FAULT_READ, 0, 1, ERR_AGAIN);
	peer_publish(peer, "S1/T1", 5, 2, 5);
	peer_await_resend(peer, 5, 2, "storage_full");
	peer_publish(peer, "S1/T1", 5, 2, 5);
	peer_await_ack(peer, 5, 6);
	assert_int_equal(stand->message.range_count, 0);
}

/* The disk is broken: the node wants to stop. Whether the commit is there nobody can know; the next
 * start finds out. */
static void broken_disk(struct stand *stand, enum store_fault fault, uint64_t next)
{
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	store_disk_fail(stand->disk, fault, 0, 1, ERR_STORE_IO);
	peer_publish(peer, "S1/T1", 5, 3, 2);
	peer_never(peer, MESSAGE_ACK, 50);
	assert_int_equal(stand->fatal, ERR_STORE_IO);
	stand_node_leaves(stand);
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_hello(peer, "S1/T1", 5);
	assert_int_equal(stand->message.sources[0].seq, next);
	peer_publish(peer, "S1/T1", 5, 3, 2);
	peer_await_ack(peer, 5, 4);
	assert_int_equal(stand->message.range_count, next == 5);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 4);
}

static void test_a_broken_disk_stops_the_service(void **state)
{
	broken_disk(*state, STORE_FAULT_COMMIT, 3);
}

static void test_a_commit_whose_answer_is_lost_is_found_at_the_next_start(void **state)
{
	broken_disk(*state, STORE_FAULT_COMMIT_AFTER, 5);
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_BOTH(test_a_full_disk_delays_and_loses_nothing),
	    STAND_BOTH(test_no_acknowledgement_of_a_commit_that_failed),
	    STAND_BOTH(test_what_a_failed_commit_said_is_not_heard),
	    STAND_BOTH(test_a_turn_that_could_not_read_never_happened),
	    STAND_BOTH(test_a_broken_disk_stops_the_service),
	    STAND_BOTH(test_a_commit_whose_answer_is_lost_is_found_at_the_next_start),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
