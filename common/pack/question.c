/* question.c -- packing what is asked. */
#include "pack/question.h"

#include "base/error.h"

#define HEAD_BYTES 3 /* a map 16, whose count is known in the end */

void question_begin(struct question *question)
{
	question->writer = writer_of(question->bytes, sizeof(question->bytes));
	question->writer.used = HEAD_BYTES;
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
	return question->writer.error == ERR_NONE ? writer_bytes(&question->writer) : (struct bytes){0};
}
