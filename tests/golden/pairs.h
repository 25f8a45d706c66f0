/*
 * pairs.h -- a packed map taken apart into its pairs, changed, and put together again: hostile or odd bytes of good ones.
 *
 * It trusts its input: only golden bytes are taken apart. It does not know any event.
 */
#ifndef TRIBUTARY_TESTS_GOLDEN_PAIRS_H
#define TRIBUTARY_TESTS_GOLDEN_PAIRS_H

#include "base/bytes.h"
#include "pack/reader.h"
#include "pack/writer.h"

#define PAIRS_MAX 80
#define PAIRS_BYTES_MAX (256u << 10)

struct pair {
	struct text name;
	struct bytes key, value; /* packed */
};

struct pairs {
	struct pair items[PAIRS_MAX];
	uint32_t count;
};

/* pairs_read -- take a packed map apart; borrows its bytes. */
void pairs_read(struct pairs *pairs, struct bytes map);

/* pairs_find -- the pair with this name; NULL when there is none. */
struct pair *pairs_find(struct pairs *pairs, const char *name);

/* pairs_add -- one more pair at the end; value borrowed, key text borrowed and packed here. */
void pairs_add(struct pairs *pairs, const char *name, struct bytes value);

/* pairs_remove -- without this pair. */
void pairs_remove(struct pairs *pairs, const struct pair *pair);

/* pairs_write -- the packed map.   owns  gives a heap block of exactly the size; the caller frees data. */
struct bytes pairs_write(const struct pairs *pairs);

/* pairs_write_long -- the same map, every header and every number in its longest form. */
struct bytes pairs_write_long(const struct pairs *pairs);

/* pairs_list -- a packed list: count copies of one packed item, after a header that says claimed. Gives as above. */
struct bytes pairs_list(struct bytes item, uint32_t count, uint32_t claimed);

#endif
