/*
 * bus_virtual.c -- the twin: buses without sockets in a simulated network. Loss, duplication, delay and cuts are drawn from one seed.
 *
 * Between a link and the door it found there is a line with an id of its own, as a connection has; when either end goes, the line
 * breaks and the link draws a new one. What is on a broken line may still arrive or may be lost: sockets do both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "bus/bus_calls.h"
#include "bus/bus_network.h"

#define QUEUE_MAX 1000			/* messages on the way on one line, each way */
#define CONNECT_US 1000			/* a door that is there is reached after this, */
#define RECONNECT_US_MAX 50000		/* one that comes back after up to this */
#define SILENCE_US INT64_C(15000000)	/* a line that is cut for so long is given up */

enum end { END_LINK, END_DOOR };

struct line {
	struct line *next;
	struct bus_network *network;
	struct virtual_port *ends[2];	/* NULL: that port is closed */
	struct bus_peer id;
	int64_t last_at_us[2];		/* towards each end: what is sent later arrives later */
	uint32_t flying[2];
	bool broken, lost[2];		/* lost: what still flies towards this end does not arrive */
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
	struct bus_port *port;		/* NULL: closed, waiting for its release to be due */
	struct line *line;		/* of a link: the present one, or NULL */
	int64_t ready_us;		/* of a link: not connected before */
	struct flight *held, **held_end; /* arrived while it was paused */
	bool releasing;			/* a release of the held is due */
	char endpoint[256];
};

struct ticker {
	struct node *node;
	struct bus_timer *timer;	/* NULL: stopped, freed when it would be due */
	int64_t repeat_us;
	bool pending;
};

struct node {
	struct node *next;
	struct bus *bus;		/* NULL: closed, waiting for its wake to be due */
	struct bus_network *network;
	struct virtual_port *ports;
	bool waking;
};

static struct node *node_of(const struct bus *bus)
{
	return bus->base;
}

/* ---- lines ---- */

static struct cut *cut_between(const struct bus_network *network, const struct node *from, const struct node *to)
{
	struct cut *cut = network->cuts;

	while (cut != NULL && (cut->from != from || cut->to != to))
		cut = cut->next;
	return cut;
}

static void line_free_if_done(struct line *line)
{
	if (!line->broken || line->flying[END_LINK] > 0 || line->flying[END_DOOR] > 0)
		return;
	for (struct line **at = &line->network->lines; *at != NULL; at = &(*at)->next)
		if (*at == line) {
			*at = line->next;
			break;
		}
	free(line);
}

/* When the link may try again; drawn, so that links do not return in step. */
static void link_waits(struct virtual_port *link)
{
	struct bus_network *network = link->node->network;

	link->ready_us = network->now_us + CONNECT_US + (int64_t)(bus_network_roll(network) % (RECONNECT_US_MAX - CONNECT_US));
}

static void line_break(struct line *line)
{
	struct virtual_port *link = line->ends[END_LINK];

	if (line->broken)
		return;
	line->broken = true;
	line->lost[END_LINK] = bus_network_roll(line->network) % 2 == 0;
	line->lost[END_DOOR] = bus_network_roll(line->network) % 2 == 0;
	if (link != NULL) {
		link->line = NULL;
		link_waits(link);
	}
}

static struct virtual_port *door_at(const struct bus_network *network, const char *endpoint)
{
	for (const struct node *node = network->nodes; node != NULL; node = node->next)
		for (struct virtual_port *port = node->ports; port != NULL; port = port->next)
			if (port->port->is_door && strcmp(port->endpoint, endpoint) == 0)
				return port;
	return NULL;
}

/* The line that a link speaks on, drawn when the door is there and both ways are open; else NULL. */
static struct line *line_of_link(struct virtual_port *link)
{
	struct bus_network *network = link->node->network;
	struct virtual_port *door = link->line == NULL ? door_at(network, link->endpoint) : NULL;

