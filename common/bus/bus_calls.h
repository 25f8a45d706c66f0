/* bus_calls.h -- what the two buses share: one table of operations. */
#ifndef TRIBUTARY_BUS_BUS_CALLS_H
#define TRIBUTARY_BUS_BUS_CALLS_H

#include "bus/bus.h"

struct bus_operations {
	void (*close)(struct bus *bus);
	int (*port_open)(struct bus *bus, struct bus_port *port, const char *endpoint);
	void (*port_close)(struct bus_port *port);
	int (*send)(struct bus_port *port, const struct bus_peer *peer, struct bytes message);
	struct bus_kept *(*keep)(struct bus *bus);
	void (*cut)(struct bus_port *port, const struct bus_peer *peer);
	void (*pause)(struct bus_port *port);
	int (*timer_start)(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms);
	void (*timer_stop)(struct bus_timer *timer);
	void (*wake)(struct bus *bus);
	int (*on_signal)(struct bus *bus);
	int64_t (*now_us)(const struct bus *bus);
	int64_t (*monotonic_us)(const struct bus *bus);
	void (*run)(struct bus *bus, bool once, uint64_t wait_ms);
	void (*stop)(struct bus *bus);
	void *(*loop)(const struct bus *bus); /* NULL: there is none beneath */
};

/* Whose door an endpoint is. */
struct pin {
	struct pin *next;
	char key[BUS_KEY_TEXT + 1];
	char endpoint[];
};

/* The head of every bus; the backend's own follows in its own struct. */
struct bus {
	const struct bus_operations *operations;
	bus_on_timer *on_wake, *on_signal;
	void *wake_context, *signal_context;
	struct bus_port *ports;
	struct bus_timer *timers;
	struct bus_usage usage;
	struct bus_keypair own; /* empty: none */
	struct pin *pins;
	bool plaintext; /* on loopback */
	bus_on_arrival_call *on_arrival;
	void *arrival_context;
	void *base;
};

struct bus_port {
	struct bus *bus;
	struct bus_port *next;
	bus_on_message *on_message;
	void *context;
	bool is_door, paused, is_secured;
	void *base;
};

struct bus_timer {
	struct bus *bus;
	struct bus_timer *next;
	bus_on_timer *on_timer;
	void *context;
	void *base;
};

/* bus_endpoint_check -- ERR_USAGE, with a line in the log, for anything but ipc://PATH and tcp, on this
 * machine unless secured. bus_endpoint_wants_keys -- whether it is tcp, and not on loopback where that may do without.
 * bus_endpoint_clear -- remove the socket file that a dead process left; ERR_STORE_BUSY when
 * somebody serves it. */
int bus_endpoint_check(const char *endpoint, bool secured) must_check;
bool bus_endpoint_wants_keys(const char *endpoint, bool plaintext);
int bus_endpoint_clear(const char *endpoint) must_check;

/* bus_endpoint_close_to_others -- a socket file is for its owner: whoever opens it is taken for the operator. */
int bus_endpoint_close_to_others(const char *endpoint) must_check;

/* bus_endpoint_release -- remove the socket file of a door that is about to close, while nobody else can have
 * taken its place. */
void bus_endpoint_release(const char *endpoint);

/* bus_pin_of -- the key that the door at this endpoint must have, or NULL.   bus_arrival_of -- whether somebody is let in; counts. */
const char *bus_pin_of(const struct bus *bus, const char *endpoint);
enum bus_arrival bus_arrival_of(struct bus *bus, const char *key);

int bus_loop_open(struct bus *bus) must_check;
int bus_virtual_open(struct bus *bus, struct bus_network *network) must_check;

#endif
