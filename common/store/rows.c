/* rows.c -- what the writer knows; linear probing, holes are closed by moving the run behind them up. */
#include "store/rows.h"

#include <stdlib.h>

#include "base/hash.h"

#define SLOTS_MIN 1024
#define ROW_BYTES_LEAST 64
#define SWEEP_A_TURN 8192
#define FEW 16 /* this many new changes are slipped into the order one by one */

static uint64_t hash_of(unsigned table, struct bytes key)
{
	return hash_seeded(key, table);
}

/* The slot that has the row, or the free one where it would stand. */
static size_t slot_of(const struct rows *rows, unsigned table, struct bytes key, uint64_t hash)
{
	size_t mask = rows->slot_count - 1, at = (size_t)hash & mask;

	for (; rows->slots[at].row != NULL; at = (at + 1) & mask)
		if (rows->slots[at].hash == hash && rows->slots[at].row->table == table &&
		    bytes_equal(row_key(rows->slots[at].row), key))
			break;
	return at;
}

struct row *rows_find(struct rows *rows, unsigned table, struct bytes key)
{
	if (rows->slot_count == 0)
		return NULL;
	struct row *row = rows->slots[slot_of(rows, table, key, hash_of(table, key))].row;
	if (row != NULL)
		row->is_asked_for = true;
	return row;
}

static bool grow(struct rows *rows, size_t count)
{
	struct slot *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < rows->slot_count; i++) {
		size_t at = (size_t)rows->slots[i].hash & (count - 1);

		if (rows->slots[i].row == NULL)
			continue;
		while (slots[at].row != NULL)
			at = (at + 1) & (count - 1);
		slots[at] = rows->slots[i];
	}
	free(rows->slots);
	rows->slots = slots;
	rows->slot_count = count;
	return true;
}

bool rows_prepare(struct rows *rows, size_t bytes)
{
	size_t count = SLOTS_MIN;

	while (count * ROW_BYTES_LEAST < bytes)
		count *= 2;
	return grow(rows, count);
}

static size_t in_eights(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static struct row *row_new(struct rows *rows, unsigned table, struct bytes key, uint64_t hash,
			   size_t value_size)
{
	size_t granted, head = sizeof(struct row) + in_eights(key.size);
	struct row *row = blocks_take(&rows->blocks, head + in_eights(value_size), &granted);

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

struct row *rows_learn(struct rows *rows, unsigned table, struct bytes key, struct bytes value)
{
	uint64_t hash = hash_of(table, key);

	if (rows->used * 4 >= rows->slot_count * 3 && !grow(rows, rows->slot_count > 0 ? rows->slot_count * 2 : SLOTS_MIN))
		return NULL;
	struct slot *slot = &rows->slots[slot_of(rows, table, key, hash)];
	if (slot->row == NULL) {
		struct row *row = row_new(rows, table, key, hash, value.size);

		if (row == NULL)
			return NULL;
		*slot = (struct slot){hash, row};
		rows->used++;
	} else if (slot->row->value_room < value.size && !row_widen(rows, slot->row, value.size)) {
		return NULL;
	}
	if (value.size > 0) /* one that did not fit cannot be the row's own, one that fits may be */
		memmove(slot->row->value, value.data, value.size);
	slot->row->value_size = (uint32_t)value.size;
	slot->row->present = value.data != NULL;
	return slot->row;
}

struct row *rows_change(struct rows *rows, unsigned table, struct bytes key, struct bytes value)
{
	struct changes *changes = &rows->changed[table];

	if (changes->count == changes->size) { /* first, so that nothing has changed when it fails */
		size_t size = changes->size > 0 ? changes->size * 2 : 256;
		struct row **larger = realloc(changes->rows, size * sizeof(struct row *));

		if (larger == NULL)
			return NULL;
		changes->rows = larger;
		changes->size = size;
	}
	struct row *row = rows_learn(rows, table, key, value);
	if (row != NULL && !row->dirty) {
		changes->rows[changes->count++] = row;
		row->dirty = true;
	}
	return row;
}

static int compare_keys(const void *left, const void *right)
{
	return bytes_compare(row_key(*(struct row *const *)left), row_key(*(struct row *const *)right));
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
		qsort(changes->rows, changes->count, sizeof(struct row *), compare_keys);
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

/* Forgets one row and closes the hole: whoever behind it stands away from home because of it moves up. */
static void forget(struct rows *rows, size_t hole)
{
	size_t mask = rows->slot_count - 1;

	row_free(rows, rows->slots[hole].row);
	rows->used--;
	for (size_t next = (hole + 1) & mask; rows->slots[next].row != NULL; next = (next + 1) & mask) {
		size_t home = (size_t)rows->slots[next].hash & mask;

		if (((next - home) & mask) < ((next - hole) & mask))
			continue;
		rows->slots[hole] = rows->slots[next];
		hole = next;
	}
	rows->slots[hole] = (struct slot){0, NULL};
}

/* One step of the hand: a row that was asked for since the hand came by stays for another round. */
static void sweep(struct rows *rows)
{
	size_t at = rows->hand & (rows->slot_count - 1);
	struct row *row = rows->slots[at].row;

	if (row != NULL && !row->is_asked_for) {
		forget(rows, at); /* another row may stand here now: the hand looks again */
		return;
	}
	if (row != NULL)
		row->is_asked_for = false;
	rows->hand++;
}

void rows_settle(struct rows *rows, size_t most)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++) {
		struct changes *changes = &rows->changed[table];

		for (size_t i = 0; i < changes->count; i++)
			changes->rows[i]->dirty = false;
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
			struct row *row = changes->rows[i];

			forget(rows, slot_of(rows, table, row_key(row), row->hash));
		}
		changes->count = changes->sorted = 0;
	}
}

void rows_drop(struct rows *rows)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++)
		free(rows->changed[table].rows);
	free(rows->slots);
	blocks_drop(&rows->blocks);
	*rows = (struct rows){0};
}
