/*
 * samples.h -- the golden samples of an event type: the same data as JSON and as bytes.
 *
 * Bytes lie in a heap block of exactly their size, so that a sanitizer catches a read beyond them.
 */
#ifndef TRIBUTARY_TESTS_GOLDEN_SAMPLES_H
#define TRIBUTARY_TESTS_GOLDEN_SAMPLES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "pack/event.h"

#define SAMPLES_MAX 64
#define SAMPLES_ARENA_BYTES (1u << 20)

struct sample {
	char name[64]; /* "1-least": version and case */
	char *json;
	struct bytes bytes;
};

/* samples_read -- every sample of a type.   owns  gives; samples_free takes back. Returns how many. */
unsigned samples_read(const struct event_type *type, struct sample samples[SAMPLES_MAX]);
void samples_free(struct sample samples[SAMPLES_MAX], unsigned count);

/* samples_copy -- bytes in a heap block of exactly their size; the caller frees it. */
uint8_t *samples_copy(struct bytes bytes);

/* samples_unpack -- bytes to a struct in the arena, nothing left over; the failure in *error, its field in *field. */
void *samples_unpack(const struct event_type *type, struct bytes bytes, struct arena *arena, int *error,
		     const char **field);

/* samples_folder -- writes the name of a type as it stands in files and in C: sale_recorded. */
void samples_c_name(const struct event_type *type, char name[TYPE_TEXT_MAX + 1]);

#endif
