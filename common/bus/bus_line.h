/*
 * bus_line.h -- the lines between links and doors of a simulated network, and the messages on their way.
 *
 * A line is what a connection is: it has an id of its own, keeps the order, holds so many messages each way,
 * and breaks when either end goes. What is on a broken line may still arrive or may be lost: sockets do both.
 * Only the bus room includes it.
 */
#ifndef TRIBUTARY_BUS_BUS_LINE_H
#define TRIBUTARY_BUS_BUS_LINE_H

#include "bus/bus_network.h"

#define BUS_LINE_QUEUE 1000                   /* messages on the way on one line, each way */
#define BUS_LINE_CONNECT_US 1000              /* a door that is there is reached after this, */
#define BUS_LINE_RECONNECT_US_MAX 50000       /* one that comes back after up to this */
#define BUS_LINE_SILENCE_US INT64_C(15000000) /* a line that is cut for so long is given up */

enum end { END_LINK, END_DOOR };

struct line {
	struct line *next;
	struct bus_network *network;
	struct virtual_port *ends[2]; /* NULL: that port is closed */
	struct bus_peer id;
	int64_t last_at_us[2]; /* towards each end: what is sent later arrives later */
	uint32_t flying[2];
	bool broken, lost[2]; /* lost: what still flies towards this end does not arrive */
	bool cutting;	      /* it ends in a moment */
};

/* A message on its way. */
struct flight {
	struct flight *next;
	struct line *line;
	enum end to;
	size_t size;
	uint8_t bytes[];
};

struct virtual_port {
	struct virtual_port *next;
	struct node *node;
	struct bus_port *port;           /* NULL: closed, waiting for its release to be due */
	struct line *line;               /* of a link: the present one, or NULL */
	int64_t ready_us;                /* of a link: not connected before */
	struct flight *held, **held_end; /* arrived while it was paused */
	bool releasing;                  /* a release of the held is due */
	char endpoint[256];
};

struct node {
	struct node *next;
	struct bus *bus; /* NULL: closed, waiting for its wake to be due */
	struct bus_network *network;
	struct virtual_port *ports;
	bool waking;
};

/* bus_line_cut -- the cut of that way, or NULL.   bus_line_door -- who serves an endpoint, or NULL. */
struct cut *bus_line_cut(const struct bus_network *network, const struct node *from, const struct node *to);
struct virtual_port *bus_line_door(const struct bus_network *network, const char *endpoint);

/* bus_line_wait -- a link may connect after a while only; drawn, so that links do not return in step. */
void bus_line_wait(struct virtual_port *link);

/*
 * bus_line_of_link -- the line that a link speaks on, drawn when the door is there and both ways are open;
 * else NULL. bus_line_of_peer -- the line of a peer at a door, or NULL.
 */
struct line *bus_line_of_link(struct virtual_port *link);
struct line *bus_line_of_peer(const struct virtual_port *door, const struct bus_peer *peer);

/* bus_line_break -- nobody speaks on it any more.   bus_line_free_if_done -- and when nothing flies either,
 * it is gone. */
void bus_line_break(struct line *line);
void bus_line_free_if_done(struct line *line);

/* bus_line_fly -- put a message on its way, as slowly or out of order as the faults say.   bus_line_drop --
 * it does not arrive. */
void bus_line_fly(struct line *line, enum end to, struct bytes message);
void bus_line_drop(struct flight *flight);

/* bus_line_release -- hand over what waited at a port that was paused, one after the other. */
void bus_line_release(struct virtual_port *port);

#endif
