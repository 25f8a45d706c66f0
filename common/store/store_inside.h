/* store_inside.h -- the inside of a store: what the turn holds in memory, and the backend below. */
#ifndef TRIBUTARY_STORE_STORE_INSIDE_H
#define TRIBUTARY_STORE_STORE_INSIDE_H

#include <stdatomic.h>

#include "store/appends.h"
#include "store/rows.h"
#include "store/store.h"

/*
 * What a backend can do. Errors are the house's codes; a read that fails notes it in view->failure.
 * apply makes the changed rows and the appends of the turn true: all of them or none, synced.
 */
struct backend {
	int (*open)(struct store *store, const struct store_options *options);
	void (*close)(struct store *store);
	int (*apply)(struct store *store);
	int (*view_open)(struct view *view);
	void (*view_close)(struct view *view);
	struct bytes (*get)(struct view *view, unsigned table, struct bytes key);
	struct bytes (*seek)(struct view *view, unsigned table, struct bytes key, struct bytes *found);
	struct bytes (*next)(struct view *view, unsigned table, struct bytes *found);
	struct bytes (*last)(struct view *view, unsigned table, struct bytes *found);
	void (*usage)(struct store *store, struct store_usage *usage);
	int (*clear_stale)(struct store *store);
	bool (*disk_low)(struct store *store, uint64_t keep_bytes);
};

/* Written by the writer after each turn, read by anybody. */
struct figures {
	_Atomic uint64_t commits, commit_us_last, commit_us_max, commit_us_sum, cache_rows, cache_bytes;
	_Atomic uint64_t commit_spans[STORE_SPANS];
};

struct store {
	const struct backend *backend;
	void *base;		/* the backend's own */
	struct table tables[STORE_TABLES_MAX]; /* the caller's, and behind them that of the chains */
	unsigned table_count;	/* with that */
	unsigned chains;	/* its number */
	bool read_only, in_turn;
	int failure;		/* sticky in the turn */
	struct view snapshot;	/* what the turn reads through */
	struct rows rows;
	struct appends appends[STORE_TABLES_MAX];
	uint64_t cache_bytes;
	struct figures figures;
	char *path;
};

extern const struct backend store_lmdb, store_memory;

/* store_shrinks -- whether the open turn deletes more than it adds: such a turn may pass a full store. */
bool store_shrinks(struct store *store);

#endif
