/*
 * packs.h -- rows of a table side by side in one entry, so that a commit that changes many of them changes few entries and few pages.
 *
 * An entry, a pack, has the key of its first row; its value is its rows in order. A row is three numbers (7 bits a byte, the low ones
 * first): how many bytes its key shares with the pack's key, how many follow, how long its value is; then these bytes, then the value.
 * Packs follow each other in the order of their keys and do not overlap. It knows no LMDB.
 */
#ifndef TRIBUTARY_STORE_PACKS_H
#define TRIBUTARY_STORE_PACKS_H

#include "store/rows.h"

#define PACK_BYTES 1000 /* of a pack, unless one row alone is longer: four of them fill a page */

/* A pack as it lies in the store. */
struct pack {
	struct bytes key, rows;
};

/* One row of a pack. */
struct packed {
	size_t shared;	   /* bytes of the pack's key that its own begins with */
	struct bytes rest; /* of its own key */
	struct bytes value;
	struct bytes all;  /* as it lies in the pack */
};

/*
 * pack_next -- the row at *at, which moves behind it.   errors  false: the end, where *at is the end, or damage.
 * pack_key -- its key, in room for STORE_KEY_MAX bytes.
 */
bool pack_next(const struct pack *pack, const uint8_t **at, struct packed *row);
struct bytes pack_key(const struct pack *pack, const struct packed *row, uint8_t room[STORE_KEY_MAX]);

/*
 * pack_seek -- the first row whose key is >= key, which is no less than the pack's.
 *   units   *at moves behind it; *is_equal: it is that key.
 *   errors  as pack_next.
 */
bool pack_seek(const struct pack *pack, struct bytes key, const uint8_t **at, struct packed *row, bool *is_equal);

/* struct packing -- memory for making packs, kept from one to the next. Begin with zeros. */
struct packing {
	struct item *items;
	size_t count, room;
	uint8_t *bytes;
	size_t used, size;
	struct made {
		size_t key_at, key_size, rows_at, rows_size; /* places in bytes */
	} *made;
	size_t made_count, made_room;
};

/*
 * packs_make -- a pack with changes becomes packs: packing->made_count of them, in order; none: no row is left.
 *   shape   changes, one or more, are in key order, none before the pack's key; a pack without a key is none.
 *   owns    the results lend from packing until the next call, and copy everything.
 *   errors  ERR_MEMORY, ERR_STORE_CORRUPT.
 */
int packs_make(struct packing *packing, const struct pack *pack, struct row *const *changes, size_t count) must_check;
struct pack packs_made(const struct packing *packing, size_t index);
void packing_drop(struct packing *packing);

#endif
