/* engine.c -- opening a service's store, and turns as a whole: begin, admit runs, commit or abort. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "kernel/suspect.h"
#include "kernel/turn.h"
#include "log/log.h"

static const struct table kernel_tables[KERNEL_TABLES] = {
    [KERNEL_META] = {"kernel.meta", TABLE_PRIVATE, "epoch, head, intake and clocks of this service"},
    [KERNEL_CURSOR] = {"kernel.cursor", TABLE_PRIVATE, "source -> where it stands"},
    [KERNEL_JOURNAL] = {"kernel.journal", TABLE_LOG, "sequence -> event as published"},
    [KERNEL_INTAKE] = {"kernel.intake", TABLE_LOG, "input number -> run of admitted inputs, with stamp"},
    [KERNEL_QUARANTINE] = {"kernel.quarantine", TABLE_PRIVATE, "number -> input that could not be taken, with reason"},
    [KERNEL_REFUSED] = {"kernel.refused", TABLE_PRIVATE, "source, epoch, sequence -> code and message"},
    [KERNEL_EPOCHS] = {"kernel.epochs", TABLE_PRIVATE, "epoch that has ended -> last number, next number, inputs, link"},
};

static const char meta_key[] = "meta";

static struct bytes meta_key_bytes(void)
{
	return bytes_of(meta_key, sizeof(meta_key) - 1);
}

static int open_store(struct engine *engine, const struct engine_options *options)
{
	const struct service *service = engine->service;
	struct store_options store_options = {.path = options->path,
					      .map_bytes = options->map_bytes,
					      .map_bytes_max = options->map_bytes_max,
					      .cache_bytes = options->cache_bytes,
					      .memory = options->memory,
					      .disk = options->disk,
					      .read_only = options->read_only};

	CHECK(KERNEL_TABLES + service->table_count < STORE_TABLES_MAX);
	for (unsigned i = 0; i < KERNEL_TABLES; i++)
		engine->tables[i] = kernel_tables[i];
	for (unsigned i = 0; i < service->table_count; i++)
		engine->tables[KERNEL_TABLES + i] = service->tables[i];
	return store_open(&engine->store, &store_options, engine->tables, KERNEL_TABLES + service->table_count);
}

/* Numbers beyond what messages can say are none of ours: a damaged row. */
static bool meta_is_sound(const struct meta *meta)
{
	return meta->epoch <= NUMBER_MAX && meta->head <= NUMBER_MAX && meta->intake <= NUMBER_MAX && meta->quarantined <= NUMBER_MAX;
}

/* Once, while the store is opened; from then on it is counted along. */
static int count_quarantine(struct engine *engine, struct view *view)
{
	struct bytes key = {0};
	int64_t count = 0;

	for (view_seek(view, KERNEL_QUARANTINE, key, &key); key.data != NULL; view_next(view, KERNEL_QUARANTINE, &key))
		count++;
	atomic_store_explicit(&engine->counts.quarantine, count, memory_order_relaxed);
	return view->failure;
}

/* The epoch of a new store is its moment of creation, so that a store made later always has the higher one. */
static int load_meta(struct engine *engine, const struct engine_options *options)
{
	struct view view = {0};
	int error = view_open(&view, engine->store);

	if (error != ERR_NONE)
		return error;
	struct bytes row = view_get(&view, KERNEL_META, meta_key_bytes());
	if (view.failure != ERR_NONE)
		error = view.failure; /* not the same as a new store */
	else if (row.data != NULL && row.size != sizeof(engine->meta))
		error = ERR_STORE_CORRUPT;
	else if (row.data != NULL)
		memcpy(&engine->meta, row.data, sizeof(engine->meta));
	if (!meta_is_sound(&engine->meta))
		error = ERR_STORE_CORRUPT;
	if (error == ERR_NONE)
		error = epochs_load(&engine->epochs, &view);
	if (error == ERR_NONE)
		error = count_quarantine(engine, &view);
	view_close(&view);
	if (error != ERR_NONE || row.data != NULL || options->read_only)
		return error;
	engine->meta = (struct meta){.epoch = (uint64_t)options->now_us, .now_us = options->now_us};
	error = store_begin(engine->store);
	if (error == ERR_NONE) {
		store_put(engine->store, KERNEL_META, meta_key_bytes(),
			  bytes_of(&engine->meta, sizeof(engine->meta)));
		error = store_commit(engine->store);
	}
	return error;
}

