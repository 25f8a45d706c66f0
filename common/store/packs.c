/* packs.c -- taking packs apart, and making new ones of an old one and what has changed. */
#include "store/packs.h"

#include <stdlib.h>

#include "base/error.h"

#define NUMBER_BYTES 5
#define HEAD_BYTES (3 * NUMBER_BYTES)

/* A row of a pack to be: as it lies in the old one, or as the turn has changed it. */
struct item {
	struct packed old;
	const struct row *changed; /* NULL: old counts */
	size_t size;		   /* as a row of the old pack, or a little more */
};

static bool take_number(const uint8_t **at, const uint8_t *end, size_t *number)
{
	*number = 0;
	for (unsigned bits = 0; bits < 7 * NUMBER_BYTES && *at < end; bits += 7) {
		uint8_t byte = *(*at)++;

		*number |= (size_t)(byte & 0x7f) << bits;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static uint8_t *put_number(uint8_t *at, size_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (uint8_t)(number | 0x80);
	*at++ = (uint8_t)number;
	return at;
}

bool pack_next(const struct pack *pack, const uint8_t **at, struct packed *row)
{
	const uint8_t *begin = *at, *end = pack->rows.data + pack->rows.size, *from = begin;
	size_t rest, value;

	if (from >= end || !take_number(&from, end, &row->shared) || !take_number(&from, end, &rest) || !take_number(&from, end, &value))
		return false;
	if (row->shared > pack->key.size || row->shared + rest > STORE_KEY_MAX || row->shared + rest == 0 ||
	    rest + value > (size_t)(end - from))
		return false;
	row->rest = bytes_of(from, rest);
	row->value = bytes_of(from + rest, value);
	*at = from + rest + value;
	row->all = bytes_of(begin, (size_t)(*at - begin));
	return true;
}

struct bytes pack_key(const struct pack *pack, const struct packed *row, uint8_t room[STORE_KEY_MAX])
{
	memcpy(room, pack->key.data, row->shared);
	memcpy(room + row->shared, row->rest.data, row->rest.size);
	return bytes_of(room, row->shared + row->rest.size);
}

static size_t shared_by(struct bytes a, struct bytes b)
{
	size_t most = a.size < b.size ? a.size : b.size, shared = 0;

	while (shared + 8 <= most && load_8(a.data + shared) == load_8(b.data + shared))
		shared += 8;
	while (shared < most && a.data[shared] == b.data[shared])
		shared++;
	return shared;
}

/*
 * Order of a row's key and a key that shares `shared` bytes with the pack's, both no less than it: who shares more of it is closer to
 * it, and comes first.
 */
static int compare(const struct packed *row, struct bytes key, size_t shared)
{
	if (row->shared != shared)
		return row->shared > shared ? -1 : 1;
	return bytes_compare(row->rest, bytes_of(key.data + shared, key.size - shared));
}

bool pack_seek(const struct pack *pack, struct bytes key, const uint8_t **at, struct packed *row, bool *is_equal)
{
	size_t shared = shared_by(pack->key, key);

	*at = pack->rows.data;
	while (pack_next(pack, at, row)) {
		int order = compare(row, key, shared);

		*is_equal = order == 0;
		if (order >= 0)
			return true;
	}
	return false;
}

static struct item *item_add(struct packing *packing)
{
	if (packing->count == packing->room) {
		size_t room = packing->room > 0 ? packing->room * 2 : 64;
		struct item *larger = realloc(packing->items, room * sizeof(*larger));

		if (larger == NULL)
			return NULL;
		packing->items = larger;
		packing->room = room;
	}
	return &packing->items[packing->count++];
}

static bool add_old(struct packing *packing, const struct packed *row)
{
	struct item *item = item_add(packing);

	if (item != NULL)
		*item = (struct item){.old = *row, .size = row->all.size};
	return item != NULL;
}

static bool add_change(struct packing *packing, const struct pack *pack, const struct row *row)
{
	if (!row->present)
		return true;
	struct item *item = item_add(packing);
	if (item != NULL)
		*item = (struct item){.changed = row, .size = 3 + row->key_size - shared_by(pack->key, row_key(row)) + row->value_size};
	return item != NULL;
}

/* The rows that there will be, in order; a change stands in the place of the row of its key. */
static int merge(struct packing *packing, const struct pack *pack, struct row *const *changes, size_t count)
{
	const uint8_t *at = pack->rows.data, *end = at + pack->rows.size;
	struct packed row;
	size_t next = 0, shared = shared_by(pack->key, row_key(changes[0]));

	packing->count = 0;
	while (at < end) {
		int order = 1;

		if (!pack_next(pack, &at, &row))
			return ERR_STORE_CORRUPT;
		while (next < count && (order = compare(&row, row_key(changes[next]), shared)) >= 0) {
			if (!add_change(packing, pack, changes[next]))
				return ERR_MEMORY;
			if (++next < count)
				shared = shared_by(pack->key, row_key(changes[next]));
			if (order == 0)
				break;
		}
		if (order != 0 && !add_old(packing, &row))
			return ERR_MEMORY;
	}
	for (; next < count; next++)
		if (!add_change(packing, pack, changes[next]))
			return ERR_MEMORY;
	return ERR_NONE;
}

static bool make_room(struct packing *packing, size_t need)
{
	size_t size = packing->size > 0 ? packing->size : 4096;

	while (size - packing->used < need)
		size *= 2;
	if (size == packing->size)
		return true;
	uint8_t *larger = realloc(packing->bytes, size);
	if (larger == NULL)
		return false;
	packing->bytes = larger;
	packing->size = size;
	return true;
}

static struct bytes item_key(const struct pack *pack, const struct item *item, uint8_t room[STORE_KEY_MAX])
{
	return item->changed != NULL ? row_key(item->changed) : pack_key(pack, &item->old, room);
}

/* One row behind the others; what lies in a pack of the same key already is copied as it is. */
static bool write_item(struct packing *packing, const struct pack *pack, const struct item *item, struct bytes first, bool is_same)
{
	uint8_t room[STORE_KEY_MAX];

	if (is_same && item->changed == NULL) {
		if (!make_room(packing, item->old.all.size))
			return false;
		memcpy(packing->bytes + packing->used, item->old.all.data, item->old.all.size);
		packing->used += item->old.all.size;
		return true;
	}
	struct bytes key = item_key(pack, item, room), value = item->changed != NULL ? row_value(item->changed) : item->old.value;
	size_t shared = shared_by(first, key);
	if (!make_room(packing, HEAD_BYTES + key.size + value.size))
		return false;
	uint8_t *at = packing->bytes + packing->used;
	at = put_number(put_number(put_number(at, shared), key.size - shared), value.size);
	memcpy(at, key.data + shared, key.size - shared);
	if (value.size > 0)
		memcpy(at + key.size - shared, value.data, value.size);
	packing->used = (size_t)(at - packing->bytes) + key.size - shared + value.size;
	return true;
}

static struct made *made_add(struct packing *packing)
{
	if (packing->made_count == packing->made_room) {
		size_t room = packing->made_room > 0 ? packing->made_room * 2 : 16;
		struct made *larger = realloc(packing->made, room * sizeof(*larger));

		if (larger == NULL)
			return NULL;
		packing->made = larger;
		packing->made_room = room;
	}
	return &packing->made[packing->made_count++];
}

/* Items from `begin` to `end` as one pack. */
static bool write_pack(struct packing *packing, const struct pack *pack, size_t begin, size_t end)
{
	uint8_t room[STORE_KEY_MAX];
	struct bytes key = item_key(pack, &packing->items[begin], room);
	bool is_same = bytes_equal(key, pack->key);
	struct made *made = made_add(packing);

	if (made == NULL || !make_room(packing, key.size))
		return false;
	*made = (struct made){.key_at = packing->used, .key_size = key.size, .rows_at = packing->used + key.size};
	memcpy(packing->bytes + packing->used, key.data, key.size);
	packing->used += key.size;
	for (size_t i = begin; i < end; i++)
		if (!write_item(packing, pack, &packing->items[i], key, is_same))
			return false;
	made->rows_size = packing->used - made->rows_at;
	return true;
}

int packs_make(struct packing *packing, const struct pack *pack, struct row *const *changes, size_t count)
{
	size_t all = 0, begin = 0, size = 0;
	int error = merge(packing, pack, changes, count);

	packing->used = packing->made_count = 0;
	for (size_t i = 0; i < packing->count; i++)
		all += packing->items[i].size;
	size_t parts = (all + PACK_BYTES - 1) / PACK_BYTES; /* of about the same size */
	for (size_t i = 0; i < packing->count && error == ERR_NONE; i++) {
		size += packing->items[i].size;
		bool is_last = i + 1 == packing->count, is_full = size >= all / parts;
		if (!is_last && !is_full && size + packing->items[i + 1].size <= PACK_BYTES)
			continue;
		error = write_pack(packing, pack, begin, i + 1) ? ERR_NONE : ERR_MEMORY;
		begin = i + 1;
		size = 0;
	}
	return error;
}

struct pack packs_made(const struct packing *packing, size_t index)
{
	const struct made *made = &packing->made[index];

	return (struct pack){bytes_of(packing->bytes + made->key_at, made->key_size), bytes_of(packing->bytes + made->rows_at, made->rows_size)};
}

void packing_drop(struct packing *packing)
{
	free(packing->items);
	free(packing->bytes);
	free(packing->made);
	*packing = (struct packing){0};
}
