/* frames.h -- the most laborious messages of 64 KiB, and all of the work that a door has with one before a handler is called. */
#ifndef TRIBUTARY_TESTS_PACK_FRAMES_H
#define TRIBUTARY_TESTS_PACK_FRAMES_H

#include "base/arena.h"
#include "base/bytes.h"

#define FRAMES_BYTES (64u << 10)
#define FRAMES_KINDS 6

/* frames_name -- what a kind is full of.   frames_fill -- a message of this kind in `buffer` of FRAMES_BYTES; nearly as large as that. */
const char *frames_name(unsigned kind);
struct bytes frames_fill(unsigned kind, uint8_t *buffer);

/* frames_walk -- take it apart down to the fields of its events. Returns how many events, rows, refusals and sources were met. */
uint32_t frames_walk(struct bytes frame, struct arena *arena);

#endif
