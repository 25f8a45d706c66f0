/* store_inside.h -- the inside of a store: the rows that a turn has seen and changed, and the backend below. */
#ifndef TRIBUTARY_STORE_STORE_INSIDE_H
#define TRIBUTARY_STORE_STORE_INSIDE_H

#include <pthread.h>

#include "store/store.h"

/* One row in the cache: key and value in one block. present false: the table has no such row. */
struct row {
	uint64_t hash;
	uint32_t table;
	uint32_t key_size, value_size, capacity; /* capacity: of the value */
	bool present, dirty;
	uint8_t bytes[]; /* key, then value */
};

struct rows {
	struct row **slots;	/* open addressing; a power of two */
	size_t slot_count, used;
	struct row **dirty;	/* rows changed in this turn */
	size_t dirty_count, dirty_size;
	uint32_t dirty_in[STORE_TABLES_MAX];
	size_t bytes;
};

struct row *rows_find(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash);
/* rows_set -- remember a value (present) or its absence; the row may move. NULL: out of memory. */
struct row *rows_set(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash, struct bytes value, bool present);
/* rows_change -- the same, and the row is dirty. */
struct row *rows_change(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash, struct bytes value, bool present);
void rows_sort_dirty(struct rows *rows);
void rows_settle(struct rows *rows);	/* nothing is dirty any more */
void rows_drop(struct rows *rows);	/* forget everything */
uint64_t rows_hash(uint32_t table, struct bytes key);

static inline struct bytes row_key(const struct row *row)
{
	return bytes_of(row->bytes, row->key_size);
}

static inline struct bytes row_value(const struct row *row)
{
	return row->present ? bytes_of(row->bytes + row->key_size, row->value_size) : bytes_of(NULL, 0);
}

/* One entry appended in this turn; the entries of a turn stand one behind the other in store->appends. */
struct append {
	uint32_t table, size;
	uint64_t number;
	uint8_t value[];
};

/* What a backend can do. Errors are the house's codes. */
struct backend {
	int (*open)(struct store *store, const struct store_options *options);
	void (*close)(struct store *store);
	int (*apply)(struct store *store);	/* dirty rows and appends, all or nothing, synced */
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

struct store {
	const struct backend *backend;
	void *base;		/* the backend's own */
	const struct table *tables;
	unsigned table_count;
	bool read_only, in_turn;
	int failure;		/* sticky in the turn */
	struct view snapshot;	/* what the turn reads from */
	struct rows rows;
	uint64_t cache_bytes;
	uint8_t *appends;	/* struct append, 8-aligned, one behind the other */
	size_t appends_used, appends_size;
	uint64_t last_number[STORE_TABLES_MAX];	/* of LOG tables: last entry, this turn's included */
	uint64_t last_committed[STORE_TABLES_MAX];
	uint64_t commits, commit_us_last, commit_us_max;
	char *path;
};

extern const struct backend store_lmdb, store_memory;

/* log_seal -- the four bytes that stand before a LOG value.   log_open -- the value without them; {NULL, 0} when they do not hold. */
uint32_t log_seal(uint64_t number, struct bytes value);
struct bytes log_open_sealed(uint64_t number, struct bytes sealed);

/* append_next -- walk the turn's appends: begin with NULL; NULL at the end. */
const struct append *append_next(const struct store *store, const struct append *append);

#endif
