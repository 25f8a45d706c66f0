/*
 * epochs.h -- the epochs in which a journal was written: each restore of a backup ends one and begins another.
 *
 * What was said after the backup is lost here but may be known elsewhere, so its numbers are not given again: the new epoch begins
 * at a round number far beyond them, and the journal has a hole between the two. A consumer that stands at or before the end of the
 * old epoch has heard nothing that is lost and goes on; one that stands in the hole has, and must not.
 */
#ifndef TRIBUTARY_KERNEL_EPOCHS_H
#define TRIBUTARY_KERNEL_EPOCHS_H

#include "kernel/engine.h"

#define EPOCH_NUMBERS UINT64_C(1000000000) /* an epoch begins at a multiple of it and one, and leaves at least as many out */

/* How one epoch ended. */
struct epoch {
	uint64_t epoch;
	uint64_t last;	 /* number of its last event that is here */
	uint64_t next;	 /* number of the first event of the epoch after it */
	uint64_t intake; /* inputs admitted when it ended */
	uint64_t link;	 /* of the journal's chain at `last` */
};

struct epochs {
	struct epoch *list; /* in their order */
	unsigned count;
};

/* epochs_load -- all of a store.   errors  ERR_MEMORY, ERR_STORE_CORRUPT, the view's. */
int epochs_load(struct epochs *epochs, struct view *view) must_check;
void epochs_close(struct epochs *epochs);

/* epochs_put -- in the open turn: the epoch of *meta ends here, `epoch` begins; *meta is changed with it. */
void epochs_put(struct store *store, struct meta *meta, uint64_t epoch);

/* epochs_hole -- the last number of the hole that `number` lies in; 0: in none. */
uint64_t epochs_hole(const struct epochs *epochs, uint64_t number);

/* epochs_find -- how the epoch ended; NULL: it is not among them. */
const struct epoch *epochs_find(const struct epochs *epochs, uint64_t epoch);

#endif
