/*
 * fuzz_envelope.c -- any bytes as an event: what is accepted keeps its promises, comes back the same when it
 * is written again, and its data goes to the decoder of its type.
 */
#include "base/arena.h"
#include "base/check.h"
#include "base/error.h"
#include "base/units.h"
#include "fuzz.h"
#include "pack/event.h"

#define ARENA_BYTES (4u << 20)

static void check_promises(const struct envelope *envelope)
{
	CHECK(envelope->seq >= 1);
	CHECK(envelope->source.size >= 1 && envelope->source.size <= SOURCE_TEXT_MAX);
	CHECK(envelope->type.size <= TYPE_TEXT_MAX);
	CHECK(envelope->subject.size <= SUBJECT_TEXT_MAX);
	CHECK(envelope->id.size <= ID_TEXT_MAX);
	CHECK(envelope->time_us <= NUMBER_MAX && envelope->time_us >= -NUMBER_MAX);
	CHECK(envelope->data.size >= 1);
}

static void check_same(const struct envelope *a, const struct envelope *b)
{
	CHECK(text_equal(a->id, b->id));
	CHECK(text_equal(a->source, b->source));
	CHECK(a->seq == b->seq);
	CHECK(text_equal(a->type, b->type));
	CHECK(text_equal(a->subject, b->subject));
	CHECK(a->time_us == b->time_us);
	CHECK(a->epoch == b->epoch);
	CHECK(text_equal(a->cause, b->cause));
	CHECK(a->recorded_us == b->recorded_us);
	CHECK(text_equal(a->trace, b->trace));
	CHECK(text_equal(a->correlation, b->correlation));
	CHECK(bytes_equal(a->data, b->data));
}

/* The decoder of the event's type, or of any type where there is none, so that every decoder is met. */
static void unpack(const struct envelope *envelope, struct arena *arena)
{
	const struct event_type *type = event_type_find(envelope->type);
	struct reader reader = reader_of(envelope->data);
	const char *field;

	if (type == NULL)
		type = event_types[envelope->seq % event_type_count];
	arena_reset(arena);
	void *event = arena_take(arena, type->struct_size);
	CHECK(event != NULL);
	int error = type->unpack(event, &reader, arena);
	CHECK(error == reader.error);
	if (reader_finish(&reader) == ERR_NONE)
		CHECK(event_check(type, event, &field) == ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena; /* of the process: libFuzzer has no place to keep it */
	static uint8_t buffer[1 << 20];
	struct writer writer = writer_of(buffer, sizeof(buffer));
	struct reader reader = reader_of(bytes_of(data, size));
	struct envelope envelope, again;

	if (arena.block == NULL)
		CHECK(arena_open(&arena, ARENA_BYTES) == ERR_NONE);
	envelope_read(&reader, &envelope);
	if (reader_finish(&reader) != ERR_NONE) {
		CHECK(reader.failed_at <= size);
		CHECK(reader.error == ERR_TRAILING || reader.field != NULL);
		return 0;
	}
	check_promises(&envelope);
	envelope_write(&writer, &envelope);
	CHECK(writer.error == ERR_NONE);
	struct reader back = reader_of(writer_bytes(&writer));
	envelope_read(&back, &again);
	CHECK(reader_finish(&back) == ERR_NONE);
	check_same(&envelope, &again);
	unpack(&envelope, &arena);
	return 0;
}
