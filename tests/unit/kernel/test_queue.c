/*
 * Goal: one peer that sends much does not make the others wait: a turn takes everything of the light ones, and of a heavy one no more
 * than of all others or a small spare; what a lane does not hold becomes one word to send it again. Method: parcels by hand, no node;
 * MUTANT_NO_FAIR_TURNS must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "kernel/queue.h"

#define LIGHT 5u	 /* peers */
#define HEAVY 99u	 /* the id of one */
#define BATCH 20u	 /* events in one message of the heavy peer */
#define TURN_EVENTS 8192u
#define TURN_BYTES (4u << 20)

static bool put(struct queue *queue, unsigned peer, uint32_t events, size_t size)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel) + size);

	assert_non_null(parcel);
	*parcel = (struct parcel){.kind = PARCEL_PUBLISH, .size = size};
	parcel->peer = parcel->lane = (struct bus_peer){.size = 1, .id = {(uint8_t)peer}};
	parcel->run = (struct run){.source = {"till", 4}, .epoch = 1, .count = events};
	return queue_add(queue, parcel);
}

/* A second in which the heavy peer sends a hundred messages and each light one a single event. */
static void one_second(struct queue *queue)
{
	for (unsigned i = 0; i < 100; i++)
		put(queue, HEAVY, BATCH, 100);
	for (unsigned peer = 1; peer <= LIGHT; peer++)
		put(queue, peer, 1, 100);
	queue_second(queue);
}

struct taken {
	unsigned light, heavy, parcels; /* events, events, all */
};

static struct taken take(struct queue *queue)
{
	struct parcel *parcel = queue_take(queue, TURN_EVENTS, TURN_BYTES);
	struct taken taken = {0};

	for (struct parcel *next; parcel != NULL; parcel = next) {
		next = parcel->next;
		*(parcel->peer.id[0] == HEAVY ? &taken.heavy : &taken.light) += parcel->run.count;
		taken.parcels++;
		free(parcel);
	}
	return taken;
}

static void test_a_heavy_peer_gets_a_spare_and_the_others_all(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	one_second(&queue); /* until it is over nobody is known to be heavy */
	while (take(&queue).parcels > 0)
		;
	one_second(&queue);
	struct taken taken = take(&queue);
	assert_int_equal(taken.light, LIGHT);
	assert_in_range(taken.heavy, BATCH, QUEUE_SPARE_EVENTS + BATCH);
	taken = take(&queue);
	assert_int_equal(taken.light, 0);
	assert_in_range(taken.heavy, BATCH, QUEUE_SPARE_EVENTS + BATCH);
	queue_end(&queue);
}

static void test_all_alike_fill_a_turn(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 100; i++)
			for (unsigned peer = 1; peer <= LIGHT; peer++)
				put(&queue, peer, BATCH, 100);
		queue_second(&queue);
	}
	assert_int_equal(take(&queue).light, TURN_EVENTS / BATCH * BATCH);
	queue_end(&queue);
}

static void test_a_full_lane_is_told_once(void **state)
{
	struct queue queue;
	unsigned parcels = 0;

	(void)state;
	queue_begin(&queue);
	while (parcels < 64 && put(&queue, HEAVY, 1, 1 << 20))
		parcels++;
	assert_in_range(parcels, 3, 4);
	assert_false(put(&queue, HEAVY, 1, 1 << 20));
	assert_true(put(&queue, 1, 1, 1 << 20)); /* another lane has room */
	for (unsigned all = 0; all < parcels + 2;) { /* what fitted, one word, and the other peer's */
		unsigned now = take(&queue).parcels;

		assert_int_not_equal(now, 0);
		all += now;
		assert_in_range(all, 1, parcels + 2);
	}
	assert_int_equal(take(&queue).parcels, 0);
	queue_end(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_heavy_peer_gets_a_spare_and_the_others_all),
	    cmocka_unit_test(test_all_alike_fill_a_turn),
	    cmocka_unit_test(test_a_full_lane_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
