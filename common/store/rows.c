/* rows.c -- what the writer knows. */
#include "store/rows.h"

#include <stdlib.h>

#include "base/hash.h"

#define BUCKETS_MIN 1024
#define SWEEP_A_TURN 8192
#define ROOM_OF_NONE 16 /* bytes for a value that a row without one will have, mostly: who asks for a missing row is about to put it */
#define FEW 16 /* this many new changes are slipped into the order one by one */

/* Up to eight bytes of a key, each of which counts; the first and the last may be the same ones. */
static uint64_t word_of(const uint8_t *at, size_t size)
{
	if (size >= 8)
		return load_8(at);
	if (size >= 4)
		return (uint64_t)load_4(at) << 32 | load_4(at + size - 4);
	return (uint64_t)at[0] << 16 | (uint64_t)at[size / 2] << 8 | at[size - 1];
}

__extension__ typedef unsigned __int128 wide_product;

static uint64_t mixed(uint64_t a, uint64_t b)
{
	wide_product both = (wide_product)a * b;

	return (uint64_t)both ^ (uint64_t)(both >> 64);
}

/* A number of this process alone, so it need not be XXH3's, whose call costs as much as all of this for a key of a place and a SKU. */
static uint32_t hash_of(unsigned table, struct bytes key)
{
	const uint64_t one = UINT64_C(0x9E3779B97F4A7C15), other = UINT64_C(0xD6E8FEB86659FD93);
	uint64_t seed = (uint64_t)table << 32 | key.size, last = key.size > 8 ? load_8(key.data + key.size - 8) : 0;
	uint64_t hash;

	if (key.size > 32)
		return (uint32_t)hash_seeded(key, table);
	hash = mixed(word_of(key.data, key.size) ^ one, (last + seed) ^ other);
	if (key.size > 16)
		hash = mixed(hash ^ load_8(key.data + 8), load_8(key.data + key.size - 16) ^ one);
	return (uint32_t)(hash ^ hash >> 32);
}

static struct row **bucket_of(const struct rows *rows, uint32_t hash)
{
	size_t at = hash & (rows->half * 2 - 1);

	return &rows->buckets[at < rows->bucket_count ? at : at - rows->half]; /* not split off yet: where it comes from */
}

static bool is_row(const struct row *row, unsigned table, struct bytes key)
{
	return row->table == table && bytes_equal(row_key(row), key);
}

/* A row that is found stands first in its bucket from now on: what is asked for again and again lies behind nothing else. */
static struct row *find(struct rows *rows, unsigned table, struct bytes key, uint32_t hash)
{
	if (rows->bucket_count == 0)
		return NULL;
	struct row **bucket = bucket_of(rows, hash), **link = bucket;
	while (*link != NULL && !((*link)->hash == hash && is_row(*link, table, key)))
		link = &(*link)->next;
	struct row *row = *link;
	if (row != NULL && link != bucket) {
		*link = row->next;
		row->next = *bucket;
		*bucket = row;
	}
	return row;
}

static void fetch_expected(struct rows *rows)
{
	for (unsigned i = 0; i < rows->expected_count; i++) {
		const char *row = (const char *)*bucket_of(rows, rows->expected[i]);

		if (row == NULL)
			continue; /* nothing of it is known */
		__builtin_prefetch(row);
		__builtin_prefetch(row + 64);
	}
	rows->expected_count = 0;
}

void rows_expect(struct rows *rows, unsigned table, const struct bytes *keys, unsigned count)
{
	if (rows->bucket_count == 0 || count > ROWS_EXPECTED)
		return;
	if (count > ROWS_EXPECTED - rows->expected_count)
		fetch_expected(rows);
	for (unsigned i = 0; i < count; i++) {
		uint32_t hash = hash_of(table, keys[i]);

		__builtin_prefetch(bucket_of(rows, hash));
		rows->expected[rows->expected_count++] = hash;
	}
}

