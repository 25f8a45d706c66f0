/*
 * stand.h -- a node of the toy service and scripted peers at its door, over sockets or in the
 * simulated network.
 *
 * A peer says what a test writes and keeps what it hears, message by message; it knows none of a
 * client's manners. Every wait has an end: a minute over sockets, ten virtual seconds in the simulation.
 */
#ifndef TRIBUTARY_TEST_STAND_H
#define TRIBUTARY_TEST_STAND_H

#include "kernel/node.h"
#include "pack/message.h"
#include "store/store_disk.h"
#include "toy.h"

#define STAND_PEERS 4
#define STAND_START_US INT64_C(1772355600000000)

struct heard;

struct peer {
	struct stand *stand;
	struct bus *bus;
	struct bus_port *port;
	struct heard *first, **end; /* not yet awaited */
	uint64_t session;
};

struct stand {
	bool is_simulated;
	struct bus_network *network; /* NULL over sockets */
	struct store_disk *disk;     /* of the node's store, in both worlds: it fails on request */
	struct bus *bus;
	const struct service *service; /* toy, unless a test sets another while the node is away */
	struct node *node;
	char folder[64], endpoint[96];
	struct peer peers[STAND_PEERS];
	unsigned peer_count;
	struct guard *guard; /* the test's; NULL: everybody is the local operator. Given at the node's next return */
	struct bus_keypair shown; /* of the peers to come, on tcp */
	char door_key[BUS_KEY_TEXT + 1];
	void *guest; /* somebody else on the network, closed with it */
	void (*guest_leaves)(void *guest);
	int fatal;              /* error that the node wanted to stop the process for */
	struct message message; /* the last one awaited; borrows from `frame` */
	uint8_t *frame;
};

/* stand_sockets, stand_simulated -- fixtures of cmocka: a node is open, nobody is there. stand_end
 * -- closes everything. */
int stand_sockets(void **state);
int stand_simulated(void **state);
int stand_end(void **state);

#define STAND_SIMULATED(test)                                                                      \
	{                                                                                          \
#test " (simulated)", test, stand_simulated, stand_end, NULL                       \
	}
#define STAND_BOTH(test)                                                                           \
	{#test " (sockets)", test, stand_sockets, stand_end, NULL}, STAND_SIMULATED(test)

/* stand_node_leaves -- as a process that dies: what is not committed is gone.   stand_node_returns
 * -- on the same disk. */
void stand_node_leaves(struct stand *stand);
void stand_node_returns(struct stand *stand);

void stand_pass(struct stand *stand, unsigned ms);
int64_t stand_now_us(const struct stand *stand);

/* stand_peer -- one more peer, connected.   peer_hello -- greet and hear the welcome, which stays
 * in stand->message. */
struct peer *stand_peer(struct stand *stand);
void peer_hello(struct peer *peer, const char *source, uint64_t epoch);

/* peer_hello_for -- the same for somebody's token; peer_greet does not wait for an answer. */
void peer_hello_for(struct peer *peer, const char *source, uint64_t epoch, const char *token);
void peer_greet(struct peer *peer, const char *source, uint64_t epoch, const char *token);

/* peer_hello_of -- as a service, which takes the keys of events by their numbers. */
void peer_hello_of(struct peer *peer, const char *service);

void peer_say(struct peer *peer, struct bytes frame);

/* peer_publish -- `count` tickets of outlet S1 from sequence `first`; peer_publish_receipt -- one,
 * with this receipt and outlet. */
void peer_publish(struct peer *peer, const char *source, uint64_t epoch, uint64_t first,
                  uint32_t count);
void peer_publish_receipt(struct peer *peer, const char *source, uint64_t epoch, uint64_t seq,
                          const char *outlet, const char *receipt);
void peer_subscribe(struct peer *peer, uint64_t sub, const char *type, const char *key,
                    uint64_t from, uint64_t credit);
void peer_credit(struct peer *peer, uint64_t sub, uint64_t credit);
void peer_ping(struct peer *peer, const char *source, uint64_t epoch, uint64_t head);
void peer_query(struct peer *peer, const char *what, const char *argument, int64_t value,
                struct bytes from);

/*
 * peer_await -- the next message of this kind; others that came before it stay.   peer_never --
 * none of this kind is there, nor comes within ms.   peer_forget -- what was heard so far.
 */
const struct message *peer_await(struct peer *peer, enum message_kind kind);
void peer_never(struct peer *peer, enum message_kind kind, unsigned ms);
void peer_forget(struct peer *peer);

/* peer_await_ack, peer_await_resend, peer_await_error -- the next of its kind says exactly this. */
void peer_await_ack(struct peer *peer, uint64_t epoch, uint64_t through);
void peer_await_resend(struct peer *peer, uint64_t epoch, uint64_t next, const char *code);
void peer_await_error(struct peer *peer, const char *code);

#endif