/* Events of the office (master data and rules) are dated by the office's clock; business time follows the tills and the trucks. */
static bool moves_business_clock(const struct event_type *type)
{
	return strcmp(type->publisher, "partners") != 0 && strcmp(type->publisher, "staff") != 0;
}

static void learn_routes(struct engine *engine)
{
	for (unsigned i = 0; i < engine->service->route_count; i++) {
		const struct event_type *type = engine->service->routes[i].type;

		engine->facts[i] = (struct route_facts){text_of(type->name), moves_business_clock(type)};
	}
}

static int take_memory(struct engine *engine)
{
	engine->record_size = BUFSIZ + (8u << 20);
	engine->scratch = malloc(EVENT_OWN_BYTES_MAX);
	engine->record = malloc(engine->record_size);
	engine->touched = calloc(1, sizeof(*engine->touched));
	engine->facts = calloc(engine->service->route_count + 1, sizeof(*engine->facts)); /* a service may hear nothing */
	if (engine->scratch == NULL || engine->record == NULL || engine->touched == NULL || engine->facts == NULL)
		return ERR_MEMORY;
	if (arena_open(&engine->turn_arena, TURN_ARENA_BYTES) != ERR_NONE ||
	    arena_open(&engine->touched->arena, TURN_ARENA_BYTES) != ERR_NONE)
		return ERR_MEMORY;
	return arena_open(&engine->turn.event_arena, EVENT_ARENA_BYTES);
}

int engine_open(struct engine **out, const struct service *service, const struct engine_options *options)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int error = engine != NULL ? ERR_NONE : ERR_MEMORY;

	*out = NULL;
	if (error != ERR_NONE)
		return error;
	engine->service = service;
	engine->replay = options->replay;
	engine->turn.engine = engine;
	engine_counts_begin(&engine->counts, service);
	CHECK(service->setting_count <= sizeof(engine->settings) / sizeof(engine->settings[0]));
	for (unsigned i = 0; i < service->setting_count; i++)
		engine->settings[i] = options->settings != NULL ? options->settings[i] : service->settings[i].value;
	engine->name = text_of(service->name);
	error = take_memory(engine);
	if (error == ERR_NONE) {
		learn_routes(engine);
		error = open_store(engine, options);
	}
	if (error == ERR_NONE)
		error = load_meta(engine, options);
	if (error == ERR_NONE)
		error = sources_load(&engine->sources, engine->store);
	if (error != ERR_NONE) {
		engine_close(&engine);
		return error;
	}
	engine->idle_since_us = options->now_us;
	if (!options->read_only && !options->replay)
		prints_load(&engine->prints, engine->store, engine->meta.intake);
	if (!options->memory && !options->read_only && !options->replay)
		suspect_load(engine, options->path);
	*out = engine;
	return ERR_NONE;
}

void engine_close(struct engine **out)
{
	struct engine *engine = *out;

	if (engine == NULL)
		return;
	suspect_release(engine);
	prints_close(&engine->prints);
	sources_close(&engine->sources);
	epochs_close(&engine->epochs);
	store_close(&engine->store);
	arena_close(&engine->turn.event_arena);
	arena_close(&engine->turn_arena);
	if (engine->touched != NULL)
		arena_close(&engine->touched->arena);
	free(engine->touched);
	free(engine->facts);
	free(engine->scratch);
	free(engine->record);
	free(engine);
	*out = NULL;
}

struct store *engine_store(struct engine *engine)
{
	return engine->store;
}

const struct service *engine_service(const struct engine *engine)
{
	return engine->service;
}

const struct meta *engine_meta(const struct engine *engine)
{
	return &engine->meta;
}

const struct epochs *engine_epochs(const struct engine *engine)
{
	return &engine->epochs;
}

struct cursor engine_cursor(const struct engine *engine, struct text source)
{
	const struct cursor *cursor = sources_find(&engine->sources, source);

	return cursor != NULL ? *cursor : (struct cursor){0};
}

void engine_each_cursor(struct engine *engine, void (*each)(void *context, struct text source, const struct cursor *cursor),
			void *context)
{
	sources_each(&engine->sources, each, context);
}

