/* tail.c -- a queue of chunks, one for each turn that said something. */
#include "kernel/tail.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_BYTES_MAX ((size_t)16 << 20)
#define TAIL_CHUNKS_MAX 64 /* who is further behind than so many turns is not close */

struct chunk *chunk_of_turn(struct store *store, unsigned table, uint64_t first, uint64_t last)
{
	size_t count = (size_t)(last + 1 - first), places = count * sizeof(size_t), used = 0;

	for (uint64_t number = first; number <= last; number++)
		used += store_log_get(store, table, number).size;
	struct chunk *chunk = used > 0 ? malloc(sizeof(*chunk) + places + used) : NULL;
	if (chunk == NULL)
		return NULL;
	*chunk = (struct chunk){.first = first, .count = (uint32_t)count, .size = places + used};
	chunk->bytes = (uint8_t *)(chunk->ends + count);
	used = 0;
	for (size_t i = 0; i < count; i++) {
		struct bytes event = store_log_get(store, table, first + i);

		memcpy(chunk->bytes + used, event.data, event.size);
		used += event.size;
		chunk->ends[i] = used;
	}
	return chunk;
}

void tail_add(struct tail *tail, struct chunk *chunks)
{
	if (tail->end == NULL)
		tail->end = &tail->chunks;
	*tail->end = chunks;
	for (; *tail->end != NULL; tail->end = &(*tail->end)->next) {
		tail->bytes += (*tail->end)->size;
		tail->count++;
	}
	while ((tail->bytes > TAIL_BYTES_MAX || tail->count > TAIL_CHUNKS_MAX) && tail->count > 1) {
		struct chunk *oldest = tail->chunks;

		tail->chunks = oldest->next;
		tail->bytes -= oldest->size;
		tail->count--;
		free(oldest);
	}
}

void tail_drop(struct tail *tail)
{
	for (struct chunk *next; tail->chunks != NULL; tail->chunks = next) {
		next = tail->chunks->next;
		free(tail->chunks);
	}
	*tail = (struct tail){0};
}

const struct chunk *tail_find(const struct tail *tail, uint64_t number)
{
	const struct chunk *chunk = tail->chunks;

	if (chunk == NULL || number < chunk->first)
		return NULL;
	while (chunk != NULL && number - chunk->first >= chunk->count) /* a number before the first is far beyond the last */
		chunk = chunk->next;
	return chunk;
}

struct bytes chunk_event(const struct chunk *chunk, uint64_t number)
{
	size_t index = (size_t)(number - chunk->first), from = index > 0 ? chunk->ends[index - 1] : 0;

	return bytes_of(chunk->bytes + from, chunk->ends[index] - from);
}
