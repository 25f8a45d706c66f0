/* store_rows.c -- a hash of rows that were read or written: the writer is alone, so what it knows stays true. */
#include <stdlib.h>

#include "base/hash.h"
#include "store/store_inside.h"

#define SLOTS_MIN 1024

uint64_t rows_hash(uint32_t table, struct bytes key)
{
	return hash_seeded(key, table);
}

static bool is_row(const struct row *row, uint32_t table, struct bytes key, uint64_t hash)
{
	return row->hash == hash && row->table == table && bytes_equal(row_key(row), key);
}

static size_t slot_of(const struct rows *rows, uint32_t table, struct bytes key, uint64_t hash)
{
	size_t slot = (size_t)hash & (rows->slot_count - 1);

	while (rows->slots[slot] != NULL && !is_row(rows->slots[slot], table, key, hash))
		slot = (slot + 1) & (rows->slot_count - 1);
	return slot;
}

struct row *rows_find(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash)
{
	return rows->slot_count > 0 ? rows->slots[slot_of(rows, table, key, hash)] : NULL;
}

static bool grow(struct rows *rows)
{
	struct rows larger = {.slot_count = rows->slot_count > 0 ? rows->slot_count * 2 : SLOTS_MIN};

	larger.slots = calloc(larger.slot_count, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return false;
	for (size_t i = 0; i < rows->slot_count; i++) {
		struct row *row = rows->slots[i];

		if (row != NULL)
			larger.slots[slot_of(&larger, row->table, row_key(row), row->hash)] = row;
	}
	free(rows->slots);
	rows->slots = larger.slots;
	rows->slot_count = larger.slot_count;
	return true;
}

/* A row with room for this value, in its slot; an older, smaller one moves. */
static struct row *place(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash, size_t value_size)
{
	if (rows->used * 2 >= rows->slot_count && !grow(rows))
		return NULL;
	size_t slot = slot_of(rows, table, key, hash);
	struct row *old = rows->slots[slot];

	if (old != NULL && old->capacity >= value_size)
		return old;
	size_t capacity = (value_size + 15) & ~(size_t)15;
	struct row *row = malloc(sizeof(*row) + key.size + capacity);
	if (row == NULL)
		return NULL;
	*row = (struct row){.hash = hash, .table = table, .key_size = (uint32_t)key.size, .capacity = (uint32_t)capacity};
	memcpy(row->bytes, key.data, key.size);
	rows->bytes += sizeof(*row) + key.size + capacity + 2 * sizeof(row);
	if (old == NULL) {
		rows->used++;
	} else {
		row->dirty = old->dirty;
		for (size_t i = 0; old->dirty && i < rows->dirty_count; i++) /* rare: a value that outgrew its block in one turn */
			if (rows->dirty[i] == old)
				rows->dirty[i] = row;
		rows->bytes -= sizeof(*old) + old->key_size + old->capacity + 2 * sizeof(old);
		free(old);
	}
	rows->slots[slot] = row;
	return row;
}

struct row *rows_set(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash, struct bytes value, bool present)
{
	struct row *row = place(rows, table, key, hash, value.size);

	if (row == NULL)
		return NULL;
	if (value.size > 0)
		memmove(row->bytes + row->key_size, value.data, value.size);
	row->value_size = (uint32_t)value.size;
	row->present = present;
	return row;
}

struct row *rows_change(struct rows *rows, uint32_t table, struct bytes key, uint64_t hash, struct bytes value, bool present)
{
	struct row *row = rows_set(rows, table, key, hash, value, present);

	if (row == NULL || row->dirty)
		return row;
	if (rows->dirty_count == rows->dirty_size) {
		size_t size = rows->dirty_size > 0 ? rows->dirty_size * 2 : 1024;
		struct row **dirty = realloc(rows->dirty, size * sizeof(*dirty));

		if (dirty == NULL)
			return NULL;
		rows->dirty = dirty;
		rows->dirty_size = size;
	}
	rows->dirty[rows->dirty_count++] = row;
	rows->dirty_in[table]++;
	row->dirty = true;
	return row;
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = *(struct row *const *)left, *b = *(struct row *const *)right;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return bytes_compare(row_key(a), row_key(b));
}

void rows_sort_dirty(struct rows *rows)
{
	if (rows->dirty_count > 1)
		qsort(rows->dirty, rows->dirty_count, sizeof(*rows->dirty), compare_rows);
}

void rows_settle(struct rows *rows)
{
	for (size_t i = 0; i < rows->dirty_count; i++)
		rows->dirty[i]->dirty = false;
	rows->dirty_count = 0;
	memset(rows->dirty_in, 0, sizeof(rows->dirty_in));
}

void rows_drop(struct rows *rows)
{
	for (size_t i = 0; i < rows->slot_count; i++)
		free(rows->slots[i]);
	free(rows->slots);
	free(rows->dirty);
	*rows = (struct rows){0};
}
