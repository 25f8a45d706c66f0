/*
 * desk.h -- a small scripted door: it admits what clients publish as the wire's rules say, keeps a journal
 * for subscribers, answers questions, and misbehaves on request.
 *
 * It is written from the wire's description, not from the kernel, so that client and kernel are not wrong
 * together.
 */
#ifndef TRIBUTARY_TESTS_CLIENT_DESK_H
#define TRIBUTARY_TESTS_CLIENT_DESK_H

#include "bus/bus.h"
#include "pack/message.h"

#define DESK_SOURCES 16
#define DESK_ADMITTED 20000
#define DESK_PEERS 8
#define DESK_JOURNAL 4000

struct desk_source {
	char name[SOURCE_TEXT_MAX + 1];
	uint64_t epoch, through;
};

/* One event that was taken: whose, and which receipt. Refused ones are taken as well. */
struct desk_event {
	unsigned source;
	uint64_t epoch, seq;
	char receipt[41];
	bool refused;
};

struct desk_peer {
	struct bus_peer peer;
	uint64_t session, sub, credit, position;
	bool known, subscribed;
};

struct desk {
	struct bus *bus;
	struct bus_port *port;
	struct bus_timer *second;
	char endpoint[96];
	uint64_t epoch, sessions;

	struct desk_source sources[DESK_SOURCES];
	unsigned source_count;
	struct desk_event admitted[DESK_ADMITTED];
	unsigned admitted_count;
	struct desk_peer peers[DESK_PEERS];

	struct bytes journal[DESK_JOURNAL];
	uint64_t head;

	/* Scripts: so many of them. */
	unsigned mute_acks;	  /* acknowledgements that are not sent */
	unsigned keep_acks;	  /* that are sent by desk_tell */
	unsigned lose_batches;
	unsigned repeat_batches;  /* sent twice */
	unsigned mute_welcomes;
	unsigned repeat_welcomes; /* sent twice */
	unsigned lose_publishes;  /* as if never received */
	unsigned early_resends;   /* publishes that are answered with one from the beginning */
	unsigned late_welcomes;   /* greetings that are answered with the first welcome of all once more, before their own */
	/* Scripts: as long as they are set. */
	const char *deaf_to;	  /* nothing of this source is answered */
	bool mute_replies;
	uint64_t full_ms;	  /* not 0: nothing is taken, come again after so many ms */

	/* What was seen. */
	unsigned hellos, publishes, subscribes, resends, pings;
	uint64_t durable; /* as the last credit said */

	struct message message;
	uint8_t kept[4096]; /* the acknowledgement that is kept */
	size_t kept_size;
	struct bus_peer kept_for;
	uint8_t welcome[1024]; /* the first of all */
	size_t welcome_size;
	uint8_t frame[512 << 10];
};

/*
 * desk_open -- at an endpoint, knowing nothing.   desk_leave -- as a process that ends: its store stays.
 * desk_return -- started again.
 */
void desk_open(struct desk *desk, struct bus *bus, const char *endpoint);
void desk_leave(struct desk *desk);
void desk_return(struct desk *desk, struct bus *bus);
void desk_close(struct desk *desk);

/* desk_forget_sessions -- every next message is answered with hello_first. */
void desk_forget_sessions(struct desk *desk);

/* desk_lose_store -- knows no source any more.   desk_other_journal -- a journal of another epoch, empty. */
void desk_lose_store(struct desk *desk);
void desk_other_journal(struct desk *desk);

/* desk_stand -- make a source stand somewhere, as if somebody else had published. */
void desk_stand(struct desk *desk, const char *source, uint64_t epoch, uint64_t through);
struct desk_source *desk_find(struct desk *desk, const char *source);

/* desk_say -- append an event to the journal, its outlet is the subject, and serve whoever subscribed. */
void desk_say(struct desk *desk, const char *type, const char *outlet);

/* desk_tell -- send the acknowledgement that was kept. */
void desk_tell(struct desk *desk);

/* desk_count -- how often this receipt of a source was taken. */
unsigned desk_count(const struct desk *desk, const char *source, const char *receipt);

#endif
