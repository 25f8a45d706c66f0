/* fuzz_apply.c -- any text as a file of `tributary apply`: each record that is taken is a good event, and no file is read without end. */
#include "../../services/tributary/apply.h"
#include "base/error.h"
#include "file.h"
#include "fuzz.h"
#include "scene.h"

#define ARENA_BYTES (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena; /* of the process: libFuzzer has no place to keep it */
	static uint8_t packed[EVENT_OWN_BYTES_MAX];
	unsigned count = 0;

	if (size > 16384)
		return 0;
	if (arena.block == NULL)
		CHECK(arena_open(&arena, ARENA_BYTES) == ERR_NONE);
	arena_reset(&arena);
	struct records records = {.arena = arena};
	records.end = &records.first;
	FILE *loud = file_hush();
	const char *file = file_of(bytes_of(data, size));
	if (scene_enter(0))
		scene_keep(); /* nothing is prepared */
	(void)!apply_read(&records, file);
	scene_leave();
	stderr = loud;
	for (const struct record *record = records.first; record != NULL; record = record->next, count++) {
		struct writer writer = writer_of(packed, sizeof(packed));
		const char *field;

		if (records.wrong > 0)
			continue; /* nothing of such a file is sent */
		CHECK(event_check(record->type, record->event, &field) == ERR_NONE);
		record->type->pack(record->event, &writer);
		CHECK(writer.error == ERR_NONE);
	}
	CHECK(count == records.count);
	return 0;
}
