/*
 * Goal: who watches a live view hears every row once, then the rows that change, never more than its
 * credit; a slow reader misses steps in between and never the last one. Method: a scripted watcher at
 * a node of the toy service, whose view is the sum of each outlet; MUTANT_CONFLATION_DROPS_LAST must
 * fail.
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
#include "log/log.h"
#include "stand.h"

#define OUTLETS 4

struct seen {
	unsigned times[OUTLETS];
	int64_t milli[OUTLETS];
};

static struct peer *till(struct stand *stand)
{
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S/T1", 5);
	return peer;
}

static void sell(struct peer *peer, uint64_t seq, unsigned outlet)
{
	char code[8], receipt[24];

	snprintf(code, sizeof(code), "S%u", outlet);
	snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)seq);
	peer_publish_receipt(peer, "S/T1", 5, seq, code, receipt);
	peer_await_ack(peer, 5, seq);
}

/* Takes one batch of the view apart. */
static uint32_t look(struct peer *peer, struct seen *seen)
{
	const struct message *batch = peer_await(peer, MESSAGE_BATCH);
	struct reader reader = reader_of(batch->events);
	struct arena arena;

	assert_int_equal(arena_open(&arena, 1 << 16), ERR_NONE);
	for (uint32_t i = 0; i < batch->event_count; i++) {
		struct kpi_updated updated;
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		assert_int_equal(reader.error, ERR_NONE);
		struct reader data = reader_of(envelope.data);
		assert_int_equal(kpi_updated_type.unpack(&updated, &data, &arena), ERR_NONE);
		unsigned outlet = (unsigned)(updated.key.data[1] - '0');
		assert_true(updated.key.size == 2 && outlet < OUTLETS);
		seen->times[outlet]++;
		seen->milli[outlet] = updated.units.milli;
	}
	uint32_t count = batch->event_count;
	arena_close(&arena);
	return count;
}

static void test_every_row_once_then_what_changes(void **state)
{
	struct stand *stand = *state;
	struct peer *seller = till(stand), *watcher = stand_peer(stand);
	struct seen seen = {0};
	uint32_t heard = 0;

	for (unsigned i = 0; i < OUTLETS; i++)
		sell(seller, i + 1, i);
	peer_hello(watcher, NULL, 0);
	peer_subscribe(watcher, 1, "kpi.updated", NULL, 1, 100);
	while (heard < OUTLETS)
		heard += look(watcher, &seen);
	for (unsigned i = 0; i < OUTLETS; i++)
		assert_true(seen.times[i] == 1 && seen.milli[i] == 1000);
	peer_never(watcher, MESSAGE_BATCH, 30);
	sell(seller, OUTLETS + 1, 2);
	assert_int_equal(look(watcher, &seen), 1);
	assert_true(seen.times[2] == 2 && seen.milli[2] == 2000);
	peer_never(watcher, MESSAGE_BATCH, 30);
}

static void test_a_slow_reader_hears_the_last_of_every_row(void **state)
{
	struct stand *stand = *state;
	struct peer *seller = till(stand), *watcher = stand_peer(stand);
	struct seen seen = {0};
	uint64_t seq = 0;

	sell(seller, ++seq, 0);
	peer_hello(watcher, NULL, 0);
	peer_subscribe(watcher, 1, "kpi.updated", NULL, 1, 1);
	assert_int_equal(look(watcher, &seen), 1);
	for (unsigned round = 0; round < 5; round++)
		for (unsigned i = 0; i < OUTLETS; i++)
			sell(seller, ++seq, i);
	peer_never(watcher, MESSAGE_BATCH, 30);
	seen = (struct seen){0};
	for (unsigned i = 0; i < OUTLETS; i++) {
		peer_credit(watcher, 1, 1);
		assert_int_equal(look(watcher, &seen), 1);
	}
	for (unsigned i = 0; i < OUTLETS; i++) {
		assert_int_equal(seen.times[i], 1);
		assert_int_equal(seen.milli[i], i == 0 ? 6000 : 5000);
	}
	peer_credit(watcher, 1, 100);
	peer_never(watcher, MESSAGE_BATCH, 30);
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_BOTH(test_every_row_once_then_what_changes),
	    STAND_BOTH(test_a_slow_reader_hears_the_last_of_every_row),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
