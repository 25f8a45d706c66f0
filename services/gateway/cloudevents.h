/*
 * cloudevents.h -- events from a request's body: CloudEvents 1.0 as JSON, one or a batch, or packed events as at a door.
 *
 * It reads bytes from outside: whatever they are, the answer is events, or for each what is wrong with it, or what is wrong with all.
 */
#ifndef TRIBUTARY_GATEWAY_CLOUDEVENTS_H
#define TRIBUTARY_GATEWAY_CLOUDEVENTS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/check.h"

#define OFFERED_MAX 1000  /* events of one body */
#define FAULT_BYTES 200

enum body_kind { BODY_EVENT, BODY_BATCH, BODY_PACKED };

struct offered {
	struct text source; /* empty: not even that could be read */
	uint64_t epoch, seq;
	const char *service; /* whose door hears it */
	struct bytes event;  /* packed, envelope included */
	char fault[FAULT_BYTES]; /* empty: none */
};

/*
 * cloudevents_read -- every event of a body.
 *   shape   body ends with a zero behind size. now_us: the time of an event that names none.
 *   owns    texts and bytes lie in the arena; those of a packed body in the body.
 *   errors  ERR_SYNTAX and the like (*reason says what; no event then), ERR_TOO_MANY, ERR_TOO_LARGE (the arena is full).
 */
int cloudevents_read(enum body_kind kind, const char *body, size_t size, int64_t now_us, struct arena *arena, struct offered *events,
		     unsigned *count, char reason[FAULT_BYTES]) must_check;

#endif
