/*
 * writer.h -- pack msgpack into a buffer of fixed size, through msgpack-c, shortest forms only, so equal
 * values are equal bytes.
 *
 * A writer borrows its buffer. When the buffer is too small the error sticks and nothing more is written.
 */
#ifndef TRIBUTARY_PACK_WRITER_H
#define TRIBUTARY_PACK_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct writer {
	uint8_t *buffer;
	size_t size; /* of the buffer */
	size_t used;
	int error; /* ERR_NONE or ERR_TOO_LARGE */
	bool numbered; /* events' keys by their numbers: event.h */
};

static inline struct writer writer_of(void *buffer, size_t size)
{
	return (struct writer){.buffer = buffer, .size = size};
}

void writer_int(struct writer *writer, int64_t number);
void writer_uint(struct writer *writer, uint64_t number);
void writer_bool(struct writer *writer, bool value);
void writer_nil(struct writer *writer);
void writer_text(struct writer *writer, struct text text);
void writer_bin(struct writer *writer, struct bytes bytes);
void writer_array(struct writer *writer, uint32_t items);
void writer_map(struct writer *writer, uint32_t pairs);

/* writer_raw -- bytes that are msgpack already. */
void writer_raw(struct writer *writer, struct bytes packed);

/*
 * writer_array_later -- open an array whose count is told afterwards (array 32, five bytes); returns the
 * place for writer_array_count.
 */
size_t writer_array_later(struct writer *writer);
void writer_array_count(struct writer *writer, size_t place, uint32_t items);

static inline struct bytes writer_bytes(const struct writer *writer)
{
	return (struct bytes){writer->buffer, writer->used};
}

#endif
