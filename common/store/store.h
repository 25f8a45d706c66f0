/*
 * store.h -- one service's durable memory: named tables of keys and values, changed one turn at a time.
 *
 * A store is one LMDB environment (or its twin in memory: same functions, same tests). There is one writer,
 * which opens a turn, gets and puts rows, and commits all or nothing with a full sync. Failures of storage
 * are sticky in the turn: the first one wins, later calls return zero values, store_commit aborts and says
 * why. "Found or not" is told by the value, never by an error. Readers look at what is committed, through
 * short views.
 *
 * It does not know what rows mean, and it never relaxes the sync.
 *
 * Caveats
 * - A row that was got or put stays in a cache across turns (the writer is alone); the cache is bounded by
 *   store_options.cache_bytes; an aborted turn forgets the rows that it changed.
 * - A view pins pages: it must be closed before the callback that opened it returns. At most one view of a
 *   store per thread at a time: a map that has to grow waits for the open views, and new views wait for the
 *   growing map.
 * - One process opens one path once, and one process at a time writes it; otherwise store_open returns
 *   ERR_STORE_BUSY. Nothing forks after an open.
 */
#ifndef TRIBUTARY_STORE_STORE_H
#define TRIBUTARY_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/check.h"

#define STORE_KEY_MAX 500	/* bytes; LMDB's limit is 511 */
#define STORE_VALUE_MAX (1 << 20)
#define STORE_TABLES_MAX 128	/* one of them is the store's own, for the chains of its logs */
#define STORE_TABLE_NAME_MAX 40

/*
 * Five kinds of tables. A ROWS table is state: any key, cached, part of the state hash. An ARCHIVE table is
 * the same for rows that are seldom asked for again: what a turn has put leaves the cache with it. A LOG
 * table is appended to in key order (8 bytes, big-endian, strictly rising), is never cached, and each value
 * carries a checksum that reads verify. A PRIVATE table is rows like ROWS but not part of the state hash
 * (the kernel's own books). A PACKED table is ROWS of which each turn changes many: on disk they lie several to an
 * entry. What a view finds there by view_seek and view_next lends its key until the next of these calls for the table.
 */
enum table_kind { TABLE_ROWS, TABLE_LOG, TABLE_PRIVATE, TABLE_ARCHIVE, TABLE_PACKED };

struct table {
	const char *name; /* at most STORE_TABLE_NAME_MAX characters, unique in the store; static */
	enum table_kind kind;
	const char *sentence; /* what a row is, for documents and tools */
};

struct store_options {
	const char *path;	/* directory, created when missing (mode 0700) and fsynced with its parent */
	uint64_t map_bytes;	/* of the map at open; doubles, up to map_bytes_max, when it is full */
	uint64_t map_bytes_max;
	uint64_t cache_bytes;	/* of the row cache; 0 takes the default of 64 MiB */
	bool memory;		/* the twin: nothing touches the disk; path is only a name */
	struct store_disk *disk; /* of the twin: what survives a close (store_disk.h); NULL: nothing does */
	bool read_only;		/* a tool looks at the store of a running service; only views work */
	bool any_file_system;	/* do not refuse network and FUSE file systems (fault injectors in tests) */
};

struct store;

/*
 * store_open -- open or create a store with these tables (index in the array = table number).
 *   shape   unknown tables on disk are left alone; stale readers are cleared.
 *   owns    gives *store to the caller until store_close; borrows names and sentences of the tables for as long.
 *   errors  ERR_STORE_BUSY (open in this process, or written by another), ERR_STORE_IO, ERR_STORE_CORRUPT,
 *           ERR_DISK_FULL, ERR_STORE_FULL, ERR_NOT_FOUND (read_only), ERR_USAGE (a network file system),
 *           ERR_MEMORY.
 */
int store_open(struct store **store, const struct store_options *options, const struct table *tables,
	       unsigned table_count) must_check;

/* store_close -- abort an open turn, release everything; NULL is harmless. Sets *store to NULL. */
void store_close(struct store **store);

/* ---- the writer: one thread, one turn at a time ---- */

/*
 * store_begin -- open a turn.   errors  ERR_STORE_IO, ERR_AGAIN (no reader slot), ERR_MEMORY: no turn is
 * open.
 */
int store_begin(struct store *store) must_check;

