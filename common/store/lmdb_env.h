/*
 * lmdb_env.h -- one LMDB environment: opened with full sync, its tables, its views' transactions, its
 * growing map.
 *
 * Views pass the gate together; the map changes its size alone, when no view is open. Errors here are
 * LMDB's codes unless said; lmdb_env_code translates them once.
 */
#ifndef TRIBUTARY_STORE_LMDB_ENV_H
#define TRIBUTARY_STORE_LMDB_ENV_H

#include <pthread.h>

#include <lmdb.h>

#include "store/lmdb_packs.h"
#include "store/place.h"
#include "store/store_inside.h"

/*
 * A read transaction and its cursors; reset and renewed, so that opening a view costs no allocation and no
 * search.
 */
struct look {
	MDB_txn *txn;
	struct spot {
		MDB_cursor *cursor;
		bool is_bound; /* to this view's transaction */
		struct pack_walk *packs; /* of a walk through a packed table; NULL: none yet */
	} walks[STORE_TABLES_MAX], gets[STORE_TABLES_MAX]; /* apart, so that a get does not move a walk */
	struct look *next;
};

struct lmdb {
	MDB_env *env;
	MDB_dbi tables[STORE_TABLES_MAX];
	bool known[STORE_TABLES_MAX];	/* false: not on disk (read_only) */
	bool packed[STORE_TABLES_MAX];	/* its rows lie in packs */
	struct packing packing;		/* the commit's */
	struct place place;
	uint64_t map_bytes_max;
	uint64_t page_bytes;
	size_t joined_through;		/* the last turn whose free pages lmdb_room has joined */

	pthread_mutex_t gate;		/* over what follows */
	pthread_cond_t calm;		/* no view is open, or the map has its new size */
	unsigned looking;		/* open views, and whoever else touches the map */
	bool resizing;
	struct look *idle;
};

/* lmdb_env_code -- the house's code for LMDB's, or for an errno that LMDB hands on. */
int lmdb_env_code(int lmdb_error);

/* lmdb_env_open, lmdb_env_close -- as a backend's open and close; errors: the house's codes. */
int lmdb_env_open(struct store *store, const struct store_options *options) must_check;
void lmdb_env_close(struct store *store);

/* lmdb_env_enter, lmdb_env_leave -- around whatever needs the map to stay where it is. */
void lmdb_env_enter(struct lmdb *lmdb);
void lmdb_env_leave(struct lmdb *lmdb);

/*
 * lmdb_env_resize -- give the map this size, 0: the size that another process gave it.
 *   shape   the caller has no transaction open.   errors  MDB_MAP_FULL: a view stayed open for too long.
 */
int lmdb_env_resize(struct store *store, uint64_t bytes) must_check;

/* lmdb_env_make_room -- the map met its end: make it larger.   errors  MDB_MAP_FULL: it may not be. */
int lmdb_env_make_room(struct store *store) must_check;

/*
 * lmdb_env_take, lmdb_env_give -- a look from the idle ones (NULL: out of memory), and back; lmdb_env_drop
 * -- free it.
 */
struct look *lmdb_env_take(struct lmdb *lmdb);
void lmdb_env_give(struct lmdb *lmdb, struct look *look);
void lmdb_env_drop(struct look *look);

#endif
