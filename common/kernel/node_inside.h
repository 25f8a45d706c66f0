/* node_inside.h -- the inside of a node, shared by node.c, door.c, feed.c, follow.c and watch.c. */
#ifndef TRIBUTARY_KERNEL_NODE_INSIDE_H
#define TRIBUTARY_KERNEL_NODE_INSIDE_H

#include <pthread.h>

#include <uthash.h>

#include "base/error.h"
#include "kernel/metrics.h"
#include "kernel/node.h"
#include "kernel/query.h"
#include "kernel/queue.h"
#include "kernel/tail.h"
#include "pack/message.h"

#define QUEUE_BYTES_HIGH (16u << 20)	/* of inputs waiting for a turn: the door is paused */
#define QUEUE_BYTES_LOW (4u << 20)
#define LATE_BYTES_MAX (64u << 20)	/* of answers that wait for a full queue: beyond it they are lost, and asked for again */
#define LATE_MS 5
#define PUBLISH_BYTES_MAX (STORE_VALUE_MAX - 1024) /* of events in one message: they are kept as one value, in intake or in quarantine */
#define REST_MS 20
#define SESSION_IDLE_US (60 * US_PER_SECOND)
#define SESSIONS_MAX 20000
#define SUBSCRIPTIONS_PER_SESSION_MAX 16
#define BATCH_BYTES (256u << 10)	/* of events in one batch */
#define BATCH_HEAD_BYTES 256		/* room for what a batch says before its events */
#define FOLLOW_CREDIT 16384		/* events that a link lets its upstream send ahead */
#define FOLLOWS_MAX 8

/* What a turn has to tell the loop's thread. */
struct outcome {
	struct outcome *next;
	bool is_feed;
	struct bus_peer peer;	/* message for the door */
	unsigned follow;
	uint64_t generation;
	enum admission_state state;
	uint32_t events;	/* FEED: credit to give back */
	size_t size;
	uint8_t bytes[];
};

struct subscription {
	struct subscription *next;
	uint64_t id;
	bool is_view;		/* the live view rather than the journal */
	struct text *types;	/* owned, one block with its texts */
	uint32_t type_count;
	struct text *keys;
	uint32_t key_count;
	uint64_t position;	/* everything up to here was looked through */
	uint64_t said;		/* the subscriber was told that it holds everything up to here */
	uint64_t credit, durable;
	struct watch *watch;	/* live view only */
	bool stuck;		/* the peer's queue was full */
};

struct session {
	UT_hash_handle hh;
	struct bus_peer peer;	/* the key */
	uint64_t id;
	int64_t heard_us;	/* monotonic */
	bool is_late;		/* answers to it wait in node->late */
	bool takes_numbers;	/* of events' keys: K31 */
	struct subscription *subscriptions;
	struct guard_identity line, speaker; /* whose connection it is, and for whom it speaks: mostly the same */
	const struct guard_principal *who;   /* the speaker, as of the guard's present generation */
	char name[64];
};

enum follow_state {
	FOLLOW_SILENT,
	FOLLOW_GREETED,
	FOLLOW_ASKING,	/* its epoch is another one: does it go on where we stand? */
	FOLLOW_FORKED,	/* we have heard what it does not know: nothing is taken from it */
	FOLLOW_SUBSCRIBED
};

struct follow {
	struct node *node;
	unsigned index;
	const char *service;	/* upstream's name */
	char pinned[GUARD_KEY_TEXT + 1]; /* its key, as this link was told */
	struct bus_port *port;
	enum follow_state state;
	uint64_t session, generation, epoch;
	uint64_t head;		/* the upstream's, as last heard */
	uint64_t queued;	/* through of the last batch handed to the store's thread */
	uint64_t owed;		/* events taken that it was not given credit for yet */
	bool continues;		/* its epoch goes on where the one that is known here ended */
	bool is_idle;		/* subscribed without what an idle service does not hear */
	uint64_t forked;	/* the epoch of it that this was said of; 0: none */
	int64_t heard_us, asked_us, moved_us; /* monotonic; moved: a batch came, or the subscription began */
};

