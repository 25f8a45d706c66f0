/* prints.c -- hashes of the latest events, source by source. */
#include "prints.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"

/* Mostly the same as before: events come in runs. */
static struct prints_source *find(struct prints *prints, struct text name)
{
	struct prints_source *source = prints->lately;

	if (source != NULL && text_equal((struct text){source->name, source->name_size}, name))
		return source;
	HASH_FIND(hh, prints->sources, name.data, name.size, source);
	if (source != NULL)
		prints->lately = source;
	return source;
}

static struct prints_source *find_or_add(struct prints *prints, struct text name)
{
	struct prints_source *source = find(prints, name);

	if (source != NULL || HASH_COUNT(prints->sources) >= PRINTS_SOURCES)
		return source;
	source = calloc(1, sizeof(*source) + name.size);
	CHECK(source != NULL);
	source->name_size = name.size;
	memcpy(source->name, name.data, name.size);
	HASH_ADD_KEYPTR(hh, prints->sources, source->name, source->name_size, source);
	return source;
}

/* The type is not XXH3's seed: that costs long data a new secret each. */
uint64_t prints_of(struct text type, struct bytes data)
{
	return hash_bytes(data) ^ hash_bytes(bytes_of_text(type)) * UINT64_C(0x9E3779B97F4A7C15);
}

void prints_note(struct prints *prints, const struct run *run, uint64_t seq, uint64_t print)
{
	struct prints_source *source = find_or_add(prints, run->source);

	if (source == NULL)
		return;
	if (source->epoch != run->epoch) {
		memset(source->latest, 0, sizeof(source->latest));
		source->epoch = run->epoch;
	}
	source->latest[seq % PRINTS_LATEST] = (struct print){seq, print};
}

bool prints_differ(struct prints *prints, const struct run *run, uint64_t seq, uint64_t print)
{
	const struct prints_source *source = find(prints, run->source);

#if defined(MUTANT_CLONE_UNSEEN)
	return false;
#endif
	if (source == NULL || source->epoch != run->epoch)
		return false;
	const struct print *latest = &source->latest[seq % PRINTS_LATEST];
	return latest->seq == seq && latest->hash != print;
}

bool prints_tell(struct prints *prints, const struct run *run)
{
	struct prints_source *source = find(prints, run->source);
	bool is_first = source != NULL && !source->is_told;

	if (is_first)
		source->is_told = true;
	return is_first;
}

static void note_run(struct prints *prints, const struct run *run)
{
	struct reader reader = reader_of(run->events);

	for (uint32_t i = 0; i < run->count; i++) {
		struct bytes event = reader_value(&reader);
		struct reader inside = reader_of(event);
		struct envelope envelope;

		if (reader.error != ERR_NONE)
			return;
		envelope_read(&inside, &envelope);
		if (inside.error == ERR_NONE)
			prints_note(prints, run, run->after + 1 + i, prints_of(envelope.type, envelope.data));
		else
			prints_note(prints, run, run->after + 1 + i, prints_of((struct text){0}, event));
	}
}

void prints_load(struct prints *prints, struct store *store, uint64_t intake)
{
	struct view view = {0};
	uint64_t number;
	struct run run;

	if (view_open(&view, store) != ERR_NONE)
		return;
	for (struct bytes record = view_log_seek(&view, KERNEL_INTAKE, intake > PRINTS_INPUTS ? intake - PRINTS_INPUTS : 1, &number);
	     number != 0; record = view_log_next(&view, KERNEL_INTAKE, &number))
		if (record.data != NULL && intake_read(record, &run) && !run.feed)
			note_run(prints, &run);
	view_close(&view);
}

void prints_close(struct prints *prints)
{
	struct prints_source *source, *next;

	HASH_ITER(hh, prints->sources, source, next) {
		HASH_DEL(prints->sources, source);
		free(source);
	}
	*prints = (struct prints){0};
}
