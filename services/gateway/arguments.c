/* arguments.c -- packing what is asked, finding fields of what is answered. */
#include "arguments.h"

#include <stdio.h>

#include "base/error.h"
#include "params/params.h"

void question_begin(struct question *question)
{
	question->writer = writer_of(question->bytes, sizeof(question->bytes));
	question->writer.used = 3; /* room for the head: a map 16 */
	question->count = 0;
}

void question_text(struct question *question, const char *name, const char *value)
{
	if (value == NULL)
		return;
	writer_text(&question->writer, text_of(name));
	writer_text(&question->writer, text_of(value));
	question->count++;
}

void question_int(struct question *question, const char *name, int64_t value)
{
	writer_text(&question->writer, text_of(name));
	writer_int(&question->writer, value);
	question->count++;
}

struct bytes question_end(struct question *question)
{
	question->bytes[0] = 0xde;
	question->bytes[1] = (uint8_t)(question->count >> 8);
	question->bytes[2] = (uint8_t)question->count;
	return question->writer.error == ERR_NONE ? writer_bytes(&question->writer) : bytes_of(NULL, 0);
}

static bool row_find(struct bytes row, const char *key, struct reader *value)
{
	struct reader reader = reader_of(row);

	for (uint32_t pairs = reader_map(&reader, 1000); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		if (text_equal(reader_text(&reader, 200), text_of(key))) {
			*value = reader;
			return reader.error == ERR_NONE;
		}
		reader_skip(&reader);
	}
	return false;
}

struct text row_text(struct bytes row, const char *key)
{
	struct reader value;

	return row_find(row, key, &value) && reader_peek(&value) == READER_TEXT ? reader_text(&value, UINT32_MAX) : (struct text){0};
}

int64_t row_int(struct bytes row, const char *key, int64_t absent)
{
	struct reader value;

	return row_find(row, key, &value) && reader_peek(&value) == READER_INT ? reader_int(&value) : absent;
}

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
