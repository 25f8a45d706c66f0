/* prints.c -- hashes of the latest events, source by source. */
#include "prints.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"

static struct prints_source *find(const struct prints *prints, struct text name)
{
	struct prints_source *source = NULL;

	HASH_FIND(hh, prints->sources, name.data, name.size, source);
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

uint64_t prints_of(struct text type, struct bytes data)
{
	return hash_seeded(data, hash_bytes(bytes_of_text(type)));
}

void prints_note(struct prints *prints, const struct run *run, uint64_t seq, uint64_t print)
{
	struct prints_source *source = find_or_add(prints, run->source);

	if (source == NULL)
		return;
	if (source->epoch != run->epoch) {
		memset(source->seqs, 0, sizeof(source->seqs));
		source->epoch = run->epoch;
	}
	source->seqs[seq % PRINTS_LATEST] = seq;
	source->hashes[seq % PRINTS_LATEST] = print;
}

bool prints_differ(const struct prints *prints, const struct run *run, uint64_t seq, uint64_t print)
{
	const struct prints_source *source = find(prints, run->source);

#if defined(MUTANT_CLONE_UNSEEN)
	return false;
#endif
	return source != NULL && source->epoch == run->epoch && source->seqs[seq % PRINTS_LATEST] == seq &&
	       source->hashes[seq % PRINTS_LATEST] != print;
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
}
