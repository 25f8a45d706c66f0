/*
 * arena.h -- memory with the lifetime of one turn: taken piece by piece, given back all at once.
 *
 * An arena is one block of fixed size, reserved at start. It does not grow: what happens at the limit is the caller's
 * written answer (a decoder refuses the event as too large; a turn ends its batch).
 */
#ifndef TRIBUTARY_BASE_ARENA_H
#define TRIBUTARY_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "check.h"

struct arena {
	uint8_t *block;
	size_t size; /* bytes in all */
	size_t used; /* bytes taken */
};

/*
 * arena_open -- reserve an arena of size bytes.
 *   owns    takes heap memory until arena_close; errors  ERR_MEMORY.
 */
int arena_open(struct arena *arena, size_t size) must_check;
void arena_close(struct arena *arena);

/*
 * arena_take -- the next size bytes, aligned to 8, not cleared.
 *   owns    lends until arena_reset or arena_close; errors  NULL when the block is used up.
 */
void *arena_take(struct arena *arena, size_t size);

/* arena_reset -- everything taken is void. */
static inline void arena_reset(struct arena *arena)
{
	arena->used = 0;
}

#endif
