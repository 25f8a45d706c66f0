/* spool.c -- the spool in a store of its own: rows by arrival, and a row per source. */
#include "spool.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/units.h"
#include "client/spool_inside.h"
#include "log/log.h"

static const struct table spool_tables[] = {
    {"spool.sources", TABLE_PRIVATE, "source -> epoch, last number, acknowledged through"},
    {"spool.events", TABLE_PRIVATE, "arrival -> epoch, number, source, event"},
    {"spool.heard", TABLE_PRIVATE, "\"feed\" -> epoch and sequence that its subscriber has dealt with"},
};

#define TRIM_ROWS 8192

struct source_row {
	uint64_t epoch, last, acked;
};

struct heard_row {
	uint64_t epoch, seq;
};

static struct bytes heard_key(void)
{
	return bytes_of_text(TEXT_LITERAL("feed"));
}

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

struct spool_source *spool_add(struct spool *spool, struct text name, uint64_t epoch)
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
bool spool_read_row(struct spool *spool, struct bytes key, struct bytes row, struct spooled *out)
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

void spool_put_row(struct spool *spool, uint64_t arrival, const struct spool_source *source, uint64_t seq,
		   struct bytes event)
{
	uint8_t key[8], *row = spool->scratch;

	put_u64_be(key, arrival);
	put_u64_be(row, source->epoch);
	put_u64_be(row + 8, seq);
	row[16] = (uint8_t)source->size;
	memcpy(row + 17, source->name, source->size);
	memmove(row + 17 + source->size, event.data, event.size);
	store_put(spool->store, SPOOL_EVENTS, bytes_of(key, sizeof(key)),
		  bytes_of(row, 17 + source->size + event.size));
}

void spool_put_source(struct spool *spool, const struct spool_source *source)
{
	struct source_row row = {source->epoch, source->last, source->acked};

	store_put(spool->store, SPOOL_SOURCES, bytes_of(source->name, source->size),
		  bytes_of(&row, sizeof(row)));
}

bool spool_waits(const struct spooled *spooled)
{
	return spooled->epoch == spooled->source->epoch && spooled->seq > spooled->source->acked;
}

/*
 * What is known already stays the object it is; what was acknowledged stays so even where the disk does not
 * know it yet.
 */
static int load_source(struct spool *spool, struct text name, struct bytes row)
{
	struct spool_source *source = spool_find(spool, name);
	struct source_row values;

	if (row.size != sizeof(values) || name.size > SOURCE_TEXT_MAX || !reader_utf8(name.data, name.size))
		return ERR_STORE_CORRUPT;
	memcpy(&values, row.data, sizeof(values));
	if (values.epoch > NUMBER_MAX || values.last > NUMBER_MAX || values.acked > values.last)
		return ERR_STORE_CORRUPT;
	if (source == NULL)
		source = spool_add(spool, name, values.epoch);
	if (source == NULL)
		return ERR_MEMORY;
	if (source->epoch != values.epoch || source->acked < values.acked)
		source->acked = values.acked;
	source->epoch = values.epoch;
	source->last = values.last;
	return ERR_NONE;
}

static int load_sources(struct spool *spool, struct view *view)
{
	struct bytes key = {0}, row;

	for (row = view_seek(view, SPOOL_SOURCES, key, &key); key.data != NULL;
	     row = view_next(view, SPOOL_SOURCES, &key)) {
		int error =
		    load_source(spool, (struct text){(const char *)key.data, (uint32_t)key.size}, row);

		if (error != ERR_NONE)
			return error;
	}
	return view->failure;
}

/* What is sent, and perhaps numbered anew, is an event of this source and number. A damaged one is found when the spool is opened. */
static bool is_sound(const struct spooled *spooled)
{
	struct reader reader = reader_of(spooled->event);
	struct envelope envelope;

	envelope_read(&reader, &envelope);
	return reader_finish(&reader) == ERR_NONE && envelope.seq == spooled->seq && spooled->arrival <= NUMBER_MAX &&
	       spooled->event.size <= EVENT_BYTES_MAX && text_equal(envelope.source, spool_name(spooled->source));
}