struct node {
	struct engine *engine;
	struct bus *bus;
	struct bus_port *door;
	struct node_options options;
	struct bus_timer *second, *guarding;
	struct session *sessions;
	uint64_t session_next;
	int64_t started_us;
	struct tally refusals;	/* at the door, by code */
	struct follow follows[FOLLOWS_MAX];
	unsigned follow_count;
	uint64_t head;		/* of the journal, as of the last commit the loop knows of */
	uint64_t epoch;
	struct tail tail;	/* its newest events */
	bool paused;
	struct outcome *late, **late_end; /* answers whose peer's queue was full; sent in a moment */
	size_t late_bytes;
	struct bus_timer *late_timer;
	struct bus_timer *rest_timer; /* runs while the journal grows */
	uint64_t rested;	/* where it stood when that last rang */
	uint8_t *page;		/* QUERY_PAGE_BYTES */
	uint8_t *frame;		/* for messages out */
	size_t frame_size;

	/* shared with the store's thread, under `lock` */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct queue queue;
	struct outcome *outcomes, **outcomes_end;
	uint64_t committed_head;
	struct chunk *said, **said_end; /* committed, not yet in the tail */
	bool stopping, threaded, in_turn; /* in_turn: inputs were taken and are not committed yet */
	struct bytes *changed;	/* row keys of the live view, copied */
	uint32_t changed_count;
	uint8_t *changed_bytes;

	/* the store's thread only */
	bool is_over;		/* the storage failed: it does not know where it stands, and takes no turn any more */
	uint32_t turn_inputs;	/* of the last turn */
	int64_t scrub_us;	/* monotonic: when the last pass was */
	/* written by the store's thread under `lock`, since the loop's thread reads them */
	bool storage_full;
	struct node_usage usage;
};

/* node.c */
bool node_enqueue(struct node *node, struct parcel *parcel); /* false: its peer has enough waiting, it was not taken */
bool node_idle(struct node *node); /* nothing waits for a turn and no turn is at work */
struct parcel *node_parcel(struct bytes message);	/* a copy; run fields are to be set inside it */
struct parcel *node_parcel_of(struct node *node, struct bytes message); /* of the message that is being heard: kept where it lies, or a copy */
struct bytes node_parcel_part(const struct parcel *parcel, struct bytes message, struct bytes part); /* of the message, in the parcel */

/* turns.c: the store's thread */
void turns_run(struct node *node, struct parcel *list);
void *turns_thread(void *node);
void turns_scrub(struct node *node); /* once a second, between turns */

/* door.c: the loop's thread */
bus_on_message door_on_message;
void door_second(struct node *node);			/* idle sessions, heads to subscribers */
void door_observe(void *node, struct metrics_node *out); /* what the node has to say for the query `metrics` */
struct session *door_session(struct node *node, const struct bus_peer *peer); /* NULL: none */
void door_close_sessions(struct node *node);
void door_recheck(struct node *node); /* the registry has changed: who is nobody any more is sent away */

/* feed.c */
bool feed_subscribe(struct node *node, struct session *session, const struct message *message);
void feed_unsubscribe(struct session *session, uint64_t id);
void feed_credit(struct node *node, struct session *session, uint64_t id, uint64_t events, uint64_t durable);
void feed_pump(struct node *node, struct session *session, struct subscription *subscription);
void feed_pump_all(struct node *node);
void feed_rest(struct node *node); /* the journal has grown: when it stands still, who was sent nothing of it is told so */
void feed_heads(struct node *node, struct session *session);

/* watch.c */
struct watch *watch_open(struct subscription *subscription);
void watch_close(struct watch **watch);
void watch_changed(struct node *node, struct watch *watch, const struct bytes *keys, uint32_t count);
bool watch_is_behind(const struct watch *watch); /* rows wait to be sent */
void watch_pump(struct node *node, struct session *session, struct subscription *subscription);

/* follow.c */
bus_on_message follow_on_message;
void follow_open(struct node *node, unsigned index, const char *service);
void follow_outcome(struct node *node, const struct outcome *outcome);
void follow_credit(struct follow *follow); /* what was taken since it last said so: once for all batches of a turn */
void follow_second(struct follow *follow);
void follow_awake(struct follow *follow); /* a turn is committed: is it still idle? */
void follow_repin(struct follow *follow); /* the registry has changed: its door may have another key */

/* node_send -- to a peer of the door; a peer that is gone or full is not waited for. Returns the bus's answer. */
int node_send(struct node *node, const struct bus_peer *peer, struct bytes message);

#endif
