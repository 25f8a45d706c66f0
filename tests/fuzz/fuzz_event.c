/* fuzz_event.c -- any bytes as the data of an event: the first byte chooses the type, so every generated decoder is met. */
#include "fuzz_event.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena; /* of the process: libFuzzer has no place to keep it */

	if (size == 0)
		return 0;
	if (arena.block == NULL)
		CHECK(arena_open(&arena, FUZZ_ARENA_BYTES) == ERR_NONE);
	(void)fuzz_event(event_types[data[0] % event_type_count], bytes_of(data + 1, size - 1), &arena);
	return 0;
}
