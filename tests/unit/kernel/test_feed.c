/*
 * Goal: what feeds are served from, in its corners: a tail that forgets, a journal that cannot be read now, subscriptions by key alone; and
 * the scrubber that goes through the same journal. Method: chunks made up by hand, a node and an engine over the store's twin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/error.h"
#include "kernel/scrub.h"
#include "kernel/tail.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "stand.h"

static struct chunk *chunk_of(uint64_t first, uint32_t count, size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));

	assert_non_null(chunk);
	chunk->said.first = first;
	chunk->said.count = count;
	chunk->said.used = size; /* as it would be */
	return chunk;
}

static void test_a_tail_forgets_the_oldest_by_bytes_and_by_turns(void **state)
{
	struct tail tail = {0};

	(void)state;
	assert_null(tail_find(&tail, 1));
	tail_add(&tail, chunk_of(1, 2, 20u << 20)); /* larger than all of it should be, and the only one */
	assert_int_equal(tail_find(&tail, 2)->said.first, 1);
	assert_null(tail_find(&tail, 3));
	tail_add(&tail, chunk_of(3, 1, 1u << 20));
	assert_null(tail_find(&tail, 2));
	assert_int_equal(tail_find(&tail, 3)->said.first, 3);
	for (uint64_t number = 4; number < 104; number++)
		tail_add(&tail, chunk_of(number, 1, 10));
	assert_int_equal(tail.count, 64);
	assert_null(tail_find(&tail, 39));
	assert_int_equal(tail_find(&tail, 40)->said.first, 40);
	assert_int_equal(tail_find(&tail, 103)->said.first, 103);
	assert_null(tail_find(&tail, 104));
	tail_drop(&tail);
	assert_null(tail.chunks);
}

static void test_a_subscription_by_key_alone(void **state)
{
	struct peer *peer = stand_peer(*state);

	peer_hello(peer, "S1/T1", 5);
	for (uint64_t seq = 1; seq <= 4; seq++) {
		peer_publish_receipt(peer, "S1/T1", 5, seq, seq % 2 == 0 ? "S2" : "S1", "R");
		peer_await_ack(peer, 5, seq);
	}
	peer_subscribe(peer, 1, NULL, "S2", 1, 100);
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 2);
}

/* A service takes keys by their numbers; everybody else reads names, and what a till's integrator reads stays what it was. */
static void test_names_for_everybody_but_who_takes_numbers(void **state)
{
	struct peer *till = stand_peer(*state), *service = stand_peer(*state);
	uint8_t room[2000];
	struct writer named = writer_of(room, sizeof(room));

	peer_hello(till, "S1/T1", 5);
	peer_hello_of(service, "kpi");
	peer_publish(till, "S1/T1", 5, 1, 1);
	peer_await_ack(till, 5, 1);
	peer_subscribe(service, 1, NULL, NULL, 1, 100);
	struct bytes short_one = peer_await(service, MESSAGE_BATCH)->events;
	assert_null(memmem(short_one.data, short_one.size, "terminal", 8));
	assert_int_equal(event_named(short_one, &named), ERR_NONE);
	peer_subscribe(till, 1, NULL, NULL, 1, 100);
	assert_true(bytes_equal(peer_await(till, MESSAGE_BATCH)->events, writer_bytes(&named)));
	assert_non_null(memmem(room, named.used, "terminal", 8));
}

/* What is older than the tail is in the store: when that cannot be read the next second tries again. */
static void test_a_journal_that_cannot_be_read_now_is_read_a_second_later(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 3);
	peer_await_ack(peer, 5, 3);
	stand_node_leaves(stand);
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_hello(peer, NULL, 0);
	store_disk_fail(stand->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 3);
}

/* ---- the scrubber ---- */

static struct engine *sold(struct store_disk *disk, uint64_t sales)
{
	struct engine_options options = {.path = "toy", .memory = true, .disk = disk, .now_us = STAND_START_US};
	struct engine *engine;
	struct admission admission;

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	for (uint64_t seq = 1; seq <= sales; seq++) {
		uint8_t event[300];
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = seq - 1, .count = 1};

