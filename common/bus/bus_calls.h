/* bus_calls.h -- what the two buses share: one table of operations. */
#ifndef TRIBUTARY_BUS_BUS_CALLS_H
#define TRIBUTARY_BUS_BUS_CALLS_H

#include "bus/bus.h"

struct bus_operations {
	void (*close)(struct bus *bus);
	int (*port_open)(struct bus *bus, struct bus_port *port, const char *endpoint);
	void (*port_close)(struct bus_port *port);
	int (*send)(struct bus_port *port, const struct bus_peer *peer, struct bytes message);
	void (*pause)(struct bus_port *port);
	int (*timer_start)(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms);
	void (*timer_stop)(struct bus_timer *timer);
	void (*wake)(struct bus *bus);
	int (*on_signal)(struct bus *bus);
	int64_t (*now_us)(const struct bus *bus);
	int64_t (*monotonic_us)(const struct bus *bus);
	void (*run)(struct bus *bus, bool once, uint64_t wait_ms);
	void (*stop)(struct bus *bus);
};

/* The head of every bus; the backend's own follows in its own struct. */
struct bus {
	const struct bus_operations *operations;
	bus_on_timer *on_wake, *on_signal;
	void *wake_context, *signal_context;
	struct bus_port *ports;
	struct bus_timer *timers;
	struct bus_usage usage;
	void *base;
};

struct bus_port {
	struct bus *bus;
	struct bus_port *next;
	bus_on_message *on_message;
	void *context;
	bool is_door, paused;
	void *base;
};

struct bus_timer {
	struct bus *bus;
	struct bus_timer *next;
	bus_on_timer *on_timer;
	void *context;
	void *base;
};

/* bus_endpoint_check -- ERR_USAGE, with a line in the log, for anything but ipc://PATH and tcp on this
 * machine. bus_endpoint_clear -- remove the socket file that a dead process left; ERR_STORE_BUSY when
 * somebody serves it. */
int bus_endpoint_check(const char *endpoint) must_check;
int bus_endpoint_clear(const char *endpoint) must_check;

/* bus_endpoint_release -- remove the socket file of a door that is about to close, while nobody else can have
 * taken its place. */
void bus_endpoint_release(const char *endpoint);

int bus_loop_open(struct bus *bus) must_check;
int bus_virtual_open(struct bus *bus, struct bus_network *network) must_check;

#endif
