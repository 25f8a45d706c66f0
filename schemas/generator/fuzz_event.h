/*
 * fuzz_event.h -- bytes that unpack must pack, and unpack to the same again; others must be refused, and nothing worse.
 *
 * A generated target names its event in FUZZ_TYPE before it includes this file. Linked with libFuzzer (FUZZ_ENGINE) it
 * is driven by that; else it has a main that replays the files and folders it is called with.
 */
#ifndef TRIBUTARY_FUZZ_FUZZ_EVENT_H
#define TRIBUTARY_FUZZ_FUZZ_EVENT_H

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"
#include "pack/event.h"

#define FUZZ_ARENA_BYTES (1u << 20)
#define FUZZ_PATH_BYTES 4096

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

/* fuzz_event -- one input; returns whether it was accepted. The arena, of FUZZ_ARENA_BYTES, is reset. */
static inline bool fuzz_event(const struct event_type *type, struct bytes input, struct arena *arena)
{
	const char *field = NULL;
	struct bytes once, twice;
	void *event, *again;

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
	return true;
}

/* fuzz_replay_file -- one input from a file, in a block of exactly its size, so that a read beyond it is caught. */
static inline void fuzz_replay_file(const struct event_type *type, const char *path, size_t size, struct arena *arena)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size > 0 ? size : 1);

	CHECK(file != NULL);
	CHECK(data != NULL);
	CHECK(fread(data, 1, size, file) == size);
	fclose(file);
	fuzz_event(type, bytes_of(data, size), arena);
	free(data);
}

/* fuzz_replay -- a file, or every file of a folder; returns how many there were, 0 for a path that is not there. */
static inline unsigned fuzz_replay(const struct event_type *type, const char *path, struct arena *arena)
{
	char inner[FUZZ_PATH_BYTES];
	struct dirent *entry;
	unsigned count = 0;
	struct stat found;
	DIR *folder;

	if (stat(path, &found) != 0)
		return 0;
	if (!S_ISDIR(found.st_mode)) {
		fuzz_replay_file(type, path, (size_t)found.st_size, arena);
		return 1;
	}
	folder = opendir(path);
	CHECK(folder != NULL);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK(snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner);
		count += fuzz_replay(type, inner, arena);
	}
	closedir(folder);
	return count;
}

#endif

#ifdef FUZZ_TYPE
#ifdef FUZZ_ENGINE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena; /* of the process: libFuzzer has no place to keep it */

	if (arena.block == NULL)
		CHECK(arena_open(&arena, FUZZ_ARENA_BYTES) == ERR_NONE);
	fuzz_event(&FUZZ_TYPE, bytes_of(data, size), &arena);
	return 0;
}

#else

int main(int argc, char **argv)
{
	struct arena arena;
	unsigned count = 0;

	CHECK(arena_open(&arena, FUZZ_ARENA_BYTES) == ERR_NONE);
	for (int i = 1; i < argc; i++)
		count += fuzz_replay(&FUZZ_TYPE, argv[i], &arena);
	arena_close(&arena);
	printf("%u inputs\n", count);
	return count > 0 ? 0 : 1;
}

#endif
#endif
