/*
 * wild.h -- random msgpack, and random damage to it; the same seed gives the same bytes.
 *
 * Values come in every form, shortest or not. A few are what the reader refuses on purpose: numbers beyond
 * 2^53, floats that are no numbers, texts that are no UTF-8, deep nests.
 */
#ifndef TRIBUTARY_TESTS_PACK_WILD_H
#define TRIBUTARY_TESTS_PACK_WILD_H

#include <stdbool.h>

#include "base/bytes.h"

struct wild {
	uint64_t seed;
	uint8_t bytes[4096];
	size_t size;
	bool tame; /* only what the reader accepts */
};

/*
 * wild_number -- 0 to below - 1.   wild_value -- one value, in wild->bytes.   wild_damage -- flip, cut,
 * insert, copy or append.
 */
uint32_t wild_number(struct wild *wild, uint32_t below);
void wild_value(struct wild *wild);
void wild_damage(struct wild *wild);

#endif
