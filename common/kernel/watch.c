/* watch.c -- the live view of a service: every row once, then the rows that change; a slow reader gets the latest, not the history. */
#include <stdlib.h>

#include "base/hash.h"
#include "kernel/node_inside.h"
#include "kernel/scope.h"

#define WATCH_ROWS_MAX 1000000

/* A row that the watcher has yet to hear. */
struct pending {
	UT_hash_handle hh;
	size_t size;
	uint8_t key[];
};

struct watch {
	struct pending *pending;
	bool owes_all; /* every row is to be said once more, as soon as the store can be read */
};

static void pending_add(struct watch *watch, struct bytes key)
{
	struct pending *pending = NULL;

	HASH_FIND(hh, watch->pending, key.data, key.size, pending);
	if (pending != NULL || HASH_COUNT(watch->pending) >= WATCH_ROWS_MAX)
		return;
	pending = malloc(sizeof(*pending) + key.size);
	CHECK(pending != NULL);
	pending->size = key.size;
	memcpy(pending->key, key.data, key.size);
	HASH_ADD_KEYPTR(hh, watch->pending, pending->key, pending->size, pending);
}

static void snapshot(struct query *query, void *context)
{
	struct watch *watch = context;
	unsigned table = engine_service(query_engine(query))->view_table;
	struct bytes key = {0};

	for (query_seek(query, table, key, &key); key.data != NULL; query_next(query, table, &key))
		pending_add(watch, key);
}

struct watch *watch_open(struct subscription *subscription)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	CHECK(watch != NULL);
	subscription->position = 0;
	watch->owes_all = true;
	return watch;
}

void watch_close(struct watch **out)
{
	struct watch *watch = *out;
	struct pending *pending, *next;

	if (watch == NULL)
		return;
	HASH_ITER(hh, watch->pending, pending, next) {
		HASH_DEL(watch->pending, pending);
		free(pending);
	}
	free(watch);
	*out = NULL;
}

void watch_changed(struct node *node, struct watch *watch, const struct bytes *keys, uint32_t count)
{
	(void)node;
#if defined(MUTANT_CONFLATION_DROPS_LAST)
	count = watch->pending == NULL ? count : 0;
#endif
	for (uint32_t i = 0; i < count; i++)
		pending_add(watch, keys[i]);
}

struct rendering {
	struct node *node;
	struct subscription *subscription;
	const struct guard_principal *who;
	struct writer events;
	uint32_t count;
	struct arena arena;
};

static bool key_wanted(const struct subscription *s, struct text subject)
{
	for (uint32_t i = 0; i < s->key_count; i++)
		if (text_equal(s->keys[i], subject))
			return true;
	return s->key_count == 0;
}

static void render_one(struct rendering *r, struct query *query, struct bytes key)
{
	const struct service *service = engine_service(r->node->engine);
	const struct event_type *type = service->view_type;
	struct envelope envelope = {.source = text_of(service->name), .type = text_of(type->name)};

	arena_reset(&r->arena);
	void *event = arena_take(&r->arena, type->struct_size);
	memset(event, 0, type->struct_size);
	if (!service->view_render(query, key, event, &r->arena))
		return;
	if (type->subject_field != NULL)
		memcpy(&envelope.subject, (const char *)event + type->subject_offset, sizeof(envelope.subject));
	for (uint32_t i = 0; i < type->field_count; i++)
		if (strcmp(type->fields[i].name, "watermark") == 0)
			memcpy(&envelope.time_us, (const char *)event + type->fields[i].offset, sizeof(envelope.time_us));
	struct scope scope = scope_of_struct(type, event);
#if defined(MUTANT_VIEW_UNSCOPED)
	scope.outlet = text_of(r->who->place_count > 0 ? r->who->places[0] : "");
#endif
	if (!key_wanted(r->subscription, envelope.subject) || !guard_sees(r->who, scope.outlet, scope.warehouse))
		return;
	envelope.seq = r->subscription->position + r->count + 1;
	envelope_write(&r->events, &envelope);
	type->pack(event, &r->events);
	r->count++;
}

static void render(struct query *query, void *context)
{
	struct rendering *r = context;
	struct watch *watch = r->subscription->watch;
	struct pending *pending, *next;

	HASH_ITER(hh, watch->pending, pending, next) {
		if (r->count >= r->subscription->credit || r->events.used > BATCH_BYTES || query_failure(query) != ERR_NONE)
			return;
		render_one(r, query, bytes_of(pending->key, pending->size));
		HASH_DEL(watch->pending, pending);
		free(pending);
	}
}

bool watch_is_behind(const struct watch *watch)
{
	return watch->pending != NULL || watch->owes_all;
}

void watch_pump(struct node *node, struct session *session, struct subscription *s)
{
	static uint8_t buffer[BATCH_BYTES + EVENT_OWN_BYTES_MAX]; /* house: large, and the loop's thread is one */
	struct rendering r = {.node = node, .subscription = s, .who = session->who};

	if (s->watch->owes_all)
		s->watch->owes_all = query_with_view(node->engine, snapshot, s->watch) != ERR_NONE;
	while (s->credit > 0 && s->watch->pending != NULL) {
		r.events = writer_of(buffer, sizeof(buffer));
		r.count = 0;
		if (arena_open(&r.arena, 1 << 16) != ERR_NONE)
			return;
		int error = query_with_view(node->engine, render, &r);
		arena_close(&r.arena);
		if (error != ERR_NONE) { /* rows may be gone from the list that were not rendered whole */
			s->watch->owes_all = true;
			return;
		}
		CHECK(r.events.error == ERR_NONE); /* there was room for one more */
		if (r.count == 0)
			return;
		struct writer frame = writer_of(node->frame, node->frame_size);
		message_write_batch(&frame, s->id, text_of(engine_service(node->engine)->name), node->epoch, s->position,
				    s->position + r.count, s->position + r.count, writer_bytes(&r.events), r.count);
		CHECK(frame.error == ERR_NONE);
		if (node_send(node, &session->peer, writer_bytes(&frame)) != ERR_NONE) {
			s->watch->owes_all = true; /* what was lost is said with everything again */
			return;
		}
		s->position += r.count;
		s->credit -= r.count;
	}
}
