/*
 * queue.h -- inputs that wait for a turn: a lane for each peer, served in rounds, so that one who sends much does not make the
 * others wait.
 *
 * Inputs of one lane stay in their order. A peer that has lately sent many times what the lightest one sent is heavy: a turn takes
 * from all heavy lanes together no more than from the others, or a small spare. Where nobody is light, or all are alike, a turn is
 * filled. A lane is bounded: what does not fit becomes a word to the peer to send it again later.
 *
 * A principal with a key or a token has one lane, under however many connections it comes. No lock of its own.
 */
#ifndef TRIBUTARY_KERNEL_QUEUE_H
#define TRIBUTARY_KERNEL_QUEUE_H

#include <uthash.h>

#include "bus/bus.h"
#include "kernel/engine.h"

#define QUEUE_LANE_BYTES (4u << 20)	/* of one peer's inputs, where its key says nothing else */
#define QUEUE_HEAVY_RATIO 8		/* of what the lightest peer sends: beyond it a peer is heavy */
#define QUEUE_SPARE_EVENTS 1024		/* of heavy peers in a turn, when the others bring fewer: some 5 ms, and as much again is its commit */

/* One message's worth of input, on its way to a turn. It owns the bytes: a copy, or the message itself. BUSY: a PUBLISH not taken, only its source. */
enum parcel_kind { PARCEL_PUBLISH, PARCEL_BUSY, PARCEL_FEED, PARCEL_RETRY, PARCEL_DISCARD };

struct parcel {
	struct parcel *next;
	enum parcel_kind kind;
	struct bus_peer peer;	/* who waits for the answer; none: FEED */
	struct bus_peer lane;	/* whose lane it waits in: the peer's, or that of whoever speaks through several; none: FEED */
	const char *code;	/* BUSY: why, static; NULL: the lane is full */
	uint64_t after_ms;	/* BUSY, with a code */
	size_t room;		/* PUBLISH, BUSY: bytes that may wait in its lane; 0: QUEUE_LANE_BYTES */
	unsigned follow;	/* FEED: index of the link */
	uint64_t generation;	/* FEED: subscription it came through */
	uint64_t number;	/* RETRY, DISCARD: of the quarantine record */
	uint64_t query;		/* RETRY, DISCARD: id of the query to answer */
	struct run run;
	struct bus_kept *kept;	/* NULL: a copy of it */
	size_t size;		/* of the message */
	uint8_t bytes[];
};

struct lane {
	UT_hash_handle hh;
	struct bus_peer peer;	/* the key: a parcel's lane; all links share the lane without a peer */
	struct parcel *first, *last;
	size_t bytes;
	uint64_t sent, lately;	/* events and KiB: in this second, in the last one */
	struct lane *next;	/* that has something waiting */
};

struct queue {
	struct lane *lanes;
	struct lane *waiting, **waiting_end;
	size_t bytes;		/* of all that waits */
	uint64_t events;	/* in it */
	uint64_t lightest;	/* sent in the last second by the peer that sent least; 0: nobody sent */
};

/* queue_begin -- empty.   queue_end -- drop everything. */
void queue_begin(struct queue *queue);
void queue_end(struct queue *queue);

/* parcel_free -- with its message. */
void parcel_free(struct parcel *parcel);

/* parcel_room -- bytes that may wait in its lane. */
size_t parcel_room(const struct parcel *parcel);

/* queue_add -- takes the parcel; false: the peer's lane is full, and it was told so or will be. */
bool queue_add(struct queue *queue, struct parcel *parcel);

/* queue_take -- the next turn's parcels, about as many as these limits allow and at least one; NULL: nothing waits. owns: the caller. */
struct parcel *queue_take(struct queue *queue, uint64_t events_max, uint64_t bytes_max);

/* queue_second -- once a second: who sent how much; lanes that are over are forgotten. */
void queue_second(struct queue *queue);

#endif
