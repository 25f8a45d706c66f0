/* live.h -- WebSockets with the tail of the journals; tail.c hears, live.c shows. */
#ifndef TRIBUTARY_GATEWAY_LIVE_H
#define TRIBUTARY_GATEWAY_LIVE_H

#include "event_text.h"
#include "request.h"

#define LIVE_WORDS_MAX 32
#define LIVE_QUEUE_MAX 256 /* events that wait for a reader */

struct tail;

/* One that looks. */
struct live {
	struct live *next;
	struct lws *handle;
	struct tail *tail;
	char *words; /* what types and outlets lie in */
	struct text types[LIVE_WORDS_MAX + 1], outlets[LIVE_WORDS_MAX + 1];
	unsigned type_count, outlet_count;
	uint8_t services; /* a bit for each */
	int64_t rate, allowance_milli, filled_us;
	struct body *queue[LIVE_QUEUE_MAX];
	unsigned from, count;
	uint64_t dropped;
	size_t heard; /* bytes of the message that is coming in */
};

/* tail_join -- hear the journals of this token; false: no room.   tail_leave -- no more. */
bool tail_join(struct gateway *gateway, const char *token, struct live *live) must_check;
void tail_leave(struct live *live);

/* live_offer -- an event that this one may want; text is made once for all. */
void live_offer(struct live *live, const struct envelope *envelope, unsigned service, struct body *text);
/* live_drop -- the token is nobody's any more. */
void live_drop(struct live *live);

#endif