struct row *rows_find(struct rows *rows, unsigned table, struct bytes key)
{
	if (rows->expected_count > 0)
		fetch_expected(rows);
	struct row *row = find(rows, table, key, hash_of(table, key));

	if (row != NULL)
		row->is_asked_for = true;
	rows->last = row;
	return row;
}

/* One more bucket, with what belongs there of the one that it splits. */
static bool split(struct rows *rows)
{
	if (rows->bucket_count == rows->bucket_room) {
		size_t room = rows->bucket_room > 0 ? rows->bucket_room * 2 : BUCKETS_MIN;
		struct row **larger = realloc(rows->buckets, room * sizeof(struct row *));

		if (larger == NULL)
			return false;
		rows->buckets = larger;
		rows->bucket_room = room;
	}
	if (rows->bucket_count == 0) {
		memset(rows->buckets, 0, BUCKETS_MIN * sizeof(struct row *));
		rows->bucket_count = rows->half = BUCKETS_MIN;
		return true;
	}
	size_t fresh = rows->bucket_count++;
	struct row **stay = &rows->buckets[fresh - rows->half], **move = &rows->buckets[fresh];

	for (struct row *row = *stay; row != NULL; row = row->next)
		if ((row->hash & (rows->half * 2 - 1)) == fresh) {
			*move = row;
			move = &row->next;
		} else {
			*stay = row;
			stay = &row->next;
		}
	*stay = *move = NULL;
	if (rows->bucket_count == rows->half * 2)
		rows->half *= 2;
	return true;
}

