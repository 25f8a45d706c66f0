/* arena.c -- a bump allocator over one block. */
#include "arena.h"

#include <stdlib.h>

#include "error.h"

int arena_open(struct arena *arena, size_t size)
{
	*arena = (struct arena){.block = malloc(size), .size = size};
	return arena->block != NULL ? ERR_NONE : ERR_MEMORY;
}

void arena_close(struct arena *arena)
{
	free(arena->block);
	*arena = (struct arena){0};
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t aligned = (size + 7) & ~(size_t)7;

	if (aligned < size || aligned > arena->size - arena->used)
		return NULL;
	arena->used += aligned;
	return arena->block + arena->used - aligned;
}
