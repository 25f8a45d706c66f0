/*
 * hash.h -- XXH3 for row caches, value checksums and state hashes.
 *
 * Not a secret and not a signature: it finds damage and compares states, it does not stop a forger.
 */
#ifndef TRIBUTARY_BASE_HASH_H
#define TRIBUTARY_BASE_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "bytes.h"

static inline uint64_t hash_bytes(struct bytes bytes)
{
	return XXH3_64bits(bytes.data, bytes.size);
}

static inline uint64_t hash_seeded(struct bytes bytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes.data, bytes.size, seed);
}

#endif
