/*
 * buffer.h -- text that grows, up to a bound: bodies of answers.
 *
 * The first failure sticks (ERR_MEMORY, ERR_TOO_LARGE); whoever builds an answer looks once, at the end. A body is shared: several
 * requests may send the same one.
 */
#ifndef TRIBUTARY_GATEWAY_BUFFER_H
#define TRIBUTARY_GATEWAY_BUFFER_H

#include "base/bytes.h"
#include "base/check.h"

#define BUFFER_BYTES_MAX (64u << 20)

struct buffer {
	char *bytes;
	size_t used, room;
	int error;
};

void buffer_put(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* buffer_quoted -- as a JSON string.   buffer_packed -- a packed value as JSON. */
void buffer_quoted(struct buffer *buffer, struct text text);
void buffer_packed(struct buffer *buffer, struct bytes value);
void buffer_free(struct buffer *buffer);

/* struct body -- bytes that are freed when the last who holds them lets go. */
struct body {
	unsigned holders;
	size_t size;
	uint8_t bytes[];
};

/* body_of -- what was built, in a body with one holder; NULL when the building failed. The buffer is empty then. */
struct body *body_of(struct buffer *buffer);
struct body *body_copy(struct bytes bytes);
struct body *body_hold(struct body *body);
void body_release(struct body **body);

#endif
