/*
 * tally.h -- sums by key for the audit, in heap memory that grows: it lives in a tool, never in a turn.
 */
#ifndef TRIBUTARY_KPI_TALLY_H
#define TRIBUTARY_KPI_TALLY_H

#include "state.h"

struct tally_row {
	uint8_t key[KEY_SIZE];
	size_t key_size;
	bool seen; /* what the row stands for was compared */
	int64_t count;
	struct level level[3];	     /* of outlets, of tiers, of the whole */
	struct measures measures[3]; /* the same */
};

struct tally {
	struct tally_row *rows;
	uint32_t count, room;
	uint32_t *slots; /* of hashes: row number + 1; twice as many as there is room */
};

/* tally_row -- the row of a key, all zero when it is new; lends until the next call. Ends the process when
 * there is no memory. */
struct tally_row *tally_row(struct tally *tally, struct bytes key);
void tally_close(struct tally *tally);

#endif
