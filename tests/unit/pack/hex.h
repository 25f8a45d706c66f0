/*
 * hex.h -- bytes written down as hexadecimal: hex("93 01 a1 61").
 *
 * Every block has exactly its size, so that a sanitizer catches a read beyond it.
 */
#ifndef TRIBUTARY_TESTS_PACK_HEX_H
#define TRIBUTARY_TESTS_PACK_HEX_H

#include "base/bytes.h"

/* hex -- pairs of digits; spaces and dashes are ignored.   owns  lends until hex_free. */
struct bytes hex(const char *digits);

/*
 * hex_exact -- a copy in a block of exactly its size; hex_repeat -- count copies one after the other,
 * behind a head.
 */
struct bytes hex_exact(struct bytes bytes);
struct bytes hex_repeat(struct bytes head, struct bytes unit, size_t count);

/* hex_free -- a teardown: everything that was lent is void. */
int hex_free(void **state);

#endif
