/*
 * fuzz_event.h -- bytes that unpack must pack, and unpack to the same again; others must be refused, and nothing worse.
 */
#ifndef TRIBUTARY_TESTS_FUZZ_FUZZ_EVENT_H
#define TRIBUTARY_TESTS_FUZZ_FUZZ_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "pack/event.h"

#define FUZZ_ARENA_BYTES (1u << 20)

/* fuzz_unpack -- bytes to a struct that lives until the arena is closed; NULL when they are refused. */
static inline void *fuzz_unpack(const struct event_type *type, struct bytes bytes, struct arena *arena)
{
	struct reader reader = reader_of(bytes);
	void *event = arena_take(arena, type->struct_size);
	int error;

	CHECK(event != NULL);
	error = type->unpack(event, &reader, arena);
	CHECK(error == reader.error);
	return reader_finish(&reader) == ERR_NONE ? event : NULL;
}

/* fuzz_pack -- a struct to bytes in the arena. */
static inline struct bytes fuzz_pack(const struct event_type *type, const void *event, struct arena *arena)
{
	struct writer writer = writer_of(arena_take(arena, type->bytes_max), type->bytes_max);

	CHECK(writer.buffer != NULL);
	type->pack(event, &writer);
	CHECK(writer.error == ERR_NONE);
	return writer_bytes(&writer);
}

/* fuzz_numbers -- with numbers for keys it is no longer, and with names again it is the same bytes. */
static inline void fuzz_numbers(const struct event_type *type, const void *event, struct bytes named)
{
	static uint8_t rooms[2][EVENT_OWN_BYTES_MAX];
	struct writer numbered = writer_of(rooms[0], sizeof(rooms[0])), back = writer_of(rooms[1], sizeof(rooms[1]));

	numbered.numbered = true;
	type->pack(event, &numbered);
	CHECK(numbered.error == ERR_NONE && numbered.used <= named.size);
	CHECK(event_data_named(type, writer_bytes(&numbered), &back) == ERR_NONE);
	CHECK(bytes_equal(writer_bytes(&back), named));
}

/* fuzz_event -- one input; returns whether it was accepted. The arena, of FUZZ_ARENA_BYTES, is reset. */
static inline bool fuzz_event(const struct event_type *type, struct bytes input, struct arena *arena)
{
	const char *field = NULL;
	struct bytes once, twice;
	void *event, *again;

	static uint8_t room[EVENT_OWN_BYTES_MAX];
	struct writer any = writer_of(room, sizeof(room));

	(void)!event_data_named(type, input, &any); /* whatever it is */
	arena_reset(arena);
	event = fuzz_unpack(type, input, arena);
	if (event == NULL)
		return false;
	CHECK(event_check(type, event, &field) == ERR_NONE);
	once = fuzz_pack(type, event, arena);
	again = fuzz_unpack(type, once, arena);
	CHECK(again != NULL);
	CHECK(event_equal(type, event, again));
	twice = fuzz_pack(type, again, arena);
	CHECK(bytes_equal(once, twice));
	fuzz_numbers(type, event, once);
	return true;
}

#endif
