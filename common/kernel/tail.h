/*
 * tail.h -- the newest events of the journal in memory, for the feeds: whoever follows closely is served without the disk.
 *
 * What a turn has said lies in memory as it went to the disk: the store's thread takes that memory as a chunk and hands it over with
 * the commit's news; the loop's thread keeps chunks up to a bound. What is not here is in the journal: a tail may forget anything at
 * any time.
 */
#ifndef TRIBUTARY_KERNEL_TAIL_H
#define TRIBUTARY_KERNEL_TAIL_H

#include "store/store.h"

struct chunk {
	struct chunk *next;
	struct appended said;
};

struct tail {
	struct chunk *chunks, **end; /* in order */
	size_t bytes;
	unsigned count;
};

/*
 * chunk_of_turn -- what the open turn has appended to a log; the commit comes next.
 *   owns  the caller, for chunk_free or tail_add, until the turn is over.   errors  NULL: there is nothing, or no memory.
 */
struct chunk *chunk_of_turn(struct store *store, unsigned table);
void chunk_free(struct chunk *chunk);

/* tail_add -- takes a list of chunks, which are true now, newest last; forgets the oldest above its bound. */
void tail_add(struct tail *tail, struct chunk *chunks);
void tail_drop(struct tail *tail);

/* tail_find -- the chunk that has this number, NULL: none.   chunk_event -- that event. */
const struct chunk *tail_find(const struct tail *tail, uint64_t number);
struct bytes chunk_event(const struct chunk *chunk, uint64_t number);

#endif
