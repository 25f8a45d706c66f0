/*
 * appends.h -- what a turn appends to one LOG table, kept in memory until the commit.
 *
 * Each entry stands ready for the disk: its seal, then its value. The seal is a 4-byte checksum of number
 * and value.
 */
#ifndef TRIBUTARY_STORE_APPENDS_H
#define TRIBUTARY_STORE_APPENDS_H

#include "store/chain.h"

#define APPEND_SEAL 4 /* bytes before each value on disk */

struct append {
	uint64_t number;
	uint32_t size;	  /* of sealed */
	uint8_t sealed[]; /* seal, value; the value is aligned to 8 */
};

struct appends {
	uint8_t *bytes;	  /* struct append, one behind the other, 8-aligned */
	size_t used, size;
	size_t size_next; /* of a first block: what the turn before took, when it was given away */
	size_t *places;	  /* of each entry in bytes */
	size_t count, room;
	bool is_given;	  /* somebody else frees both blocks once the turn is over */
	struct chain chain;	/* this turn's entries included */
	struct chain committed;
	struct chain *notes;	/* the checkpoints that this turn has passed */
	size_t note_count, note_room;
};

/* appends_add -- one more entry; copies value.   errors  false: out of memory. */
bool appends_add(struct appends *appends, uint64_t number, struct bytes value);

static inline const struct append *appends_at(const struct appends *appends, size_t index)
{
	return (const struct append *)(const void *)(appends->bytes + appends->places[index]);
}

/* appends_find -- the turn's entry with this number, NULL: none. */
const struct append *appends_find(const struct appends *appends, uint64_t number);

/* appends_give -- see store_give_appended. */
bool appends_give(struct appends *appends, struct appended *appended);

/* appends_settle -- the turn is true.   appends_undo -- it is void.   appends_drop -- free everything. */
void appends_settle(struct appends *appends);
void appends_undo(struct appends *appends);
void appends_drop(struct appends *appends);

/* appends_value -- the value of what stands on disk.   errors  {NULL, 0}: the seal does not hold. */
struct bytes appends_value(uint64_t number, struct bytes sealed);

/* appends_sum -- the same, and the 64 bits of it that the chain takes: whole also where the seal does not hold. */
struct bytes appends_sum(uint64_t number, struct bytes sealed, uint64_t *sum);

#endif
