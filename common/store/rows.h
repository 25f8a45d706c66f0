/*
 * rows.h -- the rows that the writer knows: read from disk or changed in this turn, missing ones too.
 *
 * Chains over XXH3 of (table, key), in linear hashing: each new row splits a bucket or two, so the table grows with the rows
 * and no row waits for all others to be moved. The writer of a store is alone, so what it has read stays true
 * from turn to turn. Changed rows are listed per table and can be walked in key order at any moment.
 */
#ifndef TRIBUTARY_STORE_ROWS_H
#define TRIBUTARY_STORE_ROWS_H

#include "store/blocks.h"
#include "store/store.h"

/* One row; it never moves while it is known. present false: the table has no such row. */
struct row {
	struct row *next;	/* of the same bucket */
	uint8_t *value;		/* behind the key, or in a block of its own after it outgrew its place there */
	uint32_t hash;
	uint32_t value_size, value_room;
	uint32_t granted;	/* bytes of this block */
	uint16_t key_size;
	uint8_t table;
	bool present, dirty;
	bool apart;		/* the value is in a block of its own */
	bool is_asked_for;	/* since the hand came by: see rows_settle */
	_Alignas(8) uint8_t bytes[]; /* key, which every search looks at, then value, from a multiple of 8 on */
};

/* The changed rows of one table: the first `sorted` of them in key order, then the newest. */
struct changes {
	struct row **rows;
	size_t count, size, sorted;
};

#define ROWS_EXPECTED 8

struct rows {
	struct row **buckets;	/* twice as many as rows */
	size_t bucket_count, bucket_room;
	size_t half;		/* the greatest power of two that is at most bucket_count */
	size_t used, hand;
	struct row *last;	/* the one that was looked for last; NULL: it is gone */
	struct blocks blocks;
	size_t bytes;		/* of blocks in use */
	uint32_t expected[ROWS_EXPECTED]; /* hashes; the first expected_count of them are still to be fetched */
	unsigned expected_count;
	bool passing[STORE_TABLES_MAX]; /* tables whose changed rows are forgotten with their turn */
	struct changes changed[STORE_TABLES_MAX];
};

/* rows_come -- a hint, for who goes through changed rows one by one: have the processor fetch what comes soon behind this one. */
#define ROWS_AHEAD 8
static inline void rows_come(const struct changes *changes, size_t at)
{
	if (at + ROWS_AHEAD < changes->count) {
		const char *row = (const char *)changes->rows[at + ROWS_AHEAD];

		__builtin_prefetch(row);
		__builtin_prefetch(row + 64);
	}
}

static inline struct bytes row_key(const struct row *row)
{
	return bytes_of(row->bytes, row->key_size);
}

static inline struct bytes row_value(const struct row *row)
{
	return row->present ? bytes_of(row->value, row->value_size) : bytes_of(NULL, 0);
}

/* rows_find -- the row as known, NULL: not known. */
struct row *rows_find(struct rows *rows, unsigned table, struct bytes key);

/*
 * rows_learn -- remember what the store said: a value, or {NULL, 0} for none.   rows_change -- the turn's
 * own word.
 *   shape   the value may be the row's own.   errors  NULL: out of memory; the row is as it was.
 */
struct row *rows_learn(struct rows *rows, unsigned table, struct bytes key, struct bytes value);
struct row *rows_change(struct rows *rows, unsigned table, struct bytes key, struct bytes value);

/* rows_mark -- a known row is changed in this turn: its value may be written over in place.   errors  false: out of memory. */
bool rows_mark(struct rows *rows, struct row *row);

/*
 * rows_expect -- these rows will soon be looked for: have the processor fetch them all at once, where they hang now, themselves when
 * a row is looked for next: until then nobody waits. At most ROWS_EXPECTED of them.
 */
void rows_expect(struct rows *rows, unsigned table, const struct bytes *keys, unsigned count);

/* rows_in_order -- the changed rows of a table sorted by key.   owns  lends until the next change. */
const struct changes *rows_in_order(struct rows *rows, unsigned table);

/*
 * rows_changed -- the changed rows with key >= key in order, deleted ones included.
 *   units   *count: how many.   owns  lends until the next change; NULL and 0: none.
 */
struct row *const *rows_changed(struct rows *rows, unsigned table, struct bytes key, size_t *count);

/*
 * rows_settle -- the turn is true: nothing is changed any more.
 *   shape   those of passing tables are forgotten; at most `most` bytes stay: a hand goes round and forgets what nobody asked for since its last visit, a few
 *           rows in each turn from seven eighths on.
 */
void rows_settle(struct rows *rows, size_t most);

/*
 * rows_undo -- the turn is void: changed rows are forgotten, the others stay true.   rows_drop -- forget
 * everything.
 */
void rows_undo(struct rows *rows);
void rows_drop(struct rows *rows);

#endif
