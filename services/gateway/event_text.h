/* event_text.h -- an event of a journal as JSON, with the keys that `tributary tail --json` gives it. */
#ifndef TRIBUTARY_GATEWAY_EVENT_TEXT_H
#define TRIBUTARY_GATEWAY_EVENT_TEXT_H

#include "buffer.h"
#include "pack/envelope.h"

/* event_text -- appends one object; errors sticky in the buffer. */
void event_text(struct buffer *buffer, const struct envelope *envelope, uint64_t epoch);

/* words_split -- "a,b,c" as texts, at most `most` of them; borrows. Returns how many, most + 1 when there are more. */
unsigned words_split(const char *words, struct text *out, unsigned most);
bool words_have(const struct text *words, unsigned count, struct text wanted);

#endif
