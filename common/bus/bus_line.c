/* bus_line.c -- connections and flights of the simulated network. */
#include "bus/bus_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "bus/bus_calls.h"

struct cut *bus_line_cut(const struct bus_network *network, const struct node *from, const struct node *to)
{
	struct cut *cut = network->cuts;

	while (cut != NULL && (cut->from != from || cut->to != to))
		cut = cut->next;
	return cut;
}

void bus_line_free_if_done(struct line *line)
{
	if (!line->broken || line->cutting || line->flying[END_LINK] > 0 || line->flying[END_DOOR] > 0)
		return;
	for (struct line **at = &line->network->lines; *at != NULL; at = &(*at)->next)
		if (*at == line) {
			*at = line->next;
			break;
		}
	free(line);
}

/* When the link may try again; drawn, so that links do not return in step. */
void bus_line_wait(struct virtual_port *link)
{
	struct bus_network *network = link->node->network;

	link->ready_us =
	    network->now_us + BUS_LINE_CONNECT_US +
	    (int64_t)(bus_network_roll(network) % (BUS_LINE_RECONNECT_US_MAX - BUS_LINE_CONNECT_US));
}

void bus_line_break(struct line *line)
{
	struct virtual_port *link = line->ends[END_LINK];

	if (line->broken)
		return;
	line->broken = true;
	line->lost[END_LINK] = bus_network_roll(line->network) % 2 == 0;
	line->lost[END_DOOR] = bus_network_roll(line->network) % 2 == 0;
	if (link != NULL) {
		link->line = NULL;
		bus_line_wait(link);
	}
}

struct virtual_port *bus_line_door(const struct bus_network *network, const char *endpoint)
{
	for (const struct node *node = network->nodes; node != NULL; node = node->next)
		for (struct virtual_port *port = node->ports; port != NULL; port = port->next)
			if (port->port->is_door && strcmp(port->endpoint, endpoint) == 0)
				return port;
	return NULL;
}

/* Both have keys or none; the door has the one that the link was told of, and lets the link's in. */
static bool bus_line_admits(const struct virtual_port *link, const struct virtual_port *door)
{
	if (link->port->is_secured != door->port->is_secured)
		return false;
	if (!link->port->is_secured)
		return true;
	const char *pinned = bus_pin_of(link->node->bus, link->endpoint);
	return pinned != NULL && strcmp(pinned, door->node->bus->own.public_key) == 0 &&
	       bus_arrival_of(door->node->bus, link->node->bus->own.public_key) == BUS_COME_IN;
}

/* The line that a link speaks on, drawn when the door is there and both ways are open; else NULL. */
struct line *bus_line_of_link(struct virtual_port *link)
{
	struct bus_network *network = link->node->network;
	struct virtual_port *door = link->line == NULL ? bus_line_door(network, link->endpoint) : NULL;

	if (door == NULL || network->now_us < link->ready_us)
		return link->line;
	if (bus_line_cut(network, link->node, door->node) != NULL ||
	    bus_line_cut(network, door->node, link->node) != NULL)
		return NULL;
	if (!bus_line_admits(link, door)) {
		bus_line_wait(link);
		return NULL;
	}
	struct line *line = calloc(1, sizeof(*line));
	CHECK(line != NULL);
	*line = (struct line){
	    .network = network, .ends = {link, door}, .next = network->lines, .id = {.size = 5}};
	uint64_t number = ++network->line_numbers;
	for (int i = 0; i < 4; i++)
		line->id.id[i + 1] = (uint8_t)(number >> (24 - 8 * i));
	if (door->port->is_secured) {
		memcpy(line->id.key, link->node->bus->own.public_key, BUS_KEY_TEXT);
		memcpy(line->id.line, line->id.id + 1, sizeof(line->id.line));
	}
	network->lines = line;
	link->line = line;
	return line;
}

struct line *bus_line_of_peer(const struct virtual_port *door, const struct bus_peer *peer)
{
	struct line *line = door->node->network->lines;

	while (line != NULL && (line->broken || line->ends[END_DOOR] != door || line->id.size != peer->size ||
	                        memcmp(line->id.id, peer->id, peer->size) != 0))
		line = line->next;
	return line;
}

/* ---- messages ---- */

void bus_line_drop(struct flight *flight)
{
	struct line *line = flight->line;

	line->flying[flight->to]--;
	free(flight);
	bus_line_free_if_done(line);
}

static void note(struct bus_network *network, const struct flight *flight)
{
	const uint64_t facts[4] = {network->trace, (uint64_t)network->now_us, flight->to,
	                           hash_bytes(bytes_of(flight->bytes, flight->size))};

	network->trace =
	    hash_seeded(bytes_of(facts, sizeof(facts)), hash_bytes(bytes_of(flight->line->id.id, 5)));
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
	port->on_message(port->context, port, &from,
	                 bytes_of(flight->bytes, flight->size)); /* may close anything */
	bus_line_drop(flight);
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

void bus_line_release(struct virtual_port *port)
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
		bus_line_drop(flight);
		return false;
	}
	if (to->port->paused || to->held != NULL) { /* it waits behind those that wait */
		*to->held_end = flight;
		to->held_end = &flight->next;
		if (!to->port->paused)
			bus_line_release(to);
		return false;
	}
	hand_over(to, flight);
	return true;
}

void bus_line_fly(struct line *line, enum end to, struct bytes message)
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
		delay_us += (int64_t)(bus_network_roll(network) %
		                      (uint64_t)(faults->delay_us_max - faults->delay_us_min + 1));
	int64_t at_us = network->now_us + delay_us;
	if (bus_network_happens(network, faults->reorder)) {
		at_us += 1 + (int64_t)(bus_network_roll(network) %
		                       (uint64_t)(2 * delay_us + 1000)); /* others overtake it */
	} else {
		if (at_us < line->last_at_us[to])
			at_us = line->last_at_us[to];
		line->last_at_us[to] = at_us;
	}
	line->flying[to]++;
	bus_network_at(network, at_us, arrive, flight);
}
