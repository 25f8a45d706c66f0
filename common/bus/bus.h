/*
 * bus.h -- messages between processes, timers, and the only clock.
 *
 * A bus is one event loop (libuv) with one ZeroMQ context (or its simulated twin: same functions, same tests,
 * a virtual clock and no sockets). A port is either a door (ROUTER, bound, many peers) or a link (DEALER,
 * connected, one peer). One message is one frame of bytes; everything about its content belongs to the rooms
 * above.
 *
 * It promises at most once, in order per peer while the connection lasts, and nothing else: whoever needs
 * more numbers its messages. A message to a peer that is not there, or whose queue is full, is refused at
 * once, never queued behind the caller's back.
 *
 * Caveats
 * - All functions but bus_wake belong to the thread that runs bus_run.
 * - Callbacks must not block; a message's bytes are lent until the callback returns.
 * - Endpoints are "ipc://PATH" or "tcp://HOST:PORT"; everything else is refused. tcp takes keys, see bus_identify.
 */
#ifndef TRIBUTARY_BUS_BUS_H
#define TRIBUTARY_BUS_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/check.h"

#define BUS_MESSAGE_MAX                                                                                      \
	(4 << 20)       /* bytes; larger ones are refused by the sender and cut off at the receiver */
#define BUS_PEER_MAX 32 /* bytes of a peer's routing id */
#define BUS_KEY_TEXT 40 /* letters of a key (Z85) */

struct bus;
struct bus_port;
struct bus_timer;
struct bus_network; /* the simulated network that several simulated buses share */

/*
 * struct bus_peer -- who sent a message at a door, as the door must say to answer. On a link it is empty.
 * Opaque, comparable by memory, but for key: the public key that the connection has shown, with zeros behind;
 * empty where none is asked for. The id is chosen by the peer, the key is proven. line: which connection that is,
 * where a key is asked for.
 */
struct bus_peer {
	uint8_t size;
	uint8_t id[BUS_PEER_MAX];
	char key[BUS_KEY_TEXT + 1];
	uint8_t line[4];
};

/* One message has arrived. */
typedef void bus_on_message(void *context, struct bus_port *port, const struct bus_peer *from,
                            struct bytes message);
typedef void bus_on_timer(void *context);

/*
 * bus_open -- a loop with sockets (network NULL) or a node of a simulated network.
 *   owns    gives *bus until bus_close.  errors  ERR_MEMORY, ERR_SYSTEM.
 */
int bus_open(struct bus **bus, struct bus_network *network) must_check;
void bus_close(struct bus **bus);

/*
 * bus_bind -- open a door.   bus_connect -- open a link; succeeds while nobody is there, and reconnects for
 * ever by itself. owns    gives *port until bus_unplug or bus_close; keeps context as given. errors ERR_USAGE
 * (endpoint not ipc or tcp, ipc path longer than a socket address), ERR_STORE_BUSY (address in use),
 * ERR_SYSTEM.
 */
int bus_bind(struct bus *bus, const char *endpoint, bus_on_message *on_message, void *context,
             struct bus_port **port) must_check;
int bus_connect(struct bus *bus, const char *endpoint, bus_on_message *on_message, void *context,
                struct bus_port **port) must_check;
void bus_unplug(struct bus_port **port);

/* ---- keys: CURVE on tcp ---- */

struct bus_keypair {
	char public_key[BUS_KEY_TEXT + 1], secret_key[BUS_KEY_TEXT + 1];
};

/*
 * bus_identify -- the keys of whoever runs this bus, for the ports that are opened from now on: a door on tcp wants a
 * key of every peer, a link shows this one.
 * bus_pin -- the door at this endpoint has this public key: links to it speak to nobody else.
 * bus_plaintext -- no keys on loopback addresses. Without it and without keys nothing is opened on tcp.
 * bus_on_arrival -- whom a door lets in, by key; asked once a connection, in the thread of bus_run. Without it: nobody.
 *   errors  ERR_MEMORY.
 */
enum bus_arrival {
	BUS_COME_IN,
	BUS_COME_LATER, /* who that is cannot be said now: tried again by itself */
	BUS_STRANGER
};
typedef enum bus_arrival bus_on_arrival_call(void *context, const char *key);

void bus_identify(struct bus *bus, const struct bus_keypair *own);
int bus_pin(struct bus *bus, const char *endpoint, const char *key) must_check;
void bus_plaintext(struct bus *bus, bool is_allowed);
void bus_on_arrival(struct bus *bus, bus_on_arrival_call *on_arrival, void *context);

/*
 * bus_keep -- in the callback of a large message: keep it where it lies, instead of a copy of its bytes.
 *   owns    gives what bus_let_go wants, from any thread, also after bus_close; until then the bytes that were lent stay.
 *   shape   NULL: copy them. A small one shares its memory with others, and the twin has no such messages.
 */
