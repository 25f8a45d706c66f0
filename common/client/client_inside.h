/* client_inside.h -- the inside of a client, shared by client.c, client_send.c and client_ask.c. */
#ifndef TRIBUTARY_CLIENT_CLIENT_INSIDE_H
#define TRIBUTARY_CLIENT_CLIENT_INSIDE_H

#include "base/error.h"
#include "base/when.h"
#include "client/client.h"
#include "client/spool.h"
#include "log/log.h"

#define FRAME_BYTES (1u << 20)
#define SEND_BYTES (128u << 10)	/* of events in one publish */
#define TICK_MS 100

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
	struct bus_port *port;
	struct bus_timer *tick;
	struct spool spool;
	struct message message;		/* large: read into by every frame */
	uint8_t *frame, *events;

	uint64_t session;		/* 0: not welcome yet */
	int64_t heard_us, asked_us, pinged_us, trimmed_us; /* monotonic */
	uint64_t hello_wait_us;		/* backs off while nobody answers */
	uint64_t dice;

	uint64_t sent;			/* arrival of the last event sent in this session */
	uint64_t in_flight;
	int64_t hold_until_us;		/* the service asked to wait */

	bool subscribed;		/* a subscription was asked for */
	struct client_subscription subscription;
	uint64_t generation, position, sub_epoch, owed;
	bool sub_running;

	struct question question;
};

/* client_send.c: what is published */
void client_send(struct client *client);
void client_rewind(struct client *client);
void client_on_welcome_sources(struct client *client);
void client_on_ack(struct client *client);
void client_on_resend(struct client *client);

/* client_ask.c: what is subscribed to and asked */
void client_subscribe_now(struct client *client);
void client_on_batch(struct client *client);
void client_on_head(struct client *client);
void client_on_reply(struct client *client);

/* client_say -- hand a message to the bus; lost: said again by whoever misses the answer. */
void client_say(struct client *client, const struct writer *writer);

#endif
