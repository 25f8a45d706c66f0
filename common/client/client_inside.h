/* client_inside.h -- the inside of a client, shared by client.c and the files client_*.c. */
#ifndef TRIBUTARY_CLIENT_CLIENT_INSIDE_H
#define TRIBUTARY_CLIENT_CLIENT_INSIDE_H

#include "base/error.h"
#include "base/when.h"
#include "client/client.h"
#include "client/spool.h"
#include "log/log.h"

#define FRAME_BYTES (1u << 20)
#define SEND_BYTES (128u << 10) /* of events in one publish */
#define WINDOW_BYTES (512u << 10) /* on the way, about: far less than a door lets wait of one peer */
#define TICK_MS 100

/* One publish message that may still be answered: which numbers it held. */
struct sent {
	const struct spool_source *source;
	uint64_t epoch, first, last;
	size_t bytes; /* on the wire, every time it was said */
};

/*
 * What was sent and not answered, oldest first: a ring. Those before `fresh` were sent before the client
 * began again.
 */
struct sent_ring {
	struct sent *sent;
	uint64_t from, fresh, to; /* positions; modulo size they are places */
	uint64_t size;
	size_t bytes; /* of those from `fresh` on */
};

struct question {
	uint64_t id;
	bool answered, more, failed;
	int error;
	uint8_t from[512];
	size_t from_size;
	void (*on_row)(void *context, struct bytes row);
	void *context;
};

struct client {
	struct client_options options;
	char name[64];
	struct bus *bus;
	bool own_bus;
	bool inside; /* a callback of the caller may be running */
	struct bus_port *port;
	struct bus_timer *tick;
	struct spool spool;
	struct message message; /* large: read into by every frame */
	uint8_t *frame, *events;

	uint64_t session;				   /* 0: not welcome yet */
	uint64_t session_last, hellos;			   /* the latest welcome's; greetings since then */
	int64_t heard_us, asked_us, pinged_us, trimmed_us, ticked_us; /* monotonic */
	uint64_t backoff_us, hello_wait_us;		   /* while nobody answers */
	uint64_t dice;

	uint64_t sent; /* arrival of the last event sent since the client began from the oldest */
	uint64_t in_flight;
	struct sent_ring ring;
	int64_t hold_until_us; /* the service asked to wait */

	bool subscribed; /* a subscription was asked for */
	struct client_subscription subscription;
	uint64_t generation;	  /* number of the subscription, another one each time */
	uint64_t start, position; /* where this generation began; everything up to position was heard */
	uint64_t stands_at;	  /* where the last head said we stand; UINT64_MAX: there was none */
	uint64_t sub_epoch, owed; /* owed: events heard whose credit was not given back yet */
	int64_t sub_heard_us;
	bool sub_running;

	struct question question;
};

/* client.c */
void client_say(struct client *client,
		const struct writer *writer); /* lost: said again by whoever misses the answer */
void client_say_hello(struct client *client);

/* client_send.c: what is published */
void client_send(struct client *client);
void client_rewind(struct client *client);
bool client_stand(struct client *client, struct spool_source *source, uint64_t next);
void client_on_welcome_sources(struct client *client);
void client_on_resend(struct client *client);

/* client_answers.c: what became of it */
int client_answers_open(struct client *client) must_check;
void client_answers_note(struct client *client, const struct spool_source *source, uint64_t first,
			 uint64_t last, size_t bytes);
void client_answers_forget(struct client *client); /* whoever was asked is no longer there */
void client_answers_refuse(struct client *client, struct spool_source *source, struct text code,
			   struct text text);
void client_answers_missing(struct client *client);
void client_on_ack(struct client *client);

/* client_hear.c: what is subscribed to */
void client_hear_welcome(struct client *client);
void client_hear_missing(struct client *client);
void client_on_batch(struct client *client);
void client_on_head(struct client *client);

/* client_ask.c: what is asked */
void client_on_reply(struct client *client);

#endif
