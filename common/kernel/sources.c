/* sources.c -- where every source stands, in a hash by name, with an undo list for the turn. */
#include "sources.h"

#include <stdlib.h>

#include <uthash.h>

#include "base/error.h"
#include "kernel/engine.h"

struct source {
	UT_hash_handle hh;
	struct source *next_touched;
	bool is_touched;
	struct cursor now, before;
	uint32_t size;
	char name[];
};

static struct source *source_find(const struct sources *sources, struct text name)
{
	struct source *source = NULL;

	HASH_FIND(hh, sources->by_name, name.data, name.size, source);
	return source;
}

static struct source *source_add(struct sources *sources, struct text name)
{
	struct source *source = calloc(1, sizeof(*source) + name.size);

	CHECK(source != NULL);
	source->size = name.size;
	memcpy(source->name, name.data, name.size);
	HASH_ADD_KEYPTR(hh, sources->by_name, source->name, source->size, source);
	return source;
}

int sources_load(struct sources *sources, struct store *store)
{
	struct view view = {0};
	struct bytes key = {0}, row;
	int error = view_open(&view, store);

	*sources = (struct sources){0};
	if (error != ERR_NONE)
		return error;
	for (row = view_seek(&view, KERNEL_CURSOR, key, &key); key.data != NULL && error == ERR_NONE;
	     row = view_next(&view, KERNEL_CURSOR, &key)) {
		struct source *source = source_add(sources, (struct text){(const char *)key.data, (uint32_t)key.size});

		if (row.size != sizeof(struct cursor))
			error = ERR_STORE_CORRUPT;
		else
			memcpy(&source->now, row.data, sizeof(source->now));
#if defined(MUTANT_CURSOR_AHEAD)
		source->now.through++;
#endif
		if (error == ERR_NONE && (source->now.epoch > NUMBER_MAX || source->now.through > NUMBER_MAX))
			error = ERR_STORE_CORRUPT;
	}
	if (error == ERR_NONE)
		error = view.failure; /* a source that could not be read is not one that was never heard */
	view_close(&view);
	return error;
}

void sources_close(struct sources *sources)
{
	struct source *source, *next;

	HASH_ITER(hh, sources->by_name, source, next) {
		HASH_DEL(sources->by_name, source);
		free(source);
	}
	*sources = (struct sources){0};
}

struct cursor *sources_find(const struct sources *sources, struct text name)
{
	struct source *source = source_find(sources, name);

	return source != NULL ? &source->now : NULL;
}

struct cursor *sources_touch(struct sources *sources, struct text name)
{
	struct source *source = source_find(sources, name);

	if (source == NULL)
		source = source_add(sources, name);
	if (!source->is_touched) {
		source->is_touched = true;
		source->before = source->now;
		source->next_touched = sources->touched;
		sources->touched = source;
	}
	return &source->now;
}

void sources_write(struct sources *sources, struct store *store)
{
	for (struct source *source = sources->touched; source != NULL; source = source->next_touched)
		store_put(store, KERNEL_CURSOR, bytes_of(source->name, source->size),
			  bytes_of(&source->now, sizeof(source->now)));
}

void sources_keep(struct sources *sources)
{
	for (struct source *source = sources->touched; source != NULL; source = source->next_touched)
		source->is_touched = false;
	sources->touched = NULL;
}

void sources_undo(struct sources *sources)
{
	for (struct source *source = sources->touched; source != NULL; source = source->next_touched)
		source->now = source->before;
	sources_keep(sources);
}

void sources_each(struct sources *sources, void (*each)(void *context, struct text source, const struct cursor *cursor),
		  void *context)
{
	struct source *source, *next;

	HASH_ITER(hh, sources->by_name, source, next)
		each(context, (struct text){source->name, source->size}, &source->now);
}