/*
 * store_get -- the value of a row as this turn sees it.
 *   owns    lends until the next store_put/del of the same row, store_commit or store_abort. {NULL, 0}: no
 *           such row, or the turn is broken. The bytes are aligned to 8.
 *   errors  sticky.
 */
struct bytes store_get(struct store *store, unsigned table, struct bytes key);

/*
 * store_put, store_del -- change a row (ROWS and PRIVATE tables); copy key and value; errors sticky.
 *   shape   an empty value is allowed, an empty key is not; value may be what store_get lent of this row.
 */
void store_put(struct store *store, unsigned table, struct bytes key, struct bytes value);
void store_del(struct store *store, unsigned table, struct bytes key);

/*
 * store_edit -- the value of a row that is there and has this size, to be changed in place: it counts as put.
 *   owns    lends until a store_put/del of the same row, store_commit or store_abort; aligned to 8.
 *   errors  NULL: no such row, another size, or the turn is broken. Nothing is changed then.
 */
void *store_edit(struct store *store, unsigned table, struct bytes key, size_t size);

/* store_expect -- a hint, that rows will be asked for in a moment; more than 8 at once are not looked at. */
void store_expect(struct store *store, unsigned table, const struct bytes *keys, unsigned count);

/*
 * store_append -- put an entry at the end of a LOG table.
 *   shape   number is greater than that of every entry (checked: a breach aborts, it is our bug).
 *   owns    copies value; errors sticky.
 */
void store_append(struct store *store, unsigned table, uint64_t number, struct bytes value);

/*
 * store_log_get -- the entry `number` of a LOG table as this turn sees it.
 *   owns    lends until the next store_append to the table or the turn's end; {NULL, 0} when absent.
 *   errors  a wrong checksum is sticky ERR_STORE_CORRUPT.
 */
struct bytes store_log_get(struct store *store, unsigned table, uint64_t number);

/* struct appended -- the entries that a turn has put at the end of a LOG table, in the memory in which they went to the disk. */
struct appended {
	uint8_t *bytes; /* one block, and places another: both for free() */
	size_t *places, count, used;
	uint64_t first; /* number of the first entry; the others follow without a hole */
};

/*
 * store_give_appended -- what the open turn has appended to a LOG table, without a copy; the commit comes next.
 *   owns    gives both blocks to the caller, who keeps them until the turn is over.   errors  false: there is nothing.
 */
bool store_give_appended(struct store *store, unsigned table, struct appended *appended);

/* appended_value -- the value of the entry first + index.   owns  lends as long as the blocks live. */
struct bytes appended_value(const struct appended *appended, size_t index);

/*
 * store_seek -- the first row of a ROWS/PRIVATE table whose key is >= key as this turn sees it (its puts
 * included).
 *   owns    lends *found_key and the returned value until the next call on the store. Value {NULL, 0} and
 *           found_key {NULL, 0}: none.   errors  sticky.
 *   To walk: seek with the found key and a zero byte appended.
 */
struct bytes store_seek(struct store *store, unsigned table, struct bytes key, struct bytes *found_key);

/* store_failure -- ERR_NONE, or the first failure of this turn. */
int store_failure(const struct store *store);

/*
 * store_commit -- make the turn true, on disk, with a full sync; or nothing of it.
 *   errors  the turn's first failure, or what the commit met: ERR_STORE_FULL, ERR_DISK_FULL (nothing
 *           happened, try again later), ERR_STORE_IO (in doubt: the process must stop and never tell
 *           anybody either way).
 */
int store_commit(struct store *store) must_check;

/* store_abort -- forget the turn. */
void store_abort(struct store *store);

/* ---- readers: any thread, short ---- */

struct view {
	struct store *store;
	void *look;	/* the backend's own */
	int failure;	/* ERR_NONE, or the first failure of a read through this view */
};

/*
 * view_open -- look at the last commit.   errors  ERR_STORE_IO, ERR_AGAIN (no reader slot), ERR_MEMORY.
 * view_close -- end the look; harmless on a zeroed view.
 */
int view_open(struct view *view, struct store *store) must_check;
void view_close(struct view *view);

/* view_get -- a row; lends until view_close; {NULL, 0}: none. */
struct bytes view_get(struct view *view, unsigned table, struct bytes key);

/* view_seek -- first row with key >= key (an empty key: the first row); lends until view_close. */
struct bytes view_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found_key);

