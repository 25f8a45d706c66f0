/*
 * message.h -- the sentences that are spoken at a door, both directions: one msgpack array each, its first
 * element says which.
 *
 * A message is read into one struct whatever its kind; only the members that its kind names are set.
 * Everything borrows from the frame. Events inside publish and batch are left packed: count and bytes, to be
 * taken one by one with reader_value.
 *
 *   hello        version name sources{source epoch} [options]        -> door   (options: a map that may hold "token": text,
 *                and "numbers": true: events' keys may come by their numbers)
 *   publish      session source epoch first_seq events               -> door
 *   ping         session sources{source epoch seq}                   -> door   (seq: the source's head)
 *   subscribe    session sub types keys from credit                  -> door
 *   credit       session sub credit durable                          -> door
 *   unsubscribe  session sub                                         -> door
 *   query        session id what arguments                           -> door   (arguments may hold "from":
 *                bin)
 *   welcome      version service epoch head session sources{source epoch seq} time_us      (seq: the next
 *                that is wanted; 0: fenced)
 *   ack          source epoch through ranges refusals
 *   resend       source epoch seq code text after_ms                 (seq: the next that is wanted)
 *   batch        sub source epoch after through head events
 *   head         sub source epoch head through                       (through: how far this subscription was
 *                sent)
 *   reply        id more rows from
 *   pong         time_us epoch head
 *   error        code text [about]            (about: a map of what was said that is not done: "query" id, or
 *                "sub" sub, or "source", "epoch" and "seq", the first of a publish; and "after_ms": when it may be
 *                said again)
 */
#ifndef TRIBUTARY_PACK_MESSAGE_H
#define TRIBUTARY_PACK_MESSAGE_H

#include "pack/envelope.h"

#define MESSAGE_VERSION 1
#define MESSAGE_SOURCES_MAX 1024
#define MESSAGE_TYPES_MAX 256
#define MESSAGE_EVENTS_MAX 65536
#define MESSAGE_RANGES_MAX 1024
#define MESSAGE_REFUSALS_MAX 65536
#define MESSAGE_CODE_MAX 40
#define MESSAGE_TEXT_MAX 400
#define MESSAGE_TOKEN_MAX 200

enum message_kind {
	MESSAGE_HELLO,
	MESSAGE_PUBLISH,
	MESSAGE_PING,
	MESSAGE_SUBSCRIBE,
	MESSAGE_CREDIT,
	MESSAGE_UNSUBSCRIBE,
	MESSAGE_QUERY,
	MESSAGE_WELCOME,
	MESSAGE_ACK,
	MESSAGE_RESEND,
	MESSAGE_BATCH,
	MESSAGE_HEAD,
	MESSAGE_REPLY,
	MESSAGE_PONG,
	MESSAGE_ERROR
};

struct message_source {
	struct text source;
	uint64_t epoch, seq;
};

struct message_range {
	uint64_t first, last;
};

struct message_refusal {
	uint64_t seq;
	struct text code, message;
};

/* What an error is about, where the door says so: the members that tell which. */
enum message_about {
	MESSAGE_ABOUT_NOTHING,
	MESSAGE_ABOUT_QUESTION,	    /* id */
	MESSAGE_ABOUT_SUBSCRIPTION, /* sub */
	MESSAGE_ABOUT_RUN	    /* source epoch seq */
};

struct message {
	enum message_kind kind;
	uint64_t version, session, sub, id, epoch, seq, first_seq, from_seq, credit, durable, through, after,
		head, after_ms;
	int64_t time_us;
	bool more, numbers;
	enum message_about about;
	struct text name, token, service, source, what, code, text;
	/* of a query: its map, and where its page begins; of a reply: where the next one begins */
	struct bytes arguments, from;
	struct bytes events, rows;	/* event_count, row_count packed values, one after the other */
	struct bytes refusals;		/* refusal_count packed refusals: message_refusal_next */
	uint32_t event_count, row_count, source_count, type_count, key_count, range_count, refusal_count;
	struct message_source sources[MESSAGE_SOURCES_MAX];
	struct text types[MESSAGE_TYPES_MAX], keys[MESSAGE_TYPES_MAX];
	struct message_range ranges[MESSAGE_RANGES_MAX];
};

