/* bus_virtual.c -- the twin: buses without sockets, whose ports, timers and wakes are entries in the calendar
 * of a simulated network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bus/bus_calls.h"
#include "bus/bus_line.h"

struct ticker {
	struct node *node;
	struct bus_timer *timer; /* NULL: stopped, freed when it would be due */
	int64_t repeat_us;
	bool pending;
};

static struct node *node_of(const struct bus *bus)
{
	return bus->base;
}

static int virtual_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct virtual_port *from = port->base;
	struct bus_network *network = from->node->network;
	struct line *line = port->is_door ? bus_line_of_peer(from, peer) : bus_line_of_link(from);
	enum end to = port->is_door ? END_LINK : END_DOOR;

	if (line == NULL)
		return ERR_GONE;
	struct cut *cut = bus_line_cut(network, from->node, line->ends[to]->node);
	if (cut != NULL && network->now_us - cut->since_us >= BUS_LINE_SILENCE_US) {
		bus_line_break(line);
		bus_line_free_if_done(line);
		return ERR_GONE;
	}
	if (line->flying[to] >= BUS_LINE_QUEUE)
		return ERR_AGAIN;
	if (cut != NULL || bus_network_happens(network, network->faults.loss))
		return ERR_NONE; /* it left, and never arrives */
	bus_line_fly(line, to, message);
	if (bus_network_happens(network, network->faults.duplicate))
		bus_line_fly(line, to, message);
	return ERR_NONE;
}

/* ---- ports ---- */

static void door_is_there(struct bus_network *network, const char *endpoint)
{
	for (struct node *node = network->nodes; node != NULL; node = node->next)
		for (struct virtual_port *port = node->ports; port != NULL; port = port->next)
			if (!port->port->is_door && strcmp(port->endpoint, endpoint) == 0)
				bus_line_wait(port);
}

static int virtual_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct node *node = node_of(bus);
	struct virtual_port *opened;

	if ((strncmp(endpoint, "ipc://", 6) != 0 && strncmp(endpoint, "tcp://", 6) != 0) ||
	    strlen(endpoint) >= sizeof(opened->endpoint))
		return ERR_USAGE;
	if (strncmp(endpoint, "tcp://", 6) == 0 && bus_endpoint_check(endpoint, port->is_secured) != ERR_NONE)
		return ERR_USAGE;
	if (port->is_door && bus_line_door(node->network, endpoint) != NULL)
		return ERR_STORE_BUSY;
	opened = calloc(1, sizeof(*opened));
	if (opened == NULL)
		return ERR_MEMORY;
	opened->port = port;
	opened->node = node;
	opened->held_end = &opened->held;
	opened->ready_us = node->network->now_us + BUS_LINE_CONNECT_US;
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
		bus_line_drop(flight);
	}
	for (struct line *line = closed->node->network->lines; line != NULL; line = next) {
		next = line->next;
		for (enum end end = END_LINK; end <= END_DOOR; end++)
			if (line->ends[end] == closed) {
				bus_line_break(line);
				line->ends[end] = NULL;
			}
		bus_line_free_if_done(line);
	}
	closed->port = NULL;
	if (!closed->releasing)
		free(closed);
}

static bool cut_now(void *subject, bool dropped)
{
	struct line *line = subject;

	line->cutting = false;
	if (!dropped)
		bus_line_break(line);
	bus_line_free_if_done(line);
	return !dropped;
}

static void virtual_cut(struct bus_port *port, const struct bus_peer *peer)
{
	struct virtual_port *door = port->base;
	struct line *line = bus_line_of_peer(door, peer);

	if (line == NULL || line->cutting)
		return;
	line->cutting = true;
	bus_network_at(line->network, line->network->now_us + BUS_CUT_MS * 1000, cut_now, line);
}

static void virtual_pause(struct bus_port *port)
{
	if (!port->paused)
		bus_line_release(port->base);
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
		bus_network_at(ticker->node->network, ticker->node->network->now_us + ticker->repeat_us, tick,
		               ticker);
	ticker->timer->on_timer(ticker->timer->context); /* may stop itself */
	return true;
}

static int virtual_timer_start(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms)
{
	struct node *node = node_of(timer->bus);
	struct ticker *ticker = calloc(1, sizeof(*ticker));

	if (ticker == NULL)
		return ERR_MEMORY;
	*ticker = (struct ticker){
	    .node = node, .timer = timer, .repeat_us = (int64_t)repeat_ms * 1000, .pending = true};
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

static struct bus_kept *virtual_keep(struct bus *bus)
{
	(void)bus;
	return NULL;
}

static const struct bus_operations virtual_operations = {.close = virtual_close,
                                                         .port_open = virtual_port_open,
                                                         .port_close = virtual_port_close,
                                                         .send = virtual_send,
                                                         .keep = virtual_keep,
                                                         .cut = virtual_cut,
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
	struct cut *present = bus_line_cut(network, node_of(from), node_of(to)), **at = &network->cuts;

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
	if (network->now_us - present->since_us >=
	    BUS_LINE_SILENCE_US) /* both ends have given the line up meanwhile */
		for (struct line *line = network->lines, *next; line != NULL; line = next) {
			struct virtual_port *link = line->ends[END_LINK], *door = line->ends[END_DOOR];

			next = line->next;
			if (link != NULL && door != NULL &&
			    (link->node == present->from || link->node == present->to) &&
			    (door->node == present->from || door->node == present->to)) {
				bus_line_break(line);
				bus_line_free_if_done(line);
			}
		}
	free(present);
}
