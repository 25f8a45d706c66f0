/*
 * world.h -- a place in which the same test runs over sockets and over the simulated network.
 *
 * A world has buses, and a way to let time pass until something is true. It does not know what is sent.
 */
#ifndef TRIBUTARY_TESTS_BUS_WORLD_H
#define TRIBUTARY_TESTS_BUS_WORLD_H

#include "bus/bus.h"

#define WORLD_BUSES 64

struct world {
	bool is_simulated;
	struct bus_network *network; /* NULL over sockets */
	struct bus *buses[WORLD_BUSES];
	unsigned bus_count;
	char folder[64];
	char door[96]; /* an endpoint to use */
};

/* world_open_sockets, world_open_simulated -- fixtures of cmocka: *state becomes the world.   world_shut --
 * closes every bus. */
int world_open_sockets(void **state);
int world_open_simulated(void **state);
int world_shut(void **state);

/* world_bus -- one more bus; the world closes it.   world_drop -- close one now, as a process that dies. */
struct bus *world_bus(struct world *world);
void world_drop(struct world *world, struct bus *bus);

/* world_until -- let time pass until done(context); fails the test after ten seconds (virtual ones in the
 * simulation). */
typedef bool world_done(void *context);
void world_until(struct world *world, world_done *done, void *context);

/* world_pass -- let some time pass. */
void world_pass(struct world *world, unsigned ms);

/* struct ear -- the owner of a port: keeps count, and the last message of each. */
struct ear {
	unsigned heard;
	uint64_t bytes;
	struct bus_peer from; /* of the last one */
	uint32_t number;      /* its first four bytes */
	bool in_order;        /* every number was one more than that before */
	bool answers;         /* sends everything back */
	unsigned wanted;      /* for ear_full */
	struct bus_port *port;
};

void ear_listen(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes message);
bool ear_full(void *context); /* heard >= wanted */

/* ear_door, ear_link -- a port of this ear. */
void ear_door(struct ear *ear, struct bus *bus, const char *endpoint);
void ear_link(struct ear *ear, struct bus *bus, const char *endpoint);

/* world_say -- send a number on a link, trying until the connection is there; fails the test after ten
 * seconds. */
void world_say(struct world *world, struct bus_port *link, uint32_t number);

/* say -- send a number once. */
int say(struct bus_port *port, const struct bus_peer *peer, uint32_t number);

#endif
