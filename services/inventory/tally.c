/* tally.c -- an open-addressed table of (place, SKU). */
#include "tally.h"

#include <stdlib.h>

#include "base/hash.h"

static uint32_t *slot_of(const struct tally *tally, struct bytes key)
{
	uint32_t mask = 2 * tally->room - 1;

	for (uint32_t at = (uint32_t)hash_bytes(key) & mask;; at = (at + 1) & mask) {
		const struct tally_row *row =
		    tally->slots[at] != 0 ? &tally->rows[tally->slots[at] - 1] : NULL;

		if (row == NULL || bytes_equal(key, bytes_of(row->key, row->key_size)))
			return &tally->slots[at];
	}
}

static void grow(struct tally *tally)
{
	uint32_t room = tally->room == 0 ? 1024 : 2 * tally->room;

	tally->rows = realloc(tally->rows, room * sizeof(*tally->rows));
	free(tally->slots);
	tally->slots = calloc(2 * (size_t)room, sizeof(*tally->slots));
	CHECK(tally->rows != NULL && tally->slots != NULL);
	tally->room = room;
	for (uint32_t i = 0; i < tally->count; i++)
		*slot_of(tally, bytes_of(tally->rows[i].key, tally->rows[i].key_size)) = i + 1;
}

struct tally_row *tally_row(struct tally *tally, struct text place, struct text sku)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = shelf_key(key, place, sku);
	uint32_t *slot;

	CHECK(wanted.size <= TALLY_KEY_SIZE);
	if (tally->count == tally->room)
		grow(tally);
	slot = slot_of(tally, wanted);
	if (*slot == 0) {
		struct tally_row *row = &tally->rows[tally->count];

		memset(row, 0, sizeof(*row));
		memcpy(row->key, wanted.data, wanted.size);
		row->key_size = (uint8_t)wanted.size;
		*slot = ++tally->count;
	}
	return &tally->rows[*slot - 1];
}

void tally_close(struct tally *tally)
{
	free(tally->rows);
	free(tally->slots);
	*tally = (struct tally){0};
}
