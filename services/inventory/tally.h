/*
 * tally.h -- what the journal and the restocks say a shelf must hold, for the audit.
 *
 * A tally is a hash table from (place, SKU) to figures, in heap memory that grows: it lives in a tool,
 * never in a turn.
 */
#ifndef TRIBUTARY_INVENTORY_TALLY_H
#define TRIBUTARY_INVENTORY_TALLY_H

#include "state.h"

#define TALLY_KEY_SIZE (2 * CODE_SIZE + 1)

struct tally_row {
	uint8_t key[TALLY_KEY_SIZE];
	uint8_t key_size;
	bool seen; /* a shelf of this key was compared */
	struct stock stock;
	uint64_t restock; /* open by the journal */
};

struct tally {
	struct tally_row *rows;
	uint32_t count, room;
	uint32_t *slots; /* of hashes: row number + 1; twice as many as there is room */
};

/*
 * tally_row -- the row of a key, all zero when it is new; lends until the next call. Ends the process when
 * there is no memory.
 */
struct tally_row *tally_row(struct tally *tally, struct text place, struct text sku);
void tally_close(struct tally *tally);

#endif
