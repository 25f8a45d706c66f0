/* turn.c -- what a handler may do: rows, events, refusals, memory. */
#include "turn.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

const struct input *turn_input(const struct turn *turn)
{
	return &turn->input;
}

struct bytes turn_get(struct turn *turn, unsigned table, struct bytes key)
{
	return store_get(turn->engine->store, KERNEL_TABLES + table, key);
}

void *turn_edit(struct turn *turn, unsigned table, struct bytes key, size_t size)
{
	return store_edit(turn->engine->store, KERNEL_TABLES + table, key, size);
}

bool turn_must(const struct turn *turn, bool is_there)
{
	CHECK(is_there || store_failure(turn->engine->store) != ERR_NONE);
	return is_there;
}

void turn_expect(struct turn *turn, unsigned table, const struct bytes *keys, unsigned count)
{
	store_expect(turn->engine->store, KERNEL_TABLES + table, keys, count);
}

void turn_put(struct turn *turn, unsigned table, struct bytes key, struct bytes value)
{
	store_put(turn->engine->store, KERNEL_TABLES + table, key, value);
}

void turn_del(struct turn *turn, unsigned table, struct bytes key)
{
	store_del(turn->engine->store, KERNEL_TABLES + table, key);
}

struct bytes turn_seek(struct turn *turn, unsigned table, struct bytes key, struct bytes *found_key)
{
	return store_seek(turn->engine->store, KERNEL_TABLES + table, key, found_key);
}

bool turn_own_event(struct turn *turn, uint64_t seq, struct envelope *envelope)
{
	struct bytes event = store_log_get(turn->engine->store, KERNEL_JOURNAL, seq);
	struct reader reader = reader_of(event);

	if (event.data == NULL)
		return false;
	envelope_read(&reader, envelope);
	CHECK(reader_finish(&reader) == ERR_NONE); /* we wrote it, and its checksum holds */
	return true;
}

uint64_t turn_next_seq(const struct turn *turn)
{
	return turn->engine->meta.head + 1;
}

void *turn_take(struct turn *turn, size_t size)
{
	void *memory = arena_take(&turn->event_arena, size);

	CHECK(memory != NULL); /* an input is bounded, so what its handler needs is: a bug, kept by the suspect guard */
	return memory;
}

void *turn_notes(struct turn *turn, size_t size)
{
	CHECK(size <= TURN_NOTES_BYTES);
	turn->engine->notes_size = size;
	return turn->engine->notes;
}

struct arena *turn_arena(struct turn *turn)
{
	return &turn->event_arena;
}

struct text turn_text(struct turn *turn, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	CHECK(size >= 0);
	struct text whole = {text, (uint32_t)size < sizeof(text) ? (uint32_t)size : (uint32_t)sizeof(text) - 1};
	struct text kept = text_cut(whole, TURN_TEXT_MAX);
	char *copy = turn_take(turn, kept.size + 1);
	memcpy(copy, kept.data, kept.size);
	return (struct text){copy, kept.size};
}

static struct text event_subject(const struct event_type *type, const void *event)
{
	struct text subject = {0};

	if (type->subject_field != NULL)
		memcpy(&subject, (const char *)event + type->subject_offset, sizeof(subject));
	return subject;
}

/* Mostly the same as before. */
static struct text name_of(struct engine *engine, const struct event_type *type)
{
	if (engine->saying != type) {
		engine->saying = type;
		engine->saying_name = text_of(type->name);
	}
	return engine->saying_name;
}

uint64_t turn_emit(struct turn *turn, const struct event_type *type, const void *event)
{
	struct engine *engine = turn->engine;
	struct writer writer = writer_of(engine->scratch, EVENT_OWN_BYTES_MAX);
	const char *field = NULL;
	struct envelope envelope = {.source = engine->name,
				    .seq = engine->meta.head + 1,
				    .type = name_of(engine, type),
				    .time_us = turn->input.time_us,
				    .cause = turn->input.id,
				    .recorded_us = turn->input.now_us};

	if (store_failure(engine->store) != ERR_NONE)
		return 0; /* computed from zero values of a broken turn: void with it */
	CHECK(event_check(type, event, &field) == ERR_NONE);
	envelope.subject = event_subject(type, event);
	envelope_write(&writer, &envelope);
	writer.numbered = true; /* K31 */
	type->pack(event, &writer);
	CHECK(writer.error == ERR_NONE);
	engine->meta.head++;
	store_append(engine->store, KERNEL_JOURNAL, engine->meta.head, writer_bytes(&writer));
	tally_turn(&engine->counts.said, type->name, 1);
	return engine->meta.head;
}

void turn_refuse(struct turn *turn, const char *code, struct text message)
{
	turn->refused = true;
	turn->refusal = (struct refusal){.seq = turn->input.seq, .code = text_of(code), .message = message};
}

int64_t turn_setting(const struct turn *turn, unsigned setting)
{
	return engine_setting(turn->engine, setting);
}
