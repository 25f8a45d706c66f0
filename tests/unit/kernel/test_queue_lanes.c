/*
 * Goal: who sends much waits, nobody loses the order of what it sent, and a lane that is full says so once for each numbering of a source.
 * Method: parcels of made-up peers, taken turn by turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "kernel/queue.h"

#define EVENTS_MAX 1000
#define BYTES_MAX (64u << 20)
#define LARGE (3u << 20)

static struct bus_peer peer_of(const char *name)
{
	struct bus_peer peer = {.size = (uint8_t)strlen(name)};

	memcpy(peer.id, name, peer.size);
	return peer;
}

static struct parcel *parcel_of(enum parcel_kind kind, const char *peer, uint64_t number, uint32_t events, size_t size)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel) + size);

	assert_non_null(parcel);
	parcel->kind = kind;
	parcel->peer = parcel->lane = peer_of(peer);
	parcel->number = number;
	parcel->size = size;
	parcel->run = (struct run){.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = events};
	return parcel;
}

static bool add(struct queue *queue, const char *peer, uint64_t number, uint32_t events, size_t size)
{
	return queue_add(queue, parcel_of(PARCEL_PUBLISH, peer, number, events, size));
}

static unsigned drop(struct parcel *list)
{
	unsigned count = 0;

	for (struct parcel *next; list != NULL; list = next, count++) {
		next = list->next;
		free(list);
	}
	return count;
}

static unsigned count_of(const struct parcel *list, const char *peer)
{
	struct bus_peer wanted = peer_of(peer);
	unsigned count = 0;

	for (; list != NULL; list = list->next)
		count += memcmp(&list->peer, &wanted, sizeof(wanted)) == 0;
	return count;
}

static void test_lanes_take_turns_and_each_keeps_its_order(void **state)
{
	struct queue queue;
	uint64_t last[2] = {0};

	(void)state;
	queue_begin(&queue);
	for (uint64_t i = 1; i <= 3; i++)
		assert_true(add(&queue, "a", i, 1, 10));
	assert_true(add(&queue, "b", 1, 1, 10));
	assert_int_equal(queue.events, 4);
	struct parcel *list = queue_take(&queue, EVENTS_MAX, BYTES_MAX);
	assert_memory_equal(list->next->peer.id, "b", 1); /* it came last and waits for one */
	for (const struct parcel *at = list; at != NULL; at = at->next) {
		unsigned lane = at->peer.id[0] == 'b';

		assert_int_equal(at->number, last[lane] + 1);
		last[lane] = at->number;
	}
	assert_int_equal(drop(list), 4);
	assert_null(queue_take(&queue, EVENTS_MAX, BYTES_MAX));
	assert_int_equal(queue.bytes, 0);
	assert_int_equal(queue.events, 0);
	queue_end(&queue);
}

static void test_a_turn_ends_at_either_limit_and_has_at_least_one(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	for (uint64_t i = 0; i < 3; i++)
		assert_true(add(&queue, "a", i, 600, 1000));
	assert_int_equal(drop(queue_take(&queue, 1000, BYTES_MAX)), 1);
	assert_int_equal(drop(queue_take(&queue, 5000, 1500)), 1);
	assert_int_equal(drop(queue_take(&queue, 1, 1)), 1);
	queue_end(&queue);
}

/* In the place of the first that does not fit waits a word; it holds for what comes after it. */
static void test_a_full_lane_says_so_once(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	assert_true(add(&queue, "a", 1, 1, LARGE));
	assert_false(add(&queue, "a", 2, 1, LARGE));
	assert_false(add(&queue, "a", 3, 1, LARGE));
	struct parcel *other = parcel_of(PARCEL_PUBLISH, "a", 4, 1, LARGE); /* another numbering is told for itself */
	other->run.epoch = 6;
	assert_false(queue_add(&queue, other));
	other = parcel_of(PARCEL_PUBLISH, "a", 5, 1, LARGE);
	other->run.epoch = 6;
	other->run.source = TEXT_LITERAL("S1/T2");
	assert_false(queue_add(&queue, other));
	assert_false(queue_add(&queue, parcel_of(PARCEL_RETRY, "a", 6, 0, LARGE))); /* its sender is told at the door */
	assert_true(queue_add(&queue, parcel_of(PARCEL_FEED, "", 7, 1, LARGE)));
	assert_true(queue_add(&queue, parcel_of(PARCEL_FEED, "", 8, 1, LARGE))); /* what a link brings is bounded by its credit */
	struct parcel *list = queue_take(&queue, EVENTS_MAX, BYTES_MAX);
	static const enum parcel_kind kinds[] = {PARCEL_PUBLISH, PARCEL_BUSY, PARCEL_BUSY, PARCEL_BUSY};
	unsigned seen = 0;
	for (const struct parcel *at = list; at != NULL; at = at->next)
		if (at->peer.size > 0)
			assert_int_equal(at->kind, kinds[seen++]);
	assert_int_equal(seen, 4);
	assert_int_equal(drop(list), 6);
	assert_true(add(&queue, "a", 2, 1, LARGE)); /* there is room again */
	queue_end(&queue);			    /* with what waits in it */
}

