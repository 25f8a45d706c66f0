/*
 * spool_numbers.c -- other numbers: taken over from elsewhere, or given anew because the service cannot take
 * the old ones.
 */
#include <stdlib.h>

#include "base/error.h"
#include "client/spool_inside.h"

/* Rows of a source of which nothing waits: with other numbers they would count as waiting again. */
static void forget_rows(struct spool *spool, const struct spool_source *source)
{
	struct spool_walk walk = {0};
	struct spooled spooled;

	while (spool_walk(spool, &walk, &spooled))
		if (spooled.source == source) {
			store_del(spool->store, SPOOL_EVENTS, bytes_of(walk.key, 8));
			spool->acked_rows -= spool->acked_rows > 0 ? 1 : 0;
		}
}

int spool_number(struct spool *spool, struct text name, uint64_t epoch, uint64_t last)
{
	struct spool_source *source = spool_find(spool, name);

	if (source == NULL)
		source = spool_add(spool, name, epoch);
	if (source == NULL)
		return ERR_MEMORY;
	source->numbered = true;
	if (source->epoch == epoch && source->last == last)
		return ERR_NONE;
	if (source->waiting > 0)
		return ERR_USAGE;
	bool own_turn = !spool->open_turn;
	int error = own_turn ? spool_begin(spool) : ERR_NONE;
	if (error != ERR_NONE)
		return error;
	forget_rows(spool, source);
	source->fenced = false;
	source->epoch = epoch;
	source->last = source->acked = last;
	source->sent = 0;
	spool_put_source(spool, source);
	return own_turn ? spool_end(spool) : ERR_NONE;
}

/* The arrivals of what waits of a source, in order: source->waiting of them. */
static int waiting_arrivals(struct spool *spool, const struct spool_source *source, uint64_t *arrivals,
			    size_t *count)
{
	struct view view = {0};
	struct bytes key = {0};
	struct spooled spooled;
	int error = view_open(&view, spool->store);

	*count = 0;
	if (error != ERR_NONE)
		return error;
	for (struct bytes row = view_seek(&view, SPOOL_EVENTS, key, &key);
	     key.data != NULL && *count < source->waiting; row = view_next(&view, SPOOL_EVENTS, &key))
		if (spool_read_row(spool, key, row, &spooled) && spooled.source == source &&
		    spool_waits(&spooled))
			arrivals[(*count)++] = spooled.arrival;
	error = view.failure;
	view_close(&view);
	return error;
}

/* Same place in the order of arrival, same event, another number. source has the new epoch already. */
static void renumber_one(struct spool *spool, const struct spool_source *source, uint64_t arrival,
			 uint64_t seq, uint8_t *copy)
{
	struct writer writer = writer_of(copy, EVENT_BYTES_MAX);
	struct envelope envelope;
	struct spooled spooled;
	uint8_t key[8];

	put_u64_be(key, arrival);
	struct bytes row = store_get(spool->store, SPOOL_EVENTS, bytes_of(key, sizeof(key)));
	if (!spool_read_row(spool, bytes_of(key, sizeof(key)), row, &spooled))
		return; /* the turn is broken */
	struct reader reader = reader_of(spooled.event);
	envelope_read(&reader, &envelope);
	envelope.id = (struct text){0};
	envelope.seq = seq;
	envelope_write(&writer, &envelope);
	CHECK(reader.error == ERR_NONE && writer.error == ERR_NONE);
	spool_put_row(spool, arrival, source, seq, writer_bytes(&writer));
}

int spool_renumber(struct spool *spool, struct spool_source *source, uint64_t epoch)
{
	uint64_t *arrivals = malloc((source->waiting + 1) * sizeof(*arrivals));
	uint8_t *copy = malloc(EVENT_BYTES_MAX);
	size_t count = 0;
	int error = arrivals != NULL && copy != NULL ? ERR_NONE : ERR_MEMORY;

	if (error == ERR_NONE)
		error = waiting_arrivals(spool, source, arrivals, &count);
	if (error == ERR_NONE)
		error = spool_begin(spool);
	if (error == ERR_NONE) {
		source->epoch = epoch;
		for (size_t i = 0; i < count; i++)
			renumber_one(spool, source, arrivals[i], i + 1, copy);
		source->last = count;
		source->acked = source->sent = source->doubted = 0;
		source->fenced = false;
		source->held_until_us = 0;
		source->strikes = 0;
		spool_put_source(spool, source);
		error = spool_end(spool); /* a failure puts the old numbers back */
	}
	free(arrivals);
	free(copy);
	return error;
}

int spool_take_back(struct spool *spool, struct spool_source *source, uint64_t through, bool *all)
{
	struct view view = {0};
	struct bytes key = {0};
	struct spooled spooled;
	uint64_t count = 0, first = source->acked + 1;
	int error = spool->open_turn ? ERR_USAGE : view_open(&view, spool->store);

	if (error != ERR_NONE)
		return error;
	for (struct bytes row = view_seek(&view, SPOOL_EVENTS, key, &key); key.data != NULL; row = view_next(&view, SPOOL_EVENTS, &key))
		if (spool_read_row(spool, key, row, &spooled) && spooled.source == source && spooled.epoch == source->epoch &&
		    spooled.seq > through && spooled.seq <= source->acked) {
			first = spooled.seq < first ? spooled.seq : first;
			count++;
		}
	error = view.failure;
	view_close(&view);
	*all = first == through + 1;
	if (error == ERR_NONE && count > 0)
		error = spool_begin(spool);
	if (error != ERR_NONE || count == 0)
		return error;
	source->acked = first - 1;
	source->waiting += count;
	spool->waiting += count;
	spool->acked_rows -= count < spool->acked_rows ? count : spool->acked_rows;
	source->sent = 0;
	spool_put_source(spool, source);
	return spool_end(spool);
}