static size_t in_eights(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* A row has lines of the processor's cache to itself: what its value leaves over is room to grow, and a value apart costs a miss more. */
static size_t in_lines(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

static struct row *row_new(struct rows *rows, unsigned table, struct bytes key, uint32_t hash, size_t value_size)
{
	size_t granted, head = sizeof(struct row) + in_eights(key.size);
	struct row *row = blocks_take(&rows->blocks, in_lines(head + value_size), &granted);

	if (row == NULL)
		return NULL;
	*row = (struct row){.hash = hash,
			    .value = row->bytes + in_eights(key.size),
			    .value_room = (uint32_t)(granted - head),
			    .granted = (uint32_t)granted,
			    .key_size = (uint16_t)key.size,
			    .table = (uint8_t)table};
	memcpy(row->bytes, key.data, key.size);
	rows->bytes += granted;
	return row;
}

static void row_free(struct rows *rows, struct row *row)
{
	if (row->apart) {
		rows->bytes -= row->value_room;
		blocks_give(&rows->blocks, row->value, row->value_room);
	}
	rows->bytes -= row->granted;
	blocks_give(&rows->blocks, row, row->granted);
}

/* A value that outgrew its place moves into a block of its own. */
static bool row_widen(struct rows *rows, struct row *row, size_t value_size)
{
	size_t room;
	uint8_t *value = blocks_take(&rows->blocks, value_size, &room);

	if (value == NULL)
		return false;
	if (row->apart) {
		rows->bytes -= row->value_room;
		blocks_give(&rows->blocks, row->value, row->value_room);
	}
	row->value = value;
	row->value_room = (uint32_t)room;
	row->apart = true;
	rows->bytes += room;
	return true;
}

static struct row *add(struct rows *rows, unsigned table, struct bytes key, uint32_t hash, size_t value_size)
{
	while (rows->bucket_count < (rows->used + 1) * 2)
		if (!split(rows))
			return NULL;
	struct row *row = row_new(rows, table, key, hash, value_size);
	if (row == NULL)
		return NULL;
	struct row **bucket = bucket_of(rows, hash);
	row->next = *bucket;
	*bucket = row;
	rows->used++;
	return row;
}

struct row *rows_learn(struct rows *rows, unsigned table, struct bytes key, struct bytes value)
{
	struct row *row = rows->last; /* who changes a row has mostly just read it */

	if (row == NULL || !is_row(row, table, key)) {
		uint32_t hash = hash_of(table, key);

		row = find(rows, table, key, hash);
		if (row == NULL)
			row = add(rows, table, key, hash, value.data != NULL ? value.size : ROOM_OF_NONE);
	}
	if (row == NULL || (row->value_room < value.size && !row_widen(rows, row, value.size)))
		return NULL;
	if (value.size > 0) /* one that did not fit cannot be the row's own, one that fits may be */
		memmove(row->value, value.data, value.size);
	row->value_size = (uint32_t)value.size;
	row->present = value.data != NULL;
	rows->last = row;
	return row;
}

static bool make_room_for_change(struct changes *changes)
{
	if (changes->count < changes->size)
		return true;
	size_t size = changes->size > 0 ? changes->size * 2 : 256;
	struct row **larger = realloc(changes->rows, size * sizeof(struct row *));

	if (larger == NULL)
		return false;
	changes->rows = larger;
	changes->size = size;
	return true;
}

bool rows_mark(struct rows *rows, struct row *row)
{
	struct changes *changes = &rows->changed[row->table];

	if (row->dirty)
		return true;
	if (!make_room_for_change(changes))
		return false;
	changes->rows[changes->count++] = row;
	row->dirty = true;
	return true;
}

struct row *rows_change(struct rows *rows, unsigned table, struct bytes key, struct bytes value)
{
	if (!make_room_for_change(&rows->changed[table])) /* first, so that nothing has changed when it fails */
		return NULL;
	struct row *row = rows_learn(rows, table, key, value);
	if (row != NULL)
		(void)rows_mark(rows, row); /* there is room */
	return row;
}

/* A row beside the beginning of its key: most comparisons look no further, and so not at rows that lie all over the memory. */
struct sorted {
	uint64_t first, second;
	struct row *row;
};

static bool is_before(const struct sorted *a, const struct sorted *b)
{
	wide_product one = (wide_product)a->first << 64 | a->second, other = (wide_product)b->first << 64 | b->second;

	return one != other ? one < other : bytes_compare(row_key(a->row), row_key(b->row)) < 0;
}

/* Eight bytes of a key from `at` on as a number that sorts like them; zeros where it ends, which only bytes_compare tells from its own. */
static uint64_t key_part(const struct row *row, size_t at)
{
	uint8_t part[8] = {0};

	if (at < row->key_size)
		memcpy(part, row->bytes + at, row->key_size - at < sizeof(part) ? row->key_size - at : sizeof(part));
	return get_u64_be(part);
}

static int compare_keys(const void *left, const void *right)
{
	return bytes_compare(row_key(*(struct row *const *)left), row_key(*(struct row *const *)right));
}

static void sort_few(struct sorted *sorted, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sorted one = sorted[i];
		size_t at = i;

		for (; at > 0 && is_before(&one, &sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = one;
	}
}

/* Two halves, each in order, become one; `room` holds the first meanwhile. Keys are told apart, so no two are alike. */
static void merge(struct sorted *sorted, size_t half, size_t count, struct sorted *room)
{
	size_t left = 0, right = half, at = 0;

	memcpy(room, sorted, half * sizeof(*room));
	while (left < half && right < count) { /* which comes first nobody can foretell: chosen without a branch */
		bool is_right = is_before(&sorted[right], &room[left]);

		sorted[at++] = *(is_right ? &sorted[right] : &room[left]);
		right += is_right;
		left += !is_right;
	}
	memcpy(sorted + at, room + left, (half - left) * sizeof(*room));
}

/* By hand, because a comparison that qsort has to call costs more than what it compares. */
static void sort_many(struct sorted *sorted, size_t count, struct sorted *room)
{
	size_t half = count / 2;

	if (count <= FEW) {
		sort_few(sorted, count);
		return;
	}
	sort_many(sorted, half, room);
	sort_many(sorted + half, count - half, room);
	if (is_before(&sorted[half], &sorted[half - 1]))
		merge(sorted, half, count, room);
}

static void sort_changes(struct changes *changes)
{
	size_t count = changes->count;
	struct sorted *sorted = malloc((count + count / 2) * sizeof(*sorted));

	if (sorted == NULL) { /* slower, but it can be done without */
		qsort(changes->rows, count, sizeof(struct row *), compare_keys);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		rows_come(changes, i);
		sorted[i] = (struct sorted){key_part(changes->rows[i], 0), key_part(changes->rows[i], 8), changes->rows[i]};
	}
	sort_many(sorted, count, sorted + count);
	for (size_t i = 0; i < count; i++)
		changes->rows[i] = sorted[i].row;
	free(sorted);
}

/* The place of the first sorted change with key >= key. */
static size_t place_of(const struct changes *changes, struct bytes key)
{
	size_t low = 0, high = changes->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bytes_compare(row_key(changes->rows[middle]), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct changes *rows_in_order(struct rows *rows, unsigned table)
{
	struct changes *changes = &rows->changed[table];

	if (changes->count - changes->sorted > FEW) {
		sort_changes(changes);
		changes->sorted = changes->count;
	}
	for (; changes->sorted < changes->count; changes->sorted++) {
		struct row *row = changes->rows[changes->sorted];
		size_t place = place_of(changes, row_key(row));

		memmove(changes->rows + place + 1, changes->rows + place,
			(changes->sorted - place) * sizeof(struct row *));
		changes->rows[place] = row;
	}
	return changes;
}

struct row *const *rows_changed(struct rows *rows, unsigned table, struct bytes key, size_t *count)
{
	const struct changes *changes = rows_in_order(rows, table);
	size_t place = place_of(changes, key);

	*count = changes->count - place;
	return *count > 0 ? changes->rows + place : NULL;
}

/* Forgets the row that *link names. */
static void forget(struct rows *rows, struct row **link)
{
	struct row *row = *link;

	*link = row->next;
	if (rows->last == row)
		rows->last = NULL;
	row_free(rows, row);
	rows->used--;
}

/* A changed row, which is in its bucket's list. */
static void forget_changed(struct rows *rows, const struct row *row)
{
	struct row **link = bucket_of(rows, row->hash);

	while (*link != row)
		link = &(*link)->next;
	forget(rows, link);
}

/* One step of the hand, over one bucket: a row that was asked for since the hand came by stays for another round. */
static void sweep(struct rows *rows)
{
	struct row **link = &rows->buckets[rows->hand++ % rows->bucket_count];

	while (*link != NULL)
		if ((*link)->is_asked_for) {
			(*link)->is_asked_for = false;
			link = &(*link)->next;
		} else {
			forget(rows, link);
		}
}

void rows_settle(struct rows *rows, size_t most)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++) {
		struct changes *changes = &rows->changed[table];

		for (size_t i = 0; i < changes->count; i++) {
			rows_come(changes, i);
			if (rows->passing[table])
				forget_changed(rows, changes->rows[i]);
			else
				changes->rows[i]->dirty = false;
		}
		changes->count = changes->sorted = 0;
	}
	/* A little in every turn before it is full, so that no turn has to stop for all of it. */
	for (unsigned i = 0; i < SWEEP_A_TURN && rows->bytes > most - most / 8; i++)
		sweep(rows);
	while (rows->bytes > most)
		sweep(rows);
}

void rows_undo(struct rows *rows)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++) {
		struct changes *changes = &rows->changed[table];

		for (size_t i = 0; i < changes->count; i++) {
#if defined(MUTANT_ABORT_KEEPS_ROWS)
			changes->rows[i]->dirty = false;
			continue;
#endif
			forget_changed(rows, changes->rows[i]);
		}
		changes->count = changes->sorted = 0;
	}
}

void rows_drop(struct rows *rows)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++)
		free(rows->changed[table].rows);
	free(rows->buckets);
	blocks_drop(&rows->blocks);
	*rows = (struct rows){0};
}
