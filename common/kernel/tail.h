/*
 * tail.h -- the newest events of the journal in memory, for the feeds: whoever follows closely is served without the disk.
 *
 * The store's thread copies what a turn has said into a chunk before it commits and hands it over with the commit's news; the
 * loop's thread keeps chunks up to a bound. What is not here is in the journal: a tail may forget anything at any time.
 */
#ifndef TRIBUTARY_KERNEL_TAIL_H
#define TRIBUTARY_KERNEL_TAIL_H

#include "store/store.h"

struct chunk {
	struct chunk *next;
	uint64_t first;
	uint32_t count;
	size_t size;		/* of all of it */
	uint8_t *bytes;		/* the events, one behind the other; in the same block */
	size_t ends[];		/* of each event in bytes */
};

struct tail {
	struct chunk *chunks, **end; /* in order */
	size_t bytes;
	unsigned count;
};

/*
 * chunk_of_turn -- the open turn's entries first..last of a log.
 *   owns  the caller, for free() or tail_add.   errors  NULL: there are none, or no memory for them.
 */
struct chunk *chunk_of_turn(struct store *store, unsigned table, uint64_t first, uint64_t last);

/* tail_add -- takes a list of chunks, which are true now, newest last; forgets the oldest above its bound. */
void tail_add(struct tail *tail, struct chunk *chunks);
void tail_drop(struct tail *tail);

/* tail_find -- the chunk that has this number, NULL: none.   chunk_event -- that event. */
const struct chunk *tail_find(const struct tail *tail, uint64_t number);
struct bytes chunk_event(const struct chunk *chunk, uint64_t number);

#endif
