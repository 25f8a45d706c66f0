/*
 * squeeze.h -- a struct of 8-byte words in few bytes: small numbers and zeros are most of what a row holds.
 *
 * A row that is half as long lets a page hold twice as many, and whole pages are what a commit writes. First come the lengths,
 * half a byte for each word, then the words, little-endian without their high zero bytes; a signed word counts away from zero in
 * both directions, so small negative numbers are small as well.
 */
#ifndef TRIBUTARY_BASE_SQUEEZE_H
#define TRIBUTARY_BASE_SQUEEZE_H

#include <stdbool.h>

#include "bytes.h"

#define SQUEEZE_WORDS_MAX 32
/* Bytes that `count` words take at most; the room for them has 8 more, which may be scribbled on. */
#define SQUEEZE_BYTES_MAX(count) (((count) + 1) / 2 + (count) * 8)
#define SQUEEZE_ROOM(count) (SQUEEZE_BYTES_MAX(count) + 8)

/*
 * squeeze -- pack `count` words into out.
 *   units   returns the bytes that count.   owns  out has SQUEEZE_ROOM(count) bytes.
 */
size_t squeeze(uint8_t *out, const void *words, unsigned count);

/*
 * unsqueeze -- the words again.   errors  false: these bytes are not `count` squeezed words, all and nothing else; words is then
 * undefined.
 */
bool unsqueeze(void *words, unsigned count, struct bytes squeezed);

#endif
