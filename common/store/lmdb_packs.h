/*
 * lmdb_packs.h -- packs (packs.h) in a table of an LMDB environment: looked for, walked through, and changed by a commit.
 *
 * Errors are LMDB's codes; MDB_CORRUPTED: what lies there is no pack.
 */
#ifndef TRIBUTARY_STORE_LMDB_PACKS_H
#define TRIBUTARY_STORE_LMDB_PACKS_H

#include <lmdb.h>

#include "store/packs.h"

/* Where a walk through packs stands; the key of the row that it found last. */
struct pack_walk {
	struct pack pack;
	const uint8_t *at;
	uint8_t key[STORE_KEY_MAX];
	size_t key_size; /* 0: it has found none since it was sought */
};

/* lmdb_packs_get -- the value of a key.   owns  lends as long as the cursor's transaction. */
int lmdb_packs_get(MDB_cursor *cursor, struct bytes key, struct bytes *value);

/*
 * lmdb_packs_seek -- the first row with a key >= key; an empty key: the first row.   lmdb_packs_next -- the one behind it.
 *   owns    *found lends from walk until the next of these calls, *value as long as the cursor's transaction.
 */
int lmdb_packs_seek(MDB_cursor *cursor, struct pack_walk *walk, struct bytes key, struct bytes *found, struct bytes *value);
int lmdb_packs_next(MDB_cursor *cursor, struct pack_walk *walk, struct bytes *found, struct bytes *value);

/* lmdb_packs_apply -- a turn's changes of the table, in key order. */
int lmdb_packs_apply(MDB_cursor *cursor, struct packing *packing, const struct changes *changes);

#endif