/* view_next -- the row after the one that view_seek or view_next found last in this table. */
struct bytes view_next(struct view *view, unsigned table, struct bytes *found_key);

/*
 * view_log_seek, view_log_next -- first entry with number >= from, then the following ones; view_log_last
 * -- the last.
 *   units   *number is the entry's number.
 *   errors  return {NULL, 0} and *number 0 at the end; a wrong checksum returns {NULL, 0} with *number set:
 *           the damaged place.
 */
struct bytes view_log_seek(struct view *view, unsigned table, uint64_t from, uint64_t *number);
struct bytes view_log_next(struct view *view, unsigned table, uint64_t *number);
struct bytes view_log_last(struct view *view, unsigned table, uint64_t *number);

/* ---- the chain of a LOG table: one number over all its entries in order ---- */

struct chain {
	uint64_t count; /* of entries */
	uint64_t last;	/* number of the last one */
	uint64_t link;	/* equal links, equal logs */
};

/* view_chain -- as noted with the last commit; false: nothing is noted, *chain is zero. store_chain -- with the open turn's entries. */
bool view_chain(struct view *view, unsigned table, struct chain *chain);
struct chain store_chain(const struct store *store, unsigned table);

/* A walk through a log that holds each entry against its seal, and all of them against the chain. Begin with {.table = number}. */
struct log_walk {
	unsigned table;
	struct chain chain;	/* as far as it has come */
	uint64_t noted;		/* last entry that a note of the chain covers */
	uint64_t damaged_from, damaged_to; /* LOG_DAMAGED: the entries among which the damage is */
	bool is_wounded, is_over;
};

enum log_state {
	LOG_HOLDS,   /* so far; there is more */
	LOG_DAMAGED, /* see damaged_from and damaged_to; the walk can go on */
	LOG_ENDED
};

/* log_walk -- look at the next `most` entries. A walk may go on through a later view. */
enum log_state log_walk(struct view *view, struct log_walk *walk, uint32_t most);

/*
 * view_state_hash -- one number over every row of every ROWS table, in order: equal states, equal numbers,
 * anywhere.
 */
uint64_t view_state_hash(struct view *view);

/* ---- copies of a store on disk ---- */

struct store_copied {
	uint64_t rows, bytes; /* of all tables, known here or not */
	uint64_t hash;	      /* over all of them in order: equal contents, equal hashes */
};

/*
 * store_copy -- write what the view shows into a new store.
 *   shape   path is a folder that does not exist; compact; on disk when it returns. The view stays open all the while, so the pages
 *           that it shows cannot be used again meanwhile: for tools, and for a view of another process's store.
 *   units   bytes_per_second: pace, 0: as fast as it goes.
 *   errors  ERR_USAGE: the folder exists; ERR_DISK_FULL, ERR_STORE_IO, ERR_STORE_CORRUPT, ERR_MEMORY: what is there is no copy.
 */
int store_copy(struct view *view, const char *path, uint64_t bytes_per_second, struct store_copied *copied) must_check;

/* ---- the operator's figures: any thread ---- */

#define STORE_SPANS 16
extern const uint32_t store_span_us[STORE_SPANS]; /* rising; commits beyond the last are in no span */

struct store_usage {
	uint64_t file_bytes;	/* what the data file occupies on disk */
	uint64_t map_bytes;	/* present size of the map */
	uint64_t limit_bytes;	/* what it may grow to; 0: nothing bounds it */
	uint64_t used_bytes;	/* of the map, pages in use or free inside the file */
	uint64_t readers;	/* reader slots taken, idle ones included */
	uint64_t commits;	/* since open */
	uint64_t commit_us_last, commit_us_max, commit_us_sum;
	uint64_t commit_spans[STORE_SPANS]; /* commits that took no longer than store_span_us[i] and longer than the one before */
	uint64_t cache_rows, cache_bytes; /* after the last turn */
};

void store_usage(struct store *store, struct store_usage *usage);

/*
 * store_clear_stale_readers -- free the slots of readers that died; at start and about every 30 s. Returns
 * how many.
 */
int store_clear_stale_readers(struct store *store);

/*
 * store_disk_low -- whether the file system of the store has less free space than the margin that intake
 * needs.
 *   units   keep_bytes: free bytes below which new input should be refused.
 */
bool store_disk_low(struct store *store, uint64_t keep_bytes);

#endif