/* A key's room is its own: what is beyond it is told with it, and who has none has as much as anybody. */
static void test_a_lane_has_the_room_that_its_key_has(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	for (uint64_t i = 0; i < 3; i++) {
		struct parcel *parcel = parcel_of(PARCEL_PUBLISH, "a", i, 1, 3000);

		parcel->room = 8192;
		assert_int_equal(queue_add(&queue, parcel), i < 2);
		assert_true(add(&queue, "b", i, 1, 3000));
	}
	struct parcel *list = queue_take(&queue, EVENTS_MAX, BYTES_MAX);
	unsigned words = 0;
	for (const struct parcel *at = list; at != NULL; at = at->next)
		if (at->kind == PARCEL_BUSY) {
			assert_int_equal(parcel_room(at), 8192);
			words++;
		} else if (at->room == 0) {
			assert_int_equal(parcel_room(at), QUEUE_LANE_BYTES);
		}
	assert_int_equal(words, 1);
	assert_int_equal(drop(list), 6);
	queue_end(&queue);
}

/* One parcel alone may be larger than a lane. A peer that has twice a lane of words waiting is no longer answered. */
static void test_a_lane_is_bounded_with_its_words(void **state)
{
	struct queue queue;
	uint64_t words = 0;
	size_t bytes = 0;

	(void)state;
	queue_begin(&queue);
	assert_true(add(&queue, "a", 1, 1, QUEUE_LANE_BYTES + 1));
	for (uint64_t epoch = 1; bytes != queue.bytes; epoch++, words++) {
		struct parcel *parcel = parcel_of(PARCEL_PUBLISH, "a", epoch, 1, LARGE);

		parcel->run.epoch = epoch;
		bytes = queue.bytes;
		assert_false(queue_add(&queue, parcel));
	}
	assert_in_range(queue.bytes, QUEUE_LANE_BYTES, 2 * QUEUE_LANE_BYTES + 4096);
	assert_in_range(words, 1000, 1000000);
	queue_end(&queue);
}

static void test_a_heavy_peer_gets_a_spare_and_no_more_than_the_others(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	for (uint64_t i = 0; i < 100; i++)
		assert_true(add(&queue, "heavy", i, 80, 10));
	assert_true(add(&queue, "light", 0, 80, 10));
	assert_true(add(&queue, "middle", 0, 160, 10));
	for (uint64_t i = 1; i <= 20; i++) /* in more parcels than the heavy one gets: they go on when it stops */
		assert_true(add(&queue, "middle", i, 1, 10));
	queue_second(&queue);
	assert_int_equal(queue.lightest, 81);
	struct parcel *list = queue_take(&queue, 100000, BYTES_MAX);
	assert_int_equal(count_of(list, "heavy"), 13); /* 1,024 events and a little */
	assert_int_equal(count_of(list, "light") + count_of(list, "middle"), 22);
	drop(list);
	list = queue_take(&queue, 100000, BYTES_MAX);
	assert_int_equal(count_of(list, "heavy"), 13);
	drop(list);
	for (char name[] = "light a"; name[6] <= 't'; name[6]++) /* and as much as the light ones bring, where that is more */
		assert_true(add(&queue, name, 0, 80, 10));
	list = queue_take(&queue, 100000, BYTES_MAX);
	assert_int_equal(count_of(list, "heavy"), 20);
	drop(list);
	queue_end(&queue);
}

/* Its lane is forgotten and begins anew each time; others are held back for it all the same. */
static void test_who_sends_now_and_then_is_light(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	for (unsigned second = 0; second < 6; second++) {
		bool speaks = second % 3 == 0;

		assert_true(add(&queue, "heavy", second, 900, 10));
		if (speaks)
			assert_true(add(&queue, "sparse", second, 1, 10));
		queue_second(&queue);
		assert_int_equal(queue.lightest, speaks ? 2 : 901);
		drop(queue_take(&queue, 100000, BYTES_MAX));
	}
	queue_end(&queue);
}

/* What the links bring counts among the others: their credit bounds it. */
static void test_a_link_is_never_heavy(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	assert_true(add(&queue, "light", 0, 1, 10));
	for (uint64_t i = 0; i < 3; i++)
		assert_true(queue_add(&queue, parcel_of(PARCEL_FEED, "", i, 5000, 10)));
	queue_second(&queue);
	assert_int_equal(queue.lightest, 2);
	assert_int_equal(drop(queue_take(&queue, 100000, BYTES_MAX)), 4);
	queue_end(&queue);
}

static void test_lanes_that_are_over_are_forgotten(void **state)
{
	struct queue queue;

	(void)state;
	queue_begin(&queue);
	assert_true(add(&queue, "a", 1, 1, 10));
	assert_true(add(&queue, "b", 1, 1, 10));
	queue_second(&queue);
	drop(queue_take(&queue, 1, BYTES_MAX));
	queue_second(&queue); /* b sent nothing, and something of it waits */
	assert_int_equal(HASH_COUNT(queue.lanes), 1);
	assert_int_equal(queue.lightest, 0);
	drop(queue_take(&queue, 1, BYTES_MAX));
	queue_second(&queue);
	assert_int_equal(HASH_COUNT(queue.lanes), 0);
	queue_end(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lanes_take_turns_and_each_keeps_its_order),
	    cmocka_unit_test(test_a_turn_ends_at_either_limit_and_has_at_least_one),
	    cmocka_unit_test(test_a_full_lane_says_so_once),
	    cmocka_unit_test(test_a_lane_has_the_room_that_its_key_has),
	    cmocka_unit_test(test_a_lane_is_bounded_with_its_words),
	    cmocka_unit_test(test_a_heavy_peer_gets_a_spare_and_no_more_than_the_others),
	    cmocka_unit_test(test_who_sends_now_and_then_is_light),
	    cmocka_unit_test(test_a_link_is_never_heavy),
	    cmocka_unit_test(test_lanes_that_are_over_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
