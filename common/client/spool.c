/* spool.c -- the spool in a store of its own: rows by arrival, and a row per source. */
#include "spool.h"

#include <stdlib.h>

#include "base/error.h"
#include "log/log.h"

enum { TABLE_SOURCES, TABLE_EVENTS };

static const struct table spool_tables[] = {
    {"spool.sources", TABLE_PRIVATE, "source -> epoch, last number, acknowledged through"},
    {"spool.events", TABLE_PRIVATE, "arrival -> epoch, number, source, event"},
};

#define TRIM_ROWS 8192

struct source_row {
	uint64_t epoch, last, acked;
};

struct text spool_name(const struct spool_source *source)
{
	return (struct text){source->name, source->size};
}

struct spool_source *spool_find(struct spool *spool, struct text name)
{
	struct spool_source *source = NULL;

	HASH_FIND(hh, spool->sources, name.data, name.size, source);
	return source;
}

static struct spool_source *source_add(struct spool *spool, struct text name, uint64_t epoch)
{
	struct spool_source *source = calloc(1, sizeof(*source) + name.size);

	if (source == NULL)
		return NULL;
	source->epoch = epoch;
	source->size = name.size;
	memcpy(source->name, name.data, name.size);
	HASH_ADD_KEYPTR(hh, spool->sources, source->name, source->size, source);
	return source;
}

/* epoch, number, length of the source, source, event: fixed places in front, the event as it will be sent. */
static bool read_row(struct spool *spool, struct bytes key, struct bytes row, struct spooled *out)
{
	if (key.size != 8 || row.size < 17 || row.size < 17u + row.data[16])
		return false;
	out->arrival = get_u64_be(key.data);
	out->epoch = get_u64_be(row.data);
	out->seq = get_u64_be(row.data + 8);
	out->source = spool_find(spool, (struct text){(const char *)row.data + 17, row.data[16]});
	out->event = bytes_of(row.data + 17 + row.data[16], row.size - 17 - row.data[16]);
	return out->source != NULL;
}

static void put_row(struct spool *spool, uint64_t arrival, const struct spool_source *source, uint64_t seq, struct bytes event)
{
	uint8_t key[8], *row = spool->scratch;

	put_u64_be(key, arrival);
	put_u64_be(row, source->epoch);
	put_u64_be(row + 8, seq);
	row[16] = (uint8_t)source->size;
	memcpy(row + 17, source->name, source->size);
	memmove(row + 17 + source->size, event.data, event.size);
	store_put(spool->store, TABLE_EVENTS, bytes_of(key, sizeof(key)), bytes_of(row, 17 + source->size + event.size));
}

static void put_source(struct spool *spool, const struct spool_source *source)
{
	struct source_row row = {source->epoch, source->last, source->acked};

	store_put(spool->store, TABLE_SOURCES, bytes_of(source->name, source->size), bytes_of(&row, sizeof(row)));
}

static bool is_waiting(const struct spooled *spooled)
{
	return spooled->epoch == spooled->source->epoch && spooled->seq > spooled->source->acked;
}

static int load(struct spool *spool)
{
	struct view view = {0};
	struct bytes key = {0}, row;
	struct spooled spooled;
	int error = view_open(&view, spool->store);

	if (error != ERR_NONE)
		return error;
	for (row = view_seek(&view, TABLE_SOURCES, key, &key); key.data != NULL; row = view_next(&view, TABLE_SOURCES, &key)) {
		struct spool_source *source = source_add(spool, (struct text){(const char *)key.data, (uint32_t)key.size}, 0);
		struct source_row values;

		if (source == NULL || row.size != sizeof(values)) {
			error = ERR_STORE_CORRUPT;
			break;
		}
		memcpy(&values, row.data, sizeof(values));
		source->epoch = values.epoch;
		source->last = values.last;
		source->acked = values.acked;
	}
	key = bytes_of(NULL, 0);
	for (row = view_seek(&view, TABLE_EVENTS, key, &key); key.data != NULL && error == ERR_NONE;
	     row = view_next(&view, TABLE_EVENTS, &key)) {
		if (!read_row(spool, key, row, &spooled)) {
			error = ERR_STORE_CORRUPT;
		} else if (is_waiting(&spooled)) {
			spooled.source->waiting++;
			spool->waiting++;
		}
		spool->arrivals = spooled.arrival;
	}
	view_close(&view);
	return error;
}

