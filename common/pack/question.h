/*
 * question.h -- the arguments of a question to a door: a packed map, its keys in the order of the calls.
 */
#ifndef TRIBUTARY_PACK_QUESTION_H
#define TRIBUTARY_PACK_QUESTION_H

#include "pack/writer.h"

#define QUESTION_BYTES 4096

struct question {
	uint8_t bytes[QUESTION_BYTES];
	struct writer writer;
	uint16_t count;
};

void question_begin(struct question *question);

/* question_text -- one argument; none for a value that is NULL.   question_int -- one argument. */
void question_text(struct question *question, const char *name, const char *value);
void question_int(struct question *question, const char *name, int64_t value);

/*
 * question_end -- the map. Empty, which no map is, when the arguments are longer than QUESTION_BYTES.
 *   owns  lent until the next question_begin.
 */
struct bytes question_end(struct question *question);

#endif
