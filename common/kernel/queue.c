/* queue.c -- lanes in rounds: one parcel of each lane a round; heavy lanes stop when they have had as much as the others. */
#include "kernel/queue.h"

#include <stdlib.h>

#include "base/check.h"

void queue_begin(struct queue *queue)
{
	*queue = (struct queue){.lanes = NULL};
	queue->waiting_end = &queue->waiting;
}

static size_t footprint(const struct parcel *parcel)
{
	return sizeof(*parcel) + parcel->size;
}

void parcel_free(struct parcel *parcel)
{
	bus_let_go(&parcel->kept);
	free(parcel);
}

size_t parcel_room(const struct parcel *parcel)
{
	return parcel->room != 0 ? parcel->room : QUEUE_LANE_BYTES;
}

/* What a turn has to do for it: an event costs about as much as a KiB. */
static uint64_t weight(const struct parcel *parcel)
{
	return 1 + parcel->run.count + parcel->size / 1024;
}

static struct lane *lane_of(struct queue *queue, const struct bus_peer *peer)
{
	struct lane *lane = NULL;

	HASH_FIND(hh, queue->lanes, peer, sizeof(*peer), lane);
	if (lane != NULL)
		return lane;
	lane = calloc(1, sizeof(*lane));
	CHECK(lane != NULL);
	lane->peer = *peer;
	HASH_ADD(hh, queue->lanes, peer, sizeof(lane->peer), lane);
	return lane;
}

static void wait_in_line(struct queue *queue, struct lane *lane)
{
	lane->next = NULL;
	*queue->waiting_end = lane;
	queue->waiting_end = &lane->next;
}

static void append(struct queue *queue, struct lane *lane, struct parcel *parcel)
{
	parcel->next = NULL;
	if (lane->first == NULL) {
		lane->first = parcel;
		wait_in_line(queue, lane);
	} else {
		lane->last->next = parcel;
	}
	lane->last = parcel;
	lane->bytes += footprint(parcel);
	queue->bytes += footprint(parcel);
	queue->events += parcel->run.count;
}

static bool was_told(const struct parcel *last, const struct run *run)
{
	return last->kind == PARCEL_BUSY && last->run.epoch == run->epoch && text_equal(last->run.source, run->source);
}

/*
 * A publication that finds its lane full: in its place waits a word to send it again, which holds for what comes after it as well.
 * A peer that has twice as much waiting, all of it such words, is no longer answered.
 */
static void turn_away(struct queue *queue, struct lane *lane, struct parcel *parcel)
{
	size_t size = parcel->run.source.size;

	if (parcel->kind == PARCEL_PUBLISH && !was_told(lane->last, &parcel->run) && lane->bytes < 2 * (size_t)QUEUE_LANE_BYTES) {
		struct parcel *word = malloc(sizeof(*word) + size);

		CHECK(word != NULL);
		*word = (struct parcel){.kind = PARCEL_BUSY, .peer = parcel->peer, .lane = parcel->lane, .room = parcel->room, .size = size};
		memcpy(word->bytes, parcel->run.source.data, size);
		word->run = (struct run){.source = {(const char *)word->bytes, (uint32_t)size}, .epoch = parcel->run.epoch};
		append(queue, lane, word);
	}
	parcel_free(parcel);
}

bool queue_add(struct queue *queue, struct parcel *parcel)
{
	struct lane *lane = lane_of(queue, &parcel->lane);

	lane->sent += weight(parcel);
	if (parcel->lane.size > 0 && lane->bytes + footprint(parcel) > parcel_room(parcel) && lane->first != NULL) {
		turn_away(queue, lane, parcel);
		return false;
	}
	append(queue, lane, parcel);
	return true;
}

/* What follows the other services is bounded by their credit. */
static bool is_heavy(const struct queue *queue, const struct lane *lane)
{
#if defined(MUTANT_NO_FAIR_TURNS)
	return false;
#endif
	return lane->peer.size > 0 && queue->lightest > 0 &&
	       lane->sent + lane->lately > QUEUE_HEAVY_RATIO * queue->lightest;
}

/* The first parcel of the first lane in line; the lane goes to the end of the line while it has more. */
static struct parcel *next_parcel(struct queue *queue)
{
	struct lane *lane = queue->waiting;
	struct parcel *parcel = lane->first;

	lane->first = parcel->next;
	lane->bytes -= footprint(parcel);
	queue->bytes -= footprint(parcel);
	queue->events -= parcel->run.count;
	queue->waiting = lane->next;
	if (queue->waiting == NULL)
		queue->waiting_end = &queue->waiting;
	if (lane->first != NULL)
		wait_in_line(queue, lane);
	return parcel;
}

static void join(struct queue *queue, struct lane *lanes)
{
	*queue->waiting_end = lanes;
	while (*queue->waiting_end != NULL)
		queue->waiting_end = &(*queue->waiting_end)->next;
}

struct parcel *queue_take(struct queue *queue, uint64_t events_max, uint64_t bytes_max)
{
	struct parcel *first = NULL, **end = &first;
	struct lane *aside = NULL, **aside_end = &aside;
	uint64_t events = 0, bytes = 0, heavy = 0, light = 0;

	while (queue->waiting != NULL) {
		struct lane *lane = queue->waiting;
		const struct parcel *next = lane->first;
		bool is_heavy_lane = is_heavy(queue, lane);

		if (is_heavy_lane && heavy >= QUEUE_SPARE_EVENTS && heavy >= light) {
			queue->waiting = lane->next; /* not in this turn */
			if (queue->waiting == NULL)
				queue->waiting_end = &queue->waiting;
			lane->next = NULL;
			*aside_end = lane;
			aside_end = &lane->next;
			continue;
		}
		if (first != NULL && (events + next->run.count > events_max || bytes + next->size > bytes_max))
			break;
		events += next->run.count;
		bytes += next->size;
		*(is_heavy_lane ? &heavy : &light) += weight(next);
		*end = next_parcel(queue);
		end = &(*end)->next;
	}
	*end = NULL;
	join(queue, aside);
	return first;
}

void queue_second(struct queue *queue)
{
	struct lane *lane, *next;

	queue->lightest = 0;
	HASH_ITER(hh, queue->lanes, lane, next) {
		lane->lately = lane->sent;
		lane->sent = 0;
		if (lane->lately == 0 && lane->first == NULL) {
			HASH_DEL(queue->lanes, lane);
			free(lane);
		} else if (lane->peer.size > 0 && lane->lately > 0 && (queue->lightest == 0 || lane->lately < queue->lightest)) {
			queue->lightest = lane->lately;
		}
	}
}

void queue_end(struct queue *queue)
{
	struct lane *lane, *next;

	HASH_ITER(hh, queue->lanes, lane, next) {
		for (struct parcel *parcel; (parcel = lane->first) != NULL;) {
			lane->first = parcel->next;
			parcel_free(parcel);
		}
		HASH_DEL(queue->lanes, lane);
		free(lane);
	}
	queue_begin(queue);
}