	if (door == NULL || network->now_us < link->ready_us)
		return link->line;
	if (cut_between(network, link->node, door->node) != NULL || cut_between(network, door->node, link->node) != NULL)
		return NULL;
	struct line *line = calloc(1, sizeof(*line));
	CHECK(line != NULL);
	*line = (struct line){.network = network, .ends = {link, door}, .next = network->lines, .id = {.size = 5}};
	uint64_t number = ++network->line_numbers;
	for (int i = 0; i < 4; i++)
		line->id.id[i + 1] = (uint8_t)(number >> (24 - 8 * i));
	network->lines = line;
	link->line = line;
	return line;
}

static struct line *line_of_peer(const struct virtual_port *door, const struct bus_peer *peer)
{
	struct line *line = door->node->network->lines;

	while (line != NULL && (line->broken || line->ends[END_DOOR] != door || line->id.size != peer->size ||
				memcmp(line->id.id, peer->id, peer->size) != 0))
		line = line->next;
	return line;
}

/* ---- messages ---- */

static void flight_end(struct flight *flight)
{
	struct line *line = flight->line;

	line->flying[flight->to]--;
	free(flight);
	line_free_if_done(line);
}

static void note(struct bus_network *network, const struct flight *flight)
{
	const uint64_t facts[4] = {network->trace, (uint64_t)network->now_us, flight->to,
				   hash_bytes(bytes_of(flight->bytes, flight->size))};

	network->trace = hash_seeded(bytes_of(facts, sizeof(facts)), hash_bytes(bytes_of(flight->line->id.id, 5)));
}

static void hand_over(struct virtual_port *to, struct flight *flight)
{
	struct bus_usage *usage = &to->node->bus->usage;
	struct bus_port *port = to->port;
	struct bus_peer from = {0};

	usage->messages_in++;
	usage->bytes_in += flight->size;
	note(to->node->network, flight);
	if (port->is_door)
		from = flight->line->id;
	port->on_message(port->context, port, &from, bytes_of(flight->bytes, flight->size)); /* may close anything */
	flight_end(flight);
}

static bool release(void *subject, bool dropped)
{
	struct virtual_port *port = subject;
	struct flight *flight = port->held;

	port->releasing = false;
	if (port->port == NULL || dropped) {
		free(port);
		return false;
	}
	if (port->port->paused || flight == NULL)
		return false;
	port->held = flight->next;
	if (port->held == NULL)
		port->held_end = &port->held;
	else
		port->releasing = true;
	if (port->releasing) /* the next one after this one, before anything that is sent now */
		bus_network_at(port->node->network, port->node->network->now_us, release, port);
	hand_over(port, flight);
	return true;
}

static void release_soon(struct virtual_port *port)
{
	if (port->held == NULL || port->releasing)
		return;
	port->releasing = true;
	bus_network_at(port->node->network, port->node->network->now_us, release, port);
}

static bool arrive(void *subject, bool dropped)
{
	struct flight *flight = subject;
	struct line *line = flight->line;
	struct virtual_port *to = line->ends[flight->to];

	if (dropped || to == NULL || line->lost[flight->to]) {
		flight_end(flight);
		return false;
	}
	if (to->port->paused || to->held != NULL) { /* it waits behind those that wait */
		*to->held_end = flight;
		to->held_end = &flight->next;
		if (!to->port->paused)
			release_soon(to);
		return false;
	}
	hand_over(to, flight);
	return true;
}

static void fly(struct line *line, enum end to, struct bytes message)
{
	struct bus_network *network = line->network;
	const struct bus_faults *faults = &network->faults;
	int64_t delay_us = faults->delay_us_min > 0 ? faults->delay_us_min : 1;
	struct flight *flight = malloc(sizeof(*flight) + message.size);

	CHECK(flight != NULL);
	*flight = (struct flight){.line = line, .to = to, .size = message.size};
	if (message.size > 0)
		memcpy(flight->bytes, message.data, message.size);
	if (faults->delay_us_max > faults->delay_us_min)
		delay_us += (int64_t)(bus_network_roll(network) % (uint64_t)(faults->delay_us_max - faults->delay_us_min + 1));
	int64_t at_us = network->now_us + delay_us;
	if (bus_network_happens(network, faults->reorder)) {
		at_us += 1 + (int64_t)(bus_network_roll(network) % (uint64_t)(2 * delay_us + 1000)); /* others overtake it */
	} else {
		if (at_us < line->last_at_us[to])
			at_us = line->last_at_us[to];
		line->last_at_us[to] = at_us;
	}
	line->flying[to]++;
	bus_network_at(network, at_us, arrive, flight);
}