int spool_open(struct spool *spool, const char *folder, uint64_t events_max)
{
	struct store_options options = {.path = folder != NULL ? folder : "spool",
					.memory = folder == NULL,
					.map_bytes = 16 << 20,
					.map_bytes_max = UINT64_C(8) << 30,
					.cache_bytes = 4 << 20};

	*spool = (struct spool){.events_max = events_max, .scratch = malloc(EVENT_BYTES_MAX + 512)};
	if (spool->scratch == NULL)
		return ERR_MEMORY;
	int error = store_open(&spool->store, &options, spool_tables, 2);
	if (error == ERR_NONE)
		error = load(spool);
	if (error != ERR_NONE)
		spool_close(spool);
	return error;
}

void spool_close(struct spool *spool)
{
	struct spool_source *source, *next;

	HASH_ITER(hh, spool->sources, source, next) {
		HASH_DEL(spool->sources, source);
		free(source);
	}
	store_close(&spool->store);
	free(spool->scratch);
	*spool = (struct spool){0};
}

int spool_begin(struct spool *spool)
{
	int error = store_begin(spool->store);

	spool->open_turn = error == ERR_NONE;
	return error;
}

/* After a failed commit the numbers given in it are taken back from the disk's truth. */
static void reload(struct spool *spool)
{
	struct spool_source *source, *next;

	HASH_ITER(hh, spool->sources, source, next) {
		HASH_DEL(spool->sources, source);
		free(source);
	}
	spool->waiting = 0;
	spool->arrivals = 0;
	if (load(spool) != ERR_NONE)
		log_line(LOG_ALARM, "spool_unreadable", "remedy=\"check the till's disk\"");
}

int spool_end(struct spool *spool)
{
	spool->open_turn = false;
	int error = store_commit(spool->store);

	if (error != ERR_NONE)
		reload(spool);
	return error;
}

static int pack(struct spool *spool, const struct spool_source *source, const struct event_type *type, const void *event,
		int64_t time_us, struct bytes *packed)
{
	size_t head = 17 + source->size; /* where put_row wants the event to stand */
	struct writer writer = writer_of(spool->scratch + head, EVENT_BYTES_MAX);
	struct envelope envelope = {.source = spool_name(source),
				    .seq = source->last + 1,
				    .type = text_of(type->name),
				    .time_us = time_us};

	for (uint32_t i = 0; type->subject_field != NULL && i < type->field_count; i++)
		if (strcmp(type->fields[i].name, type->subject_field) == 0)
			memcpy(&envelope.subject, (const char *)event + type->fields[i].offset, sizeof(envelope.subject));
	envelope_write(&writer, &envelope);
	type->pack(event, &writer);
	*packed = writer_bytes(&writer);
	return writer.error;
}

int spool_put(struct spool *spool, struct text name, const struct event_type *type, const void *event, int64_t time_us, int64_t now_us,
	      uint64_t *seq)
{
	const char *field;
	struct bytes packed;
	int error = event_check(type, event, &field);

	if (error != ERR_NONE)
		return error;
	if (name.size == 0 || name.size > SOURCE_TEXT_MAX)
		return ERR_OUT_OF_RANGE;
	if (spool->waiting >= spool->events_max)
		return ERR_STORE_FULL;
	struct spool_source *source = spool_find(spool, name);
	if (source == NULL)
		source = source_add(spool, name, (uint64_t)now_us);
	if (source == NULL)
		return ERR_MEMORY;
	error = pack(spool, source, type, event, time_us, &packed);
	bool own_turn = !spool->open_turn;
	if (error == ERR_NONE && own_turn)
		error = spool_begin(spool);
	if (error != ERR_NONE)
		return error;
	put_row(spool, ++spool->arrivals, source, ++source->last, packed);
	put_source(spool, source);
	source->waiting++;
	spool->waiting++;
	if (seq != NULL)
		*seq = source->last;
	return own_turn ? spool_end(spool) : ERR_NONE;
}