		run.events = bytes_of(event, toy_sale(event, sizeof(event), "S1/T1", seq, "S1", "R", 1000, STAND_START_US));
		assert_int_equal(engine_begin(engine, STAND_START_US), ERR_NONE);
		engine_admit(engine, &run, &admission);
		assert_int_equal(engine_commit(engine), ERR_NONE);
	}
	return engine;
}

static void test_the_scrubber_goes_as_far_as_it_is_told(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = sold(disk, 0);

	(void)state;
	engine_scrub(engine, 100);
	assert_int_equal(engine_scrubbed(engine)->entries, 0); /* there is nothing */
	engine_close(&engine);
	engine = sold(disk, 6);
	engine_scrub(engine, 0);
	assert_int_equal(engine_scrubbed(engine)->entries, 0);
	store_disk_fail(disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	engine_scrub(engine, 1);
	assert_int_equal(engine_scrubbed(engine)->entries, 0);
	engine_scrub(engine, 1); /* at least one */
	assert_int_equal(engine_scrubbed(engine)->entries, 1);
	for (int i = 0; i < 4; i++)
		engine_scrub(engine, 10000000); /* at most a bound, which is more than there is */
	assert_int_equal(engine_scrubbed(engine)->damaged, 0);
	assert_in_range(engine_scrubbed(engine)->rounds, 1, 4);
	engine_close(&engine);
	store_disk_close(&disk);
}

/* A log that cannot be read is damage as well; nothing of it was looked through, and the other log is not left out for it. */
static void test_the_scrubber_tells_what_it_cannot_read(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = sold(disk, 6);

	(void)state;
	store_disk_fail(disk, STORE_FAULT_READ, 0, 1, ERR_STORE_IO);
	engine_scrub(engine, 6000);
	assert_int_equal(engine_scrubbed(engine)->damaged, 1);
	assert_int_equal(engine_scrubbed(engine)->entries, 0);
	for (int pass = 0; pass < 2; pass++)
		engine_scrub(engine, 6000);
	assert_int_equal(engine_scrubbed(engine)->damaged, 1);
	assert_int_equal(engine_scrubbed(engine)->entries, 6);
	engine_close(&engine);
	store_disk_close(&disk);
}

static void test_the_scrubber_tells_damage_in_either_log(void **state)
{
	static const char *const logs[] = {"kernel.journal", "kernel.intake"};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct store_disk *disk = store_disk_open();
		struct engine *engine = sold(disk, 6);

		assert_true(store_disk_damage(disk, logs[i], 3));
		for (int pass = 0; pass < 8; pass++)
			engine_scrub(engine, 6000);
		assert_in_range(engine_scrubbed(engine)->damaged, 1, 8);
		engine_close(&engine);
		store_disk_close(&disk);
	}
}

static void test_an_own_event_that_was_never_said_is_not_found(void **state)
{
	struct engine *engine = sold(NULL, 2);
	struct envelope envelope;

	(void)state;
	assert_int_equal(engine_begin(engine, STAND_START_US), ERR_NONE);
	assert_true(turn_own_event(&engine->turn, 2, &envelope));
	assert_int_equal(envelope.seq, 2);
	assert_false(turn_own_event(&engine->turn, 3, &envelope));
	engine_abort(engine);
	engine_close(&engine);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_tail_forgets_the_oldest_by_bytes_and_by_turns),
	    STAND_SIMULATED(test_a_subscription_by_key_alone),
	    STAND_SIMULATED(test_names_for_everybody_but_who_takes_numbers),
	    STAND_SIMULATED(test_a_journal_that_cannot_be_read_now_is_read_a_second_later),
	    cmocka_unit_test(test_the_scrubber_goes_as_far_as_it_is_told),
	    cmocka_unit_test(test_the_scrubber_tells_what_it_cannot_read),
	    cmocka_unit_test(test_the_scrubber_tells_damage_in_either_log),
	    cmocka_unit_test(test_an_own_event_that_was_never_said_is_not_found),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