static int virtual_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct virtual_port *from = port->base;
	struct bus_network *network = from->node->network;
	struct line *line = port->is_door ? line_of_peer(from, peer) : line_of_link(from);
	enum end to = port->is_door ? END_LINK : END_DOOR;

	if (line == NULL)
		return ERR_GONE;
	struct cut *cut = cut_between(network, from->node, line->ends[to]->node);
	if (cut != NULL && network->now_us - cut->since_us >= SILENCE_US) {
		line_break(line);
		line_free_if_done(line);
		return ERR_GONE;
	}
	if (line->flying[to] >= QUEUE_MAX)
		return ERR_AGAIN;
	if (cut != NULL || bus_network_happens(network, network->faults.loss))
		return ERR_NONE; /* it left, and never arrives */
	fly(line, to, message);
	if (bus_network_happens(network, network->faults.duplicate))
		fly(line, to, message);
	return ERR_NONE;
}

/* ---- ports ---- */

static void door_is_there(struct bus_network *network, const char *endpoint)
{
	for (struct node *node = network->nodes; node != NULL; node = node->next)
		for (struct virtual_port *port = node->ports; port != NULL; port = port->next)
			if (!port->port->is_door && strcmp(port->endpoint, endpoint) == 0)
				link_waits(port);
}

static int virtual_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct node *node = node_of(bus);
	struct virtual_port *opened;

	if ((strncmp(endpoint, "ipc://", 6) != 0 && strncmp(endpoint, "tcp://", 6) != 0) ||
	    strlen(endpoint) >= sizeof(opened->endpoint))
		return ERR_USAGE;
	if (port->is_door && door_at(node->network, endpoint) != NULL)
		return ERR_STORE_BUSY;
	opened = calloc(1, sizeof(*opened));
	if (opened == NULL)
		return ERR_MEMORY;
	opened->port = port;
	opened->node = node;
	opened->held_end = &opened->held;
	opened->ready_us = node->network->now_us + CONNECT_US;
	snprintf(opened->endpoint, sizeof(opened->endpoint), "%s", endpoint);
	if (port->is_door)
		door_is_there(node->network, endpoint);
	opened->next = node->ports;
	node->ports = opened;
	port->base = opened;
	return ERR_NONE;
}

static void virtual_port_close(struct bus_port *port)
{
	struct virtual_port *closed = port->base;
	struct line *next;

	for (struct virtual_port **at = &closed->node->ports; *at != NULL; at = &(*at)->next)
		if (*at == closed) {
			*at = closed->next;
			break;
		}
	for (struct flight *flight = closed->held, *after; flight != NULL; flight = after) {
		after = flight->next;
		flight_end(flight);
	}
	for (struct line *line = closed->node->network->lines; line != NULL; line = next) {
		next = line->next;
		for (enum end end = END_LINK; end <= END_DOOR; end++)
			if (line->ends[end] == closed) {
				line_break(line);
				line->ends[end] = NULL;
			}
		line_free_if_done(line);
	}
	closed->port = NULL;
	if (!closed->releasing)
		free(closed);
}

static void virtual_pause(struct bus_port *port)
{
	if (!port->paused)
		release_soon(port->base);
}

/* ---- timers, wakes, the clock ---- */

static bool tick(void *subject, bool dropped)
{
	struct ticker *ticker = subject;

	if (ticker->timer == NULL || dropped) {
		free(ticker);
		return false;
	}
	ticker->pending = ticker->repeat_us > 0;
	if (ticker->pending)
		bus_network_at(ticker->node->network, ticker->node->network->now_us + ticker->repeat_us, tick, ticker);
	ticker->timer->on_timer(ticker->timer->context); /* may stop itself */
	return true;
}

