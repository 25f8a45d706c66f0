/* lmdb_room.h -- free pages in long stretches. */
#ifndef TRIBUTARY_STORE_LMDB_ROOM_H
#define TRIBUTARY_STORE_LMDB_ROOM_H

#include "store/lmdb_env.h"

/*
 * lmdb_room_plan -- whether this turn should join the lists of free pages, and by asking for how many pages in one stretch (0: not).
 *   shape   before the turn's transaction begins; in a store of 4 MiB or more. What cannot be read now is planned another time. While
 *           less than an eighth of the pages is free (16 MiB at most) it adds half as much from the file's end, where the map has room.
 *   errors  MDB_MAP_FULL: make the map larger and apply the turn again.
 */
int lmdb_room_plan(struct lmdb *lmdb, size_t *pages) must_check;

/*
 * lmdb_room_gather -- join them, before the turn's changes are applied.   errors  LMDB's.
 *   source  LMDB 0.9.24: mdb_page_alloc joins lists while it looks for a stretch, mdb_ovpage_free gives one of the same transaction back.
 */
int lmdb_room_gather(struct lmdb *lmdb, MDB_txn *txn, size_t pages) must_check;

#endif
