/* cursor.c -- where an answer goes on, for callers who keep it. */
#include "cursor.h"

#include <stdio.h>

#include "params/params.h"

void cursor_text(const struct cursor *cursor, char out[CURSOR_TEXT_SIZE])
{
	int used = snprintf(out, CURSOR_TEXT_SIZE, "%u.", cursor->service);

	for (size_t i = 0; i < cursor->size; i++)
		used += snprintf(out + used, CURSOR_TEXT_SIZE - (size_t)used, "%02x", cursor->from[i]);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cursor_read(const char *text, struct cursor *cursor)
{
	*cursor = (struct cursor){.service = (unsigned)digit_of(text[0])};
	if (text[0] == 0 || cursor->service >= PARAMS_SERVICES || text[1] != '.')
		return false;
	for (const char *at = text + 2; *at != 0; at += 2) {
		int high = digit_of(at[0]), low = at[1] != 0 ? digit_of(at[1]) : -1;

		if (high < 0 || low < 0 || cursor->size == CURSOR_BYTES_MAX)
			return false;
		cursor->from[cursor->size++] = (uint8_t)(high << 4 | low);
	}
	return true;
}
