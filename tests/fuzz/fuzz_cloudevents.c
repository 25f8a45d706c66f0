/*
 * fuzz_cloudevents.c -- any bytes as the body of a post, the first byte chooses the kind: whatever is taken is an event that a door can read, under
 * the source and the sequence that it was said to have.
 */
#include "cloudevents.h"

#include <string.h>

#include "base/error.h"
#include "fuzz.h"
#include "pack/envelope.h"

static void look(const struct offered *event, enum body_kind kind)
{
	struct reader reader = reader_of(event->event);
	struct envelope envelope;

	if (event->fault[0] != 0) {
		CHECK(strlen(event->fault) < FAULT_BYTES);
		return;
	}
	envelope_read(&reader, &envelope);
	CHECK(reader_finish(&reader) == ERR_NONE);
	CHECK(event->service != NULL && event->event.size <= EVENT_BYTES_MAX);
	CHECK(text_equal(envelope.source, event->source) && envelope.seq == event->seq && event->seq >= 1);
	CHECK(kind == BODY_PACKED || event->source.size <= SOURCE_TEXT_MAX);
	CHECK(event->epoch >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct offered events[OFFERED_MAX]; /* of the process: they are large */
	static struct arena arena;
	char reason[FAULT_BYTES] = "";
	unsigned count = 0;

	if (size == 0 || size > 65536)
		return 0;
	if (arena.block == NULL)
		CHECK(arena_open(&arena, 8 << 20) == ERR_NONE);
	arena_reset(&arena);
	enum body_kind kind = (enum body_kind)(data[0] % 3);
	char *body = malloc(size);
	CHECK(body != NULL);
	memcpy(body, data + 1, size - 1);
	body[size - 1] = 0;
	int error = cloudevents_read(kind, body, size - 1, 1, &arena, events, &count, reason);
	CHECK(error == ERR_NONE ? count > 0 : count == 0 && reason[0] != 0);
	for (unsigned i = 0; i < count; i++)
		look(&events[i], kind);
	free(body);
	return 0;
}