struct bus_kept;
struct bus_kept *bus_keep(struct bus *bus);
void bus_let_go(struct bus_kept **kept);

/*
 * bus_send -- hand one message over, without waiting.
 *   shape   peer is ignored on a link. The bytes are copied (or moved to the wire) before the call returns.
 *   errors  ERR_AGAIN (queue full: try later), ERR_GONE (no such peer, or a link without connection),
 * ERR_TOO_LARGE, ERR_MEMORY.
 */
int bus_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message);

/*
 * bus_cut -- end the connection of a peer at a door with keys BUS_CUT_MS from now, so that what it was just told reaches
 * it. Whoever has no key is not cut: behind a socket file there may be many.
 */
#define BUS_CUT_MS 200
void bus_cut(struct bus_port *port, const struct bus_peer *peer);

/* bus_pause -- while paused no message of the port is delivered; what arrives waits in bounded queues (back
 * pressure). */
void bus_pause(struct bus_port *port, bool paused);

/* bus_timer_start -- call on_timer after delay_ms, then every repeat_ms (0: once). owns: gives *timer until
 * bus_timer_stop or bus_close. */
int bus_timer_start(struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms, bus_on_timer *on_timer,
                    void *context, struct bus_timer **timer) must_check;
void bus_timer_stop(struct bus_timer **timer);

/* bus_on_wake -- what bus_wake runs on the loop's thread.   bus_wake -- from any thread; several wakes may
 * become one call. */
void bus_on_wake(struct bus *bus, bus_on_timer *on_wake, void *context);
void bus_wake(struct bus *bus);

/* bus_on_signal -- run on_signal on the loop after SIGINT or SIGTERM (real bus only; the twin ignores it). */
int bus_on_signal(struct bus *bus, bus_on_timer *on_signal, void *context) must_check;

/* bus_now_us -- the time of day, us since 1970 UTC, read at the call (virtual in the twin). bus_monotonic_us
 * -- for measuring durations. */
int64_t bus_now_us(const struct bus *bus);
int64_t bus_monotonic_us(const struct bus *bus);

/*
 * bus_run -- serve until bus_stop.   bus_run_once -- serve what is due, waiting at most wait_ms for something
 * to become due. shape   a simulated bus is served by bus_network_step instead; both then do nothing.
 */
void bus_run(struct bus *bus);
void bus_run_once(struct bus *bus, uint64_t wait_ms);
void bus_stop(struct bus *bus);

/*
 * bus_loop -- the loop beneath, a uv_loop_t, for a library that brings handles of its own; NULL in the twin.
 *   owns    lent until bus_close, before which those handles must be closed.
 */
void *bus_loop(const struct bus *bus);

struct bus_usage {
	uint64_t messages_in, bytes_in, messages_out, bytes_out;
	uint64_t refused; /* sends that returned an error */
	uint64_t
	    arrived, strangers; /* connections at doors with keys that were let in, and that were not */
	uint64_t
	    dropped; /* messages in that were not one frame, or whose sender chose an id above BUS_PEER_MAX */
	uint64_t
	    loop_lag_us_max; /* longest time between a timer's due moment and its call since the last look */
};

void bus_usage(struct bus *bus, struct bus_usage *usage);

/* ---- the simulated twin ---- */

/* Faults in parts per 10000 per message, drawn from the seed; all zero is a perfect network. */
struct bus_faults {
	uint32_t loss, duplicate, reorder;
	int64_t delay_us_min, delay_us_max;
};

/* bus_network_open -- a virtual network and clock. start_us: the virtual time of day. owns: gives *network
 * until bus_network_close (after its buses). */
int bus_network_open(struct bus_network **network, uint64_t seed, int64_t start_us) must_check;
void bus_network_close(struct bus_network **network);
void bus_network_faults(struct bus_network *network, const struct bus_faults *faults);

/*
 * bus_network_cut -- drop everything from one bus to another (one way) while cut. Links do not connect across
 * a cut, and connections that are cut for 15 s are given up. A closed bus forgets its cuts.
 */
void bus_network_cut(struct bus_network *network, struct bus *from, struct bus *to, bool cut);

/* bus_network_step -- deliver the next due message, timer or wake, moving the clock. Returns false when
 * nothing is due up to until_us (the clock is then until_us). */
bool bus_network_step(struct bus_network *network, int64_t until_us);
int64_t bus_network_now_us(const struct bus_network *network);

/* bus_network_trace -- a hash of every delivery so far, its moment and its bytes: equal seeds and equal
 * callers give equal traces. */
uint64_t bus_network_trace(const struct bus_network *network);

#endif
