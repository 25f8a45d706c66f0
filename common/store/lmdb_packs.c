/* lmdb_packs.c -- the pack of a key is the last one whose own key is not behind it. */
#include "store/lmdb_packs.h"

#include <errno.h>

#include "base/error.h"

static MDB_val val_of(struct bytes bytes)
{
	return (MDB_val){bytes.size, (void *)(uintptr_t)bytes.data}; /* LMDB only reads through it */
}

static int take(MDB_cursor *cursor, MDB_cursor_op how, struct pack *pack)
{
	MDB_val key = val_of(pack->key), rows;
	int error = mdb_cursor_get(cursor, &key, &rows, how);

	if (error == MDB_SUCCESS)
		*pack = (struct pack){bytes_of(key.mv_data, key.mv_size), bytes_of(rows.mv_data, rows.mv_size)};
	return error;
}

/* The pack of a key; MDB_NOTFOUND: it would stand before the first one. */
static int find(MDB_cursor *cursor, struct bytes key, struct pack *pack)
{
	pack->key = key;
	int error = take(cursor, MDB_SET_RANGE, pack);

	if (error == MDB_NOTFOUND)
		return take(cursor, MDB_LAST, pack);
	if (error != MDB_SUCCESS || bytes_equal(pack->key, key))
		return error;
	return take(cursor, MDB_PREV, pack);
}

static bool is_over(const struct pack *pack, const uint8_t *at)
{
	return pack->rows.size == 0 || at == pack->rows.data + pack->rows.size;
}

int lmdb_packs_get(MDB_cursor *cursor, struct bytes key, struct bytes *value)
{
	struct pack pack;
	struct packed row;
	const uint8_t *at;
	bool is_equal = false;
	int error = find(cursor, key, &pack);

	if (error != MDB_SUCCESS)
		return error;
	if (!pack_seek(&pack, key, &at, &row, &is_equal))
		return is_over(&pack, at) ? MDB_NOTFOUND : MDB_CORRUPTED;
	*value = row.value;
	return is_equal ? MDB_SUCCESS : MDB_NOTFOUND;
}

static int found_row(struct pack_walk *walk, const struct packed *row, struct bytes *found, struct bytes *value)
{
	*found = pack_key(&walk->pack, row, walk->key);
	walk->key_size = found->size;
	*value = row->value;
	return MDB_SUCCESS;
}

int lmdb_packs_next(MDB_cursor *cursor, struct pack_walk *walk, struct bytes *found, struct bytes *value)
{
	struct packed row;

	while (is_over(&walk->pack, walk->at)) {
		int error = take(cursor, MDB_NEXT, &walk->pack);

		if (error != MDB_SUCCESS)
			return error;
		walk->at = walk->pack.rows.data;
	}
	return pack_next(&walk->pack, &walk->at, &row) ? found_row(walk, &row, found, value) : MDB_CORRUPTED;
}

/* Whoever walks by seeking asks for the key that was found with a zero byte behind it: no key lies between. */
static bool is_next(const struct pack_walk *walk, struct bytes key)
{
	return walk->key_size > 0 && key.size == walk->key_size + 1 && key.data[walk->key_size] == 0 &&
	       memcmp(key.data, walk->key, walk->key_size) == 0;
}

int lmdb_packs_seek(MDB_cursor *cursor, struct pack_walk *walk, struct bytes key, struct bytes *found, struct bytes *value)
{
	struct pack pack;
	struct packed row;
	bool is_equal;

	if (is_next(walk, key))
		return lmdb_packs_next(cursor, walk, found, value);
	int error = key.size > 0 ? find(cursor, key, &pack) : MDB_NOTFOUND;
#if !defined(MUTANT_WALK_REMEMBERS)
	walk->key_size = 0;
#endif
	walk->pack.rows.size = 0; /* when nothing can be read, a next one does not go on from where the walk stood before */
	if (error == MDB_SUCCESS) {
		walk->pack = pack;
		if (pack_seek(&walk->pack, key, &walk->at, &row, &is_equal))
			return found_row(walk, &row, found, value);
		return is_over(&walk->pack, walk->at) ? lmdb_packs_next(cursor, walk, found, value) : MDB_CORRUPTED;
	}
	if (error == MDB_NOTFOUND)
		error = take(cursor, MDB_FIRST, &walk->pack);
	if (error != MDB_SUCCESS)
		return error;
	walk->at = walk->pack.rows.data;
	return lmdb_packs_next(cursor, walk, found, value);
}

/* The new packs take the place of the old one. */
static int write_packs(MDB_cursor *cursor, const struct packing *packing, const struct pack *old)
{
	bool stays = packing->made_count > 0 && bytes_equal(packs_made(packing, 0).key, old->key);
	int error = MDB_SUCCESS;

	if (old->key.size > 0 && !stays) {
		MDB_val key = val_of(old->key), rows;

		error = mdb_cursor_get(cursor, &key, &rows, MDB_SET);
		if (error == MDB_SUCCESS)
			error = mdb_cursor_del(cursor, 0);
	}
	for (size_t i = 0; i < packing->made_count && error == MDB_SUCCESS; i++) {
		struct pack pack = packs_made(packing, i);
		MDB_val key = val_of(pack.key), rows = val_of(pack.rows);

		error = mdb_cursor_put(cursor, &key, &rows, 0);
	}
	return error;
}

/* How many of the changes from `begin` on belong before the pack that is the next one; the cursor stands at the pack before it, if any. */
static int belonging(MDB_cursor *cursor, const struct changes *changes, size_t begin, bool has_pack, size_t *count)
{
	struct pack next = {.key = {NULL, 0}};
	int error = take(cursor, has_pack ? MDB_NEXT : MDB_FIRST, &next);
	size_t end = begin + 1;

	if (error == MDB_NOTFOUND)
		end = changes->count;
	else if (error != MDB_SUCCESS)
		return error;
	while (end < changes->count && bytes_compare(row_key(changes->rows[end]), next.key) < 0)
		rows_come(changes, end++);
	*count = end - begin;
	return MDB_SUCCESS;
}

int lmdb_packs_apply(MDB_cursor *cursor, struct packing *packing, const struct changes *changes)
{
	static const uint8_t nothing[1];
	size_t count;

	for (size_t i = 0; i < changes->count; i += count) {
		struct pack pack;
		int error = find(cursor, row_key(changes->rows[i]), &pack);
		bool has_pack = error == MDB_SUCCESS;

		if (error == MDB_NOTFOUND)
			pack = (struct pack){.rows = {nothing, 0}};
		else if (error != MDB_SUCCESS)
			return error;
		error = belonging(cursor, changes, i, has_pack, &count);
		if (error != MDB_SUCCESS)
			return error;
		int made = packs_make(packing, &pack, changes->rows + i, count);
		if (made != ERR_NONE)
			return made == ERR_MEMORY ? ENOMEM : MDB_CORRUPTED;
		error = write_packs(cursor, packing, &pack);
		if (error != MDB_SUCCESS)
			return error;
	}
	return MDB_SUCCESS;
}
