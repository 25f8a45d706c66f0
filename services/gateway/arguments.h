/* arguments.h -- the arguments of a question to a door: a packed map. */
#ifndef TRIBUTARY_GATEWAY_ARGUMENTS_H
#define TRIBUTARY_GATEWAY_ARGUMENTS_H

#include "pack/reader.h"
#include "pack/writer.h"

struct question {
	uint8_t bytes[4096];
	struct writer writer;
	uint32_t count;
};

void question_begin(struct question *question);
void question_text(struct question *question, const char *name, const char *value);
void question_int(struct question *question, const char *name, int64_t value);
/* question_end -- the map; empty when it is too long. Lent. */
struct bytes question_end(struct question *question);

/* row_text, row_int -- a field of an answer's row. */
struct text row_text(struct bytes row, const char *key);
int64_t row_int(struct bytes row, const char *key, int64_t absent);

/*
 * cursor_text -- where an answer goes on, as text: the service's place and the door's bytes.   cursor_read -- back; false: it is none.
 */
#define CURSOR_BYTES_MAX 600
#define CURSOR_TEXT_SIZE (2 * CURSOR_BYTES_MAX + 4)

struct cursor {
	unsigned service;
	size_t size;
	uint8_t from[CURSOR_BYTES_MAX];
};

void cursor_text(const struct cursor *cursor, char out[CURSOR_TEXT_SIZE]);
bool cursor_read(const char *text, struct cursor *cursor) must_check;

#endif
