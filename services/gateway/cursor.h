/* cursor.h -- where an answer goes on, as a text that callers keep. */
#ifndef TRIBUTARY_GATEWAY_CURSOR_H
#define TRIBUTARY_GATEWAY_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

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
