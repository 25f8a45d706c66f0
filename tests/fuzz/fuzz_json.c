/*
 * fuzz_json.c -- any text as JSON: the strict look never passes what the parser behind it refuses; an event
 * that is accepted from JSON is a good event, and the same after a way through bytes and JSON again. The
 * first byte chooses the event type.
 */
#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/error.h"
#include "fuzz.h"
#include "pack/event.h"
#include "pack/json.h"

#define ARENA_BYTES (8u << 20)

static void round_trip(const struct event_type *type, const void *event, struct arena *arena)
{
	static char json[1 << 20];
	struct writer writer = writer_of(arena_take(arena, type->bytes_max), type->bytes_max);
	void *again = arena_take(arena, type->struct_size);
	const char *field;
	char message[200];

	CHECK(writer.buffer != NULL);
	CHECK(again != NULL);
	CHECK(event_check(type, event, &field) == ERR_NONE);
	type->pack(event, &writer);
	CHECK(writer.error == ERR_NONE);
	CHECK(event_to_json(type, writer_bytes(&writer), json, sizeof(json)) == ERR_NONE);
	CHECK(event_from_json(type, json, again, arena, message, sizeof(message)) == ERR_NONE);
	CHECK(event_equal(type, event, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena; /* of the process: libFuzzer has no place to keep it */
	char message[200] = "";
	size_t failed_at;

	if (size == 0 || size > 4096)
		return 0;
	if (arena.block == NULL)
		CHECK(arena_open(&arena, ARENA_BYTES) == ERR_NONE);
	const struct event_type *type = event_types[data[0] % event_type_count];
	char *text = malloc(size);
	CHECK(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;

	int checked = json_check(text, &failed_at);
	CHECK(failed_at <= strlen(text));
	cJSON *parsed = cJSON_Parse(text);
	CHECK(checked != ERR_NONE || parsed != NULL);
	cJSON_Delete(parsed);

	arena_reset(&arena);
	void *event = arena_take(&arena, type->struct_size);
	CHECK(event != NULL);
	int error = event_from_json(type, text, event, &arena, message, sizeof(message));
	CHECK(checked == ERR_NONE || error == checked);
	CHECK(error == ERR_NONE || message[0] != 0);
	if (error == ERR_NONE)
		round_trip(type, event, &arena);
	free(text);
	return 0;
}