static int load_events(struct spool *spool, struct view *view)
{
	struct bytes key = {0}, row;
	struct spooled spooled;

	for (row = view_seek(view, SPOOL_EVENTS, key, &key); key.data != NULL;
	     row = view_next(view, SPOOL_EVENTS, &key)) {
		if (!spool_read_row(spool, key, row, &spooled) || !is_sound(&spooled))
			return ERR_STORE_CORRUPT;
		if (spool_waits(&spooled)) {
			spooled.source->waiting++;
			spool->waiting++;
		} else {
			spool->acked_rows++;
		}
		spool->arrivals = spooled.arrival;
	}
	return view->failure;
}

static int load(struct spool *spool)
{
	struct heard_row heard = {0};
	struct view view = {0};
	int error = view_open(&view, spool->store);

	if (error != ERR_NONE)
		return error;
	error = load_sources(spool, &view);
	if (error == ERR_NONE)
		error = load_events(spool, &view);
	struct bytes row = view_get(&view, SPOOL_HEARD, heard_key());
	if (row.size == sizeof(heard))
		memcpy(&heard, row.data, sizeof(heard));
	spool->heard_epoch = heard.epoch;
	spool->heard = heard.seq;
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
	int error = store_open(&spool->store, &options, spool_tables, SPOOL_TABLES);
	if (error == ERR_NONE)
		error = load(spool);
	if (error != ERR_NONE)
		spool_close(spool);
	return error;
}

void spool_close(struct spool *spool)
{
	struct spool_source *source, *next;

	HASH_ITER(hh, spool->sources, source, next)
	{
		HASH_DEL(spool->sources, source);
		free(source);
	}
	store_close(&spool->store);
	free(spool->scratch);
	*spool = (struct spool){0};
}

int spool_begin(struct spool *spool)
{
	if (spool->open_turn)
		return ERR_USAGE;
	int error = store_begin(spool->store);

	spool->open_turn = error == ERR_NONE;
	return error;
}

/* After a failed commit the numbers given in it are taken back from the disk's truth. */
static void reload(struct spool *spool)
{
	for (struct spool_source *source = spool->sources; source != NULL; source = source->hh.next) {
		source->last = source->acked;
		source->waiting = 0;
	}
	spool->waiting = spool->acked_rows = 0;
	spool->arrivals = 0;
	spool->reloaded = true;
	if (load(spool) != ERR_NONE)
		log_line(LOG_ALARM, "spool_unreadable", "remedy=\"check the till's disk\"");
}

int spool_end(struct spool *spool)
{
	if (!spool->open_turn)
		return ERR_USAGE;
	spool->open_turn = false;
	int error = store_commit(spool->store);

	if (error != ERR_NONE)
		reload(spool);
	return error;
}

static int pack(struct spool *spool, const struct spool_source *source, const struct event_type *type,
		const void *event, int64_t time_us, struct bytes *packed)
{
	size_t head = 17 + source->size; /* where put_row wants the event to stand */
	struct writer writer = writer_of(spool->scratch + head, EVENT_BYTES_MAX);
	struct envelope envelope = {.source = spool_name(source),
				    .seq = source->last + 1,
				    .type = text_of(type->name),
				    .time_us = time_us};

	if (type->subject_field != NULL)
		memcpy(&envelope.subject, (const char *)event + type->subject_offset, sizeof(envelope.subject));
	envelope_write(&writer, &envelope);
	type->pack(event, &writer);
	*packed = writer_bytes(&writer);
	return writer.error;
}

int spool_put(struct spool *spool, struct text name, const struct event_type *type, const void *event,
	      int64_t time_us, int64_t now_us, uint64_t *seq)
{
	const char *field;
	struct bytes packed;
	int error = event_check(type, event, &field);

	if (error != ERR_NONE)
		return error;
	if (name.size == 0 || name.size > SOURCE_TEXT_MAX)
		return ERR_OUT_OF_RANGE;
	if (!reader_utf8(name.data, name.size))
		return ERR_NOT_UTF8;
	if (spool->waiting >= spool->events_max)
		return ERR_STORE_FULL;
	struct spool_source *source = spool_find(spool, name);
	if (source == NULL)
		source = spool_add(spool, name, (uint64_t)now_us);
	if (source == NULL)
		return ERR_MEMORY;
	if (source->last >= NUMBER_MAX)
		return ERR_OUT_OF_RANGE; /* its numbers are over, and begin anew in another epoch */
	error = pack(spool, source, type, event, time_us, &packed);
	bool own_turn = !spool->open_turn;
	if (error == ERR_NONE && own_turn)
		error = spool_begin(spool);
	if (error != ERR_NONE)
		return error;
	spool_put_row(spool, ++spool->arrivals, source, ++source->last, packed);
	spool_put_source(spool, source);
	source->waiting++;
	spool->waiting++;
	if (seq != NULL)
		*seq = source->last;
	return own_turn ? spool_end(spool) : ERR_NONE;
}

