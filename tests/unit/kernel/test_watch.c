/*
 * Goal: a live view leaves out what is no row of it or not wanted, comes in batches, and says everything once more when it could not say
 * something. Method: rows of the toy service written by hand, a scripted watcher, a store and a memory that fail once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "events/kpi.h"
#include "kernel/node_inside.h"
#include "log/log.h"
#include "stand.h"

#define MANY 4000
#define ROWS_MAX 1000000

static size_t refused_size; /* malloc of exactly this many bytes fails once */
static unsigned mallocs;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	mallocs++;
	if (refused_size > 0 && size == refused_size) {
		refused_size = 0;
		return NULL;
	}
	return __real_malloc(size);
}

static void put_rows(struct stand *stand, unsigned first, unsigned count, size_t size)
{
	struct store *store = engine_store(node_engine(stand->node));

	assert_int_equal(store_begin(store), ERR_NONE);
	for (unsigned i = first; i < first + count; i++) {
		char key[16];
		int64_t sum = i;

		snprintf(key, sizeof(key), "S%05u", i);
		store_put(store, KERNEL_TABLES + TOY_SUMS, bytes_of(key, strlen(key)), bytes_of(&sum, size));
	}
	assert_int_equal(store_commit(store), ERR_NONE);
}

static struct peer *watcher(struct stand *stand, const char *key, uint64_t credit)
{
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, NULL, 0);
	peer_subscribe(peer, 1, "kpi.updated", key, 1, credit);
	return peer;
}

/* Batches until so many rows were heard, joined; returns how many batches. */
static unsigned hear(struct peer *peer, uint64_t *position, uint32_t rows)
{
	unsigned batches = 0;

	for (uint32_t heard = 0; heard < rows; batches++) {
		const struct message *batch = peer_await(peer, MESSAGE_BATCH);

		assert_int_equal(batch->after, *position);
		assert_int_equal(batch->through, *position + batch->event_count);
		*position = batch->through;
		heard += batch->event_count;
		assert_true(heard <= rows);
	}
	return batches;
}

static void test_many_rows_come_in_batches(void **state)
{
	struct stand *stand = *state;
	uint64_t position = 0;

	put_rows(stand, 0, MANY, 8);
	struct peer *peer = watcher(stand, NULL, 2 * MANY);
	assert_in_range(hear(peer, &position, MANY), 2, 100);
	peer_never(peer, MESSAGE_BATCH, 100);
}

static void test_what_is_no_row_or_not_wanted_is_left_out(void **state)
{
	struct stand *stand = *state;
	uint64_t position = 0;

	put_rows(stand, 0, 3, 3); /* nothing that the view can show */
	struct peer *peer = watcher(stand, NULL, 100);
	peer_never(peer, MESSAGE_BATCH, 100);
	put_rows(stand, 10, 5, 8);
	struct peer *other = watcher(stand, "S00012", 100);
	assert_int_equal(hear(other, &position, 1), 1);
	peer_never(other, MESSAGE_BATCH, 1500);
}

static void test_a_read_that_fails_in_the_middle_is_made_good(void **state)
{
	struct stand *stand = *state;
	uint64_t position = 0;

	put_rows(stand, 0, 20, 8);
	struct peer *peer = watcher(stand, NULL, 0);
	peer_await(peer, MESSAGE_HEAD);
	stand_node_leaves(stand); /* the cache of rows is empty now */
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_forget(peer);
	peer_hello(peer, NULL, 0);
	peer_subscribe(peer, 1, "kpi.updated", NULL, 1, 0);
	stand_pass(stand, 100);
	store_disk_fail(stand->disk, STORE_FAULT_READ, 5, 1, ERR_AGAIN);
	peer_credit(peer, 1, 100);
	hear(peer, &position, 20);
	peer_never(peer, MESSAGE_BATCH, 1500);
}

static void test_without_memory_for_a_batch_the_next_second_says_it(void **state)
{
	struct stand *stand = *state;
	uint64_t position = 0;

	put_rows(stand, 0, 5, 8);
	refused_size = 1 << 16;
	struct peer *peer = watcher(stand, NULL, 100);
	hear(peer, &position, 5);
	assert_int_equal(refused_size, 0);
}

/* A watcher that is gone loses a batch: everything is owed to it, should it be there after all. */
static void test_a_batch_that_cannot_be_sent_is_said_with_everything_again(void **state)
{
	struct stand *stand = *state;
	struct bus_peer gone = {.size = 8, .id = {1, 2, 3}};
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));
	struct text type = TEXT_LITERAL("kpi.updated");

	put_rows(stand, 0, 5, 8);
	message_write_hello(&writer, TEXT_LITERAL("gone"), NULL, 0);
	door_on_message(stand->node, stand->node->door, &gone, writer_bytes(&writer));
	struct session *session = door_session(stand->node, &gone);
	writer = writer_of(frame, sizeof(frame));
	message_write_subscribe(&writer, session->id, 1, &type, 1, NULL, 0, 1, 100);
	door_on_message(stand->node, stand->node->door, &gone, writer_bytes(&writer));
	assert_true(watch_is_behind(session->subscriptions->watch));
	assert_int_equal(session->subscriptions->position, 0);
	assert_int_equal(session->subscriptions->credit, 100);
}

/* A view whose events are about nothing in particular. */
static void test_a_view_may_have_no_subject(void **state)
{
	struct stand *stand = *state;
	struct event_type type = kpi_updated_type;
	struct service service = toy;
	struct envelope envelope;

	type.subject_field = NULL;
	service.view_type = &type;
	stand_node_leaves(stand);
	stand->service = &service;
	stand_node_returns(stand);
	put_rows(stand, 0, 1, 8);
	struct peer *peer = watcher(stand, NULL, 10);
	struct reader reader = reader_of(peer_await(peer, MESSAGE_BATCH)->events);
	envelope_read(&reader, &envelope);
	assert_int_equal(envelope.subject.size, 0);
	stand_node_leaves(stand);
	stand->service = &toy;
	stand_node_returns(stand);
}

static void test_a_watcher_is_owed_a_million_rows_and_no_more(void **state)
{
	struct subscription subscription = {0};
	struct watch *watch = watch_open(&subscription);

	(void)state;
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		struct bytes key = bytes_of(&i, sizeof(i));

		watch_changed(NULL, watch, &key, 1);
	}
	uint32_t more = ROWS_MAX;
	struct bytes key = bytes_of(&more, sizeof(more));
	mallocs = 0;
	watch_changed(NULL, watch, &key, 1);
	assert_int_equal(mallocs, 0);
	watch_close(&watch);
	assert_null(watch);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_SIMULATED(test_many_rows_come_in_batches),
	    STAND_SIMULATED(test_what_is_no_row_or_not_wanted_is_left_out),
	    STAND_SIMULATED(test_a_read_that_fails_in_the_middle_is_made_good),
	    STAND_SIMULATED(test_without_memory_for_a_batch_the_next_second_says_it),
	    STAND_SIMULATED(test_a_batch_that_cannot_be_sent_is_said_with_everything_again),
	    STAND_SIMULATED(test_a_view_may_have_no_subject),
	    cmocka_unit_test(test_a_watcher_is_owed_a_million_rows_and_no_more),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