static int virtual_timer_start(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms)
{
	struct node *node = node_of(timer->bus);
	struct ticker *ticker = calloc(1, sizeof(*ticker));

	if (ticker == NULL)
		return ERR_MEMORY;
	*ticker = (struct ticker){.node = node, .timer = timer, .repeat_us = (int64_t)repeat_ms * 1000, .pending = true};
	timer->base = ticker;
	bus_network_at(node->network, node->network->now_us + (int64_t)delay_ms * 1000, tick, ticker);
	return ERR_NONE;
}

static void virtual_timer_stop(struct bus_timer *timer)
{
	struct ticker *ticker = timer->base;

	ticker->timer = NULL;
	if (!ticker->pending)
		free(ticker);
}

static bool wake_up(void *subject, bool dropped)
{
	struct node *node = subject;

	node->waking = false;
	if (node->bus == NULL || dropped) {
		free(node);
		return false;
	}
	if (node->bus->on_wake == NULL)
		return false;
	node->bus->on_wake(node->bus->wake_context);
	return true;
}

static void virtual_wake(struct bus *bus)
{
	struct node *node = node_of(bus);

	if (node->waking)
		return;
	node->waking = true;
	bus_network_at(node->network, node->network->now_us, wake_up, node);
}

static int virtual_on_signal(struct bus *bus)
{
	(void)bus;
	return ERR_NONE;
}

static int64_t virtual_now_us(const struct bus *bus)
{
	return node_of(bus)->network->now_us;
}

static void virtual_run(struct bus *bus, bool once, uint64_t wait_ms)
{
	(void)bus; /* bus_network_step serves it */
	(void)once;
	(void)wait_ms;
}

static void virtual_stop(struct bus *bus)
{
	(void)bus;
}

static void virtual_close(struct bus *bus)
{
	struct node *node = node_of(bus);
	struct bus_network *network = node->network;

	for (struct node **at = &network->nodes; *at != NULL; at = &(*at)->next)
		if (*at == node) {
			*at = node->next;
			break;
		}
	for (struct cut **at = &network->cuts, *cut; (cut = *at) != NULL;) {
		if (cut->from != node && cut->to != node) {
			at = &cut->next;
			continue;
		}
		*at = cut->next;
		free(cut);
	}
	node->bus = NULL;
	if (!node->waking)
		free(node);
}

static const struct bus_operations virtual_operations = {.close = virtual_close,
							 .port_open = virtual_port_open,
							 .port_close = virtual_port_close,
							 .send = virtual_send,
							 .pause = virtual_pause,
							 .timer_start = virtual_timer_start,
							 .timer_stop = virtual_timer_stop,
							 .wake = virtual_wake,
							 .on_signal = virtual_on_signal,
							 .now_us = virtual_now_us,
							 .monotonic_us = virtual_now_us,
							 .run = virtual_run,
							 .stop = virtual_stop};

int bus_virtual_open(struct bus *bus, struct bus_network *network)
{
	struct node *node = calloc(1, sizeof(*node)), **end = &network->nodes;

	if (node == NULL)
		return ERR_MEMORY;
	node->bus = bus;
	node->network = network;
	while (*end != NULL)
		end = &(*end)->next;
	*end = node;
	bus->base = node;
	bus->operations = &virtual_operations;
	return ERR_NONE;
}

void bus_network_cut(struct bus_network *network, struct bus *from, struct bus *to, bool cut)
{
	struct cut *present = cut_between(network, node_of(from), node_of(to)), **at = &network->cuts;

	if (cut == (present != NULL))
		return;
	if (cut) {
		present = calloc(1, sizeof(*present));
		CHECK(present != NULL);
		*present = (struct cut){network->cuts, node_of(from), node_of(to), network->now_us};
		network->cuts = present;
		return;
	}
	while (*at != present)
		at = &(*at)->next;
	*at = present->next;
	if (network->now_us - present->since_us >= SILENCE_US) /* both ends have given the line up meanwhile */
		for (struct line *line = network->lines, *next; line != NULL; line = next) {
			struct virtual_port *link = line->ends[END_LINK], *door = line->ends[END_DOOR];

			next = line->next;
			if (link != NULL && door != NULL && (link->node == present->from || link->node == present->to) &&
			    (door->node == present->from || door->node == present->to)) {
				line_break(line);
				line_free_if_done(line);
			}
		}
	free(present);
}