int spool_confirm(struct spool *spool, uint64_t epoch, uint64_t seq)
{
	struct heard_row row = {epoch, seq};
	bool own_turn = !spool->open_turn;
	int error = own_turn ? spool_begin(spool) : ERR_NONE;

	if (error != ERR_NONE)
		return error;
	store_put(spool->store, SPOOL_HEARD, heard_key(), bytes_of(&row, sizeof(row)));
	spool->heard_epoch = epoch;
	spool->heard = seq;
	return own_turn ? spool_end(spool) : ERR_NONE;
}

static bool is_held_back(const struct spool_source *source)
{
	return source->fenced || source->held_until_us != 0;
}

bool spool_next(struct spool *spool, struct view *view, uint64_t after, struct spooled *out)
{
	uint8_t from[8];
	struct bytes key, row;

	put_u64_be(from, after + 1);
	for (row = view_seek(view, SPOOL_EVENTS, bytes_of(from, sizeof(from)), &key); key.data != NULL;
	     row = view_next(view, SPOOL_EVENTS, &key))
		if (spool_read_row(spool, key, row, out) && spool_waits(out) && !is_held_back(out->source))
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
	source->dirty = true;
	source->waiting -= gone;
	spool->waiting -= gone;
	spool->acked_rows += gone;
}

bool spool_walk(struct spool *spool, struct spool_walk *walk, struct spooled *out)
{
	struct bytes key = {0};
	struct bytes row = store_seek(spool->store, SPOOL_EVENTS, bytes_of(walk->key, walk->key_size), &key);

	if (key.data == NULL || !spool_read_row(spool, key, row, out))
		return false;
	memcpy(walk->key, key.data, 8);
	walk->key[8] = 0;
	walk->key_size = 9; /* the key and a zero byte: the next one */
	return true;
}

/*
 * Removes what is acknowledged from the front; what is held back stays where it is. Returns how many rows
 * went.
 */
static uint64_t trim_rows(struct spool *spool, uint64_t most)
{
	struct spool_walk walk = {0};
	struct spooled spooled;
	uint64_t gone = 0;

	for (int i = 0; i < TRIM_ROWS && gone < most && spool_walk(spool, &walk, &spooled); i++) {
#if defined(MUTANT_SPOOL_TRIMMED_EARLY)
		spooled.epoch += spooled.seq <= spooled.source->sent;
#endif
		if (!spool_waits(&spooled)) {
			store_del(spool->store, SPOOL_EVENTS, bytes_of(walk.key, 8));
			gone++;
		} else if (!is_held_back(spooled.source)) {
			break;
		}
	}
	return gone;
}

void spool_trim(struct spool *spool)
{
	struct spool_source *source, *next;

	uint64_t over = spool->acked_rows > spool->keep_rows ? spool->acked_rows - spool->keep_rows : 0;
	bool dirty = false;

#if defined(MUTANT_SPOOL_TRIMMED_EARLY)
	over = TRIM_ROWS;
#endif
	HASH_ITER(hh, spool->sources, source, next)
	dirty |= source->dirty;
	if ((over == 0 && !dirty) || spool->open_turn || store_begin(spool->store) != ERR_NONE)
		return;
	uint64_t gone = trim_rows(spool, over);
	HASH_ITER(hh, spool->sources, source, next)
	if (source->dirty)
		spool_put_source(spool, source);
	if (store_commit(spool->store) != ERR_NONE)
		return; /* it is tried again, and a resend does no harm */
	spool->acked_rows -= gone < spool->acked_rows ? gone : spool->acked_rows;
	HASH_ITER(hh, spool->sources, source, next)
	source->dirty = false;
}