int spool_number(struct spool *spool, struct text name, uint64_t epoch, uint64_t last)
{
	struct spool_source *source = spool_find(spool, name);

	if (source == NULL)
		source = source_add(spool, name, epoch);
	if (source == NULL)
		return ERR_MEMORY;
	if (source->waiting > 0)
		return ERR_USAGE;
	source->epoch = epoch;
	source->last = source->acked = last;
	return ERR_NONE;
}

bool spool_next(struct spool *spool, struct view *view, uint64_t after, struct spooled *out)
{
	uint8_t from[8];
	struct bytes key, row;

	put_u64_be(from, after + 1);
	for (row = view_seek(view, TABLE_EVENTS, bytes_of(from, sizeof(from)), &key); key.data != NULL;
	     row = view_next(view, TABLE_EVENTS, &key))
		if (read_row(spool, key, row, out) && is_waiting(out) && !out->source->fenced)
			return true;
	return false;
}

void spool_ack(struct spool *spool, struct spool_source *source, uint64_t through)
{
	if (through > source->last)
		through = source->last;
	if (through <= source->acked)
		return;
	uint64_t gone = through - source->acked;
	gone = gone < source->waiting ? gone : source->waiting;
	source->acked = through;
	source->waiting -= gone;
	spool->waiting -= gone;
	spool->acked_rows += gone;
}

void spool_trim(struct spool *spool)
{
	struct bytes key = {0}, row;
	struct spooled spooled;
	uint8_t from[9] = {0};
	size_t from_size = 0;
	struct spool_source *source, *next;

	if (spool->acked_rows == 0 || spool->open_turn || store_begin(spool->store) != ERR_NONE)
		return;
	for (int i = 0; i < TRIM_ROWS; i++) {
		row = store_seek(spool->store, TABLE_EVENTS, bytes_of(from, from_size), &key);
		if (key.data == NULL || !read_row(spool, key, row, &spooled) || is_waiting(&spooled))
			break;
		memcpy(from, key.data, 8);
		from_size = 9; /* the key and a zero byte: the next one */
		store_del(spool->store, TABLE_EVENTS, bytes_of(from, 8));
	}
	HASH_ITER(hh, spool->sources, source, next)
		put_source(spool, source);
	if (store_commit(spool->store) == ERR_NONE)
		spool->acked_rows = 0;
}

int spool_renumber(struct spool *spool, struct spool_source *source, uint64_t epoch)
{
	struct view view = {0};
	struct spooled spooled;
	struct { uint64_t *arrivals; size_t count; } waiting = {0};
	uint64_t after = 0;
	int error = view_open(&view, spool->store);

	if (error != ERR_NONE)
		return error;
	waiting.arrivals = malloc((source->waiting + 1) * sizeof(uint64_t));
	CHECK(waiting.arrivals != NULL);
	while (waiting.count < source->waiting && spool_next(spool, &view, after, &spooled)) {
		after = spooled.arrival;
		if (spooled.source == source)
			waiting.arrivals[waiting.count++] = spooled.arrival;
	}
	view_close(&view);
	error = store_begin(spool->store);
	uint64_t seq = 0;
	source->epoch = epoch;
	for (size_t i = 0; i < waiting.count && error == ERR_NONE; i++) {
		uint8_t key[8], *copy = malloc(EVENT_BYTES_MAX);
		struct writer writer = writer_of(copy, EVENT_BYTES_MAX);
		struct envelope envelope;

		CHECK(copy != NULL);
		put_u64_be(key, waiting.arrivals[i]);
		struct bytes row = store_get(spool->store, TABLE_EVENTS, bytes_of(key, sizeof(key)));
		if (read_row(spool, bytes_of(key, sizeof(key)), row, &spooled)) {
			struct reader reader = reader_of(spooled.event);

			envelope_read(&reader, &envelope);
			envelope.seq = ++seq;
			envelope_write(&writer, &envelope);
			put_row(spool, waiting.arrivals[i], source, seq, writer_bytes(&writer));
		}
		free(copy);
	}
	free(waiting.arrivals);
	source->last = seq;
	source->acked = 0;
	if (error != ERR_NONE)
		return error;
	put_source(spool, source);
	return spool_end(spool);
}