const struct route *engine_route(const struct engine *engine, struct text type)
{
	unsigned low = 0, high = engine->service->route_count;

	while (low < high) { /* routes are generated in the order of their names */
		unsigned middle = (low + high) / 2;
		const struct route *route = &engine->service->routes[middle];
		int order = bytes_compare(bytes_of_text(type), bytes_of_text(route_facts(engine, route)->name));

		if (order == 0)
			return route;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool service_is_spared(const struct service *service, struct text type)
{
	for (unsigned i = 0; service->idle_types[i] != NULL; i++)
		if (text_equal(type, text_of(service->idle_types[i])))
			return true;
	return false;
}

uint32_t engine_turn_size(const struct engine *engine)
{
	return engine->turn_size;
}

bool engine_dirty(const struct engine *engine)
{
	return engine->turn_size > 0 || engine->sources.touched != NULL;
}

int64_t engine_setting(const struct engine *engine, unsigned setting)
{
	CHECK(setting < engine->service->setting_count);
	return engine->settings[setting];
}

int engine_begin(struct engine *engine, int64_t now_us)
{
	int error = store_begin(engine->store);

	if (error != ERR_NONE)
		return error;
	engine->meta_before = engine->meta;
	engine->wall_us = now_us;
	engine->turn_size = 0;
	memset(engine->touched->lately, 0, sizeof(engine->touched->lately));
#if !defined(MUTANT_NOTES_STAY)
	memset(engine->notes, 0, engine->notes_size);
#endif
	engine->notes_size = 0;
	arena_reset(&engine->turn_arena);
	return ERR_NONE;
}

void engine_skip(struct engine *engine, uint64_t head)
{
	CHECK(engine->replay && head >= engine->meta.head);
	engine->meta.head = head;
}

int engine_commit(struct engine *engine)
{
	store_put(engine->store, KERNEL_META, meta_key_bytes(), bytes_of(&engine->meta, sizeof(engine->meta)));
#if !defined(MUTANT_CURSOR_OUTSIDE)
	sources_write(&engine->sources, engine->store);
#endif
	int error = store_commit(engine->store);

	if (error != ERR_NONE) {
		engine->meta = engine->meta_before;
		sources_undo(&engine->sources);
		engine_counts_undo(&engine->counts);
		engine->turn_size = 0;
		return error;
	}
	sources_keep(&engine->sources);
	engine_counts_keep(&engine->counts);
	suspect_clear(engine);
	if (engine->turn_size > 0)
		engine->idle_since_us = engine->wall_us;
	engine->turn_size = 0;
	return ERR_NONE;
}

void engine_abort(struct engine *engine)
{
	store_abort(engine->store);
	engine->meta = engine->meta_before;
	sources_undo(&engine->sources);
	engine_counts_undo(&engine->counts);
	suspect_clear(engine);
	engine->turn_size = 0;
}

/* ---- rows that watchers of the live view shall hear about ---- */

void turn_touch(struct turn *turn, struct bytes key)
{
	struct touched *touched = turn->engine->touched;
	uint32_t slots = TOUCHED_MAX * 2;
	uint32_t slot = (uint32_t)hash_bytes(key) & (slots - 1);

	for (; touched->slots[slot] != 0; slot = (slot + 1) & (slots - 1))
		if (bytes_equal(touched->keys[touched->slots[slot] - 1], key))
			return;
	uint8_t *copy = touched->count < TOUCHED_MAX - 1 ? arena_take(&touched->arena, key.size) : NULL;
	if (copy == NULL)
		return; /* beyond the limit watchers see the row with its next change */
	memcpy(copy, key.data, key.size);
	touched->places[touched->count] = slot;
	touched->keys[touched->count++] = bytes_of(copy, key.size);
	touched->slots[slot] = touched->count;
}

bool turn_touched(struct turn *turn, const void *row, int64_t number)
{
	struct touched *touched = turn->engine->touched;
	uint64_t mixed = ((uintptr_t)row ^ (uint64_t)number << 40) * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = mixed >> 56;

	_Static_assert(TOUCHED_LATELY == 1 << 8, "eight bits are its index");
	if (touched->lately[at].row == row && touched->lately[at].number == number)
		return true;
	touched->lately[at].row = row;
	touched->lately[at].number = number;
	return false;
}

const struct bytes *engine_touched(struct engine *engine, uint32_t *count)
{
	struct touched *touched = engine->touched;

	*count = touched->count;
	if (touched->count > 0) {
		for (uint32_t i = 0; i < touched->count; i++)
			touched->slots[touched->places[i]] = 0;
		touched->count = 0;
		arena_reset(&touched->arena);
	}
	return touched->keys;
}
