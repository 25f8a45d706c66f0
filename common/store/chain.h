/*
 * chain.h -- the hash chain of a LOG table: one number over all its entries in their order, noted every 1,024 entries and at each commit.
 *
 * A seal finds an entry that was changed; the chain finds entries that were lost, exchanged, or taken from another history. It finds
 * damage; it is no signature and stops no forger.
 *
 * The rows stand in a table of the store's own. The end: name of the log -> count, last number, link. A checkpoint: name, a zero
 * byte, number -> the same, as it was after that entry. All of them big-endian.
 */
#ifndef TRIBUTARY_STORE_CHAIN_H
#define TRIBUTARY_STORE_CHAIN_H

#include "store/store.h"

#define CHAIN_STEP 1024 /* entries between two checkpoints */
#define CHAIN_KEY_BYTES (STORE_TABLE_NAME_MAX + 1 + 8)
#define CHAIN_ROW_BYTES 24

/* chain_add -- one more entry; sum is 64 bits over its number and value. Any change of one sum changes the link. */
static inline void chain_add(struct chain *chain, uint64_t number, uint64_t sum)
{
	chain->link = ((chain->link << 23 | chain->link >> 41) ^ sum) * UINT64_C(0x9E3779B97F4A7C15);
	chain->last = number;
	chain->count++;
}

/* chain_key -- of the checkpoint behind entry `number`, or with 0 of the end. Lends *buffer. */
struct bytes chain_key(uint8_t buffer[CHAIN_KEY_BYTES], const char *log, uint64_t number);
void chain_write(uint8_t row[CHAIN_ROW_BYTES], const struct chain *chain);
bool chain_read(struct bytes row, struct chain *chain) must_check;

#endif
