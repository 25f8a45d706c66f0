/*
 * line.h -- conversations of the gateway with the doors: one for each token, service and use, opened when it is needed, kept for the
 * next request, closed when nobody has needed it for a while.
 *
 * A line never waits. What is asked, published or subscribed to is said again after a door was started anew, until it is answered or
 * its time is over. It does not decide what anybody may see: the door does, by the token that the line shows.
 *
 * Caveats
 * - A line has one use: what is asked does not wait behind what is published.
 * - Callbacks come from the loop, or from line_ask and the like at once when there is no room.
 */
#ifndef TRIBUTARY_GATEWAY_LINE_H
#define TRIBUTARY_GATEWAY_LINE_H

#include "bus/bus.h"
#include "pack/message.h"
#include "params/params.h"

#define TOKEN_MAX 200
#define LINES_MAX 256	/* conversations at a time */
#define LINE_FEEDS_MAX 12 /* subscriptions of one line; a door takes 16 of a session */

enum line_use { LINE_ASK, LINE_ACT, LINE_PUBLISH, LINE_FEED };

struct lines;
struct line;

/* How something ended: error ERR_NONE, or why not, with the door's word and sentence where it had one. */
struct line_end {
	int error; /* ERR_UNREACHABLE, ERR_TIMEOUT, ERR_FORBIDDEN (the token is nobody's), ERR_USAGE (the door refused it), ERR_AGAIN (no room) */
	struct text code, text;
	uint64_t after_ms; /* it may be said again then; 0: the door does not say */
};

/* line_is_final -- whether it is about the token, so that another service would end it the same way. */
bool line_is_final(const struct line_end *end);

/* One page of an answer; message NULL: there is none, see end. Borrowed. */
typedef void line_on_reply(void *context, const struct line_end *end, const struct message *message);

/* What became of a run of events: message is the ack or the resend that is the last word about it, NULL: see end. */
typedef void line_on_said(void *context, const struct line_end *end, const struct message *message);

/* A batch or a head of a subscription, a pong (head only), or its end (message NULL). */
typedef void line_on_feed(void *context, const struct line_end *end, const struct message *message);

struct line_run {
	struct text source;
	uint64_t epoch, first, last;
	struct bytes events; /* last - first + 1 packed envelopes; copied */
};

struct line_wish {
	const struct text *types, *keys;
	uint32_t type_count, key_count;
	uint64_t from;	 /* 0: only what is new */
	uint64_t credit;
	bool is_view;	 /* it begins anew after a lost connection */
};

int lines_open(struct lines **lines, struct bus *bus, const struct params *params) must_check;
void lines_close(struct lines **lines);

/* line_ask -- one page.  units  timeout_ms.  owns  copies what, arguments, from. Always answers, once. */
void line_ask(struct lines *lines, enum line_use use, const char *token, unsigned service, const char *what, struct bytes arguments,
	      struct bytes from, uint64_t timeout_ms, line_on_reply *on_reply, void *context);

/* line_publish -- one run of one source. Always answers, once: when it is durable, refused, or its time is over. */
void line_publish(struct lines *lines, const char *token, unsigned service, const struct line_run *run, uint64_t timeout_ms,
		  line_on_said *on_said, void *context);

/*
 * line_follow -- subscribe.   line_credit -- so many more may come.   line_unfollow -- stop; on_feed is not called any more.
 *   owns    copies the wish; gives a handle until line_unfollow, also after its end was told.
 *   errors  NULL: no room.
 */
struct feed *line_follow(struct lines *lines, const char *token, unsigned service, const struct line_wish *wish, line_on_feed *on_feed,
			 void *context);
void line_credit(struct feed *feed, uint64_t events, uint64_t through);
void line_unfollow(struct feed **feed);

/* lines_count -- conversations that are open.   lines_reach -- whether this door has answered anybody lately (5 s). */
unsigned lines_count(const struct lines *lines);
bool lines_reach(const struct lines *lines, unsigned service);

#endif
