/* tail.c -- a queue of chunks, one for each turn that said something. */
#include "kernel/tail.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_BYTES_MAX ((size_t)16 << 20)
#define TAIL_CHUNKS_MAX 64 /* who is further behind than so many turns is not close */

struct chunk *chunk_of_turn(struct store *store, unsigned table)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));

	if (chunk == NULL || store_give_appended(store, table, &chunk->said))
		return chunk;
	free(chunk);
	return NULL;
}

void chunk_free(struct chunk *chunk)
{
	if (chunk == NULL)
		return;
	free(chunk->said.bytes);
	free(chunk->said.places);
	free(chunk);
}

static size_t footprint(const struct chunk *chunk)
{
	return sizeof(*chunk) + chunk->said.used + chunk->said.count * sizeof(*chunk->said.places);
}

void tail_add(struct tail *tail, struct chunk *chunks)
{
	if (tail->end == NULL)
		tail->end = &tail->chunks;
	*tail->end = chunks;
	for (; *tail->end != NULL; tail->end = &(*tail->end)->next) {
		tail->bytes += footprint(*tail->end);
		tail->count++;
	}
	while ((tail->bytes > TAIL_BYTES_MAX || tail->count > TAIL_CHUNKS_MAX) && tail->count > 1) {
		struct chunk *oldest = tail->chunks;

		tail->chunks = oldest->next;
		tail->bytes -= footprint(oldest);
		tail->count--;
		chunk_free(oldest);
	}
}

void tail_drop(struct tail *tail)
{
	for (struct chunk *next; tail->chunks != NULL; tail->chunks = next) {
		next = tail->chunks->next;
		chunk_free(tail->chunks);
	}
	*tail = (struct tail){0};
}

const struct chunk *tail_find(const struct tail *tail, uint64_t number)
{
	const struct chunk *chunk = tail->chunks;

	if (chunk == NULL || number < chunk->said.first)
		return NULL;
	while (chunk != NULL && number - chunk->said.first >= chunk->said.count) /* a number before the first is far beyond the last */
		chunk = chunk->next;
	return chunk;
}

struct bytes chunk_event(const struct chunk *chunk, uint64_t number)
{
	return appended_value(&chunk->said, (size_t)(number - chunk->said.first));
}