/*
 * message_read -- take a frame apart.
 *   shape   a torn events array is accepted as it is: the bytes from its first event to the frame's end, so
 *           that the door can keep them.
 *   owns    *message borrows from frame.
 *   errors  ERR_UNKNOWN_TYPE for another first word, else the reader's; reason says which part.
 */
int message_read(struct bytes frame, struct message *message, char *reason, size_t reason_size) must_check;

/*
 * message_refusal_next -- take the next refusal of an ack: begin with reader_of(message->refusals), call
 * refusal_count times.
 */
void message_refusal_next(struct reader *reader, struct message_refusal *refusal);

void message_write_hello(struct writer *writer, struct text name, const struct message_source *sources,
			 uint32_t count);
/* message_write_hello_for -- the same for somebody whose access token this is; without one: message_write_hello. */
void message_write_hello_for(struct writer *writer, struct text name, const struct message_source *sources,
			     uint32_t count, struct text token);
/* message_write_hello_of -- the same for a service, which takes events' keys by their numbers. */
void message_write_hello_of(struct writer *writer, struct text service);
void message_write_publish(struct writer *writer, uint64_t session, struct text source, uint64_t epoch,
			   uint64_t first_seq, struct bytes events, uint32_t count);
void message_write_ping(struct writer *writer, uint64_t session, const struct message_source *sources,
			uint32_t count);
void message_write_subscribe(struct writer *writer, uint64_t session, uint64_t sub, const struct text *types,
			     uint32_t type_count, const struct text *keys, uint32_t key_count,
			     uint64_t from_seq, uint64_t credit);
void message_write_credit(struct writer *writer, uint64_t session, uint64_t sub, uint64_t credit,
			  uint64_t durable);
void message_write_unsubscribe(struct writer *writer, uint64_t session, uint64_t sub);
/* arguments: a packed map without "from", or empty; from: where the page begins, or empty. */
void message_write_query(struct writer *writer, uint64_t session, uint64_t id, struct text what,
			 struct bytes arguments, struct bytes from);

void message_write_welcome(struct writer *writer, struct text service, uint64_t epoch, uint64_t head,
			   uint64_t session, const struct message_source *sources, uint32_t count,
			   int64_t time_us);
/*
 * The head of an ack; then exactly refusal_count times message_write_refusal. duplicates: NULL when there
 * were none.
 */
void message_write_ack(struct writer *writer, struct text source, uint64_t epoch, uint64_t through,
		       const struct message_range *duplicates, uint32_t refusal_count);
void message_write_refusal(struct writer *writer, uint64_t seq, struct text code, struct text text);
void message_write_resend(struct writer *writer, struct text source, uint64_t epoch, uint64_t next_seq,
			  struct text code, struct text text, uint64_t after_ms);
/* message_write_batch_head -- all of a batch before its events, of which exactly count must follow. */
void message_write_batch_head(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			      uint64_t after, uint64_t through, uint64_t head, uint32_t count);
void message_write_batch(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			 uint64_t after, uint64_t through, uint64_t head, struct bytes events,
			 uint32_t count);
void message_write_head(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			uint64_t head, uint64_t through);
void message_write_reply(struct writer *writer, uint64_t id, bool more, struct bytes rows, uint32_t count,
			 struct bytes from);
void message_write_pong(struct writer *writer, int64_t time_us, uint64_t epoch, uint64_t head);
void message_write_error(struct writer *writer, struct text code, struct text text);
/* message_write_error_about -- the same about what was said, a query, subscribe or publish; after_ms 0: not told. */
void message_write_error_about(struct writer *writer, struct text code, struct text text,
			       const struct message *said, uint64_t after_ms);

#endif
