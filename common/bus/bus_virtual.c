/* bus_virtual.c -- the twin: a network in memory under a virtual clock; loss, duplication, delay and cuts are drawn from one seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bus/bus_calls.h"

#define NODES_MAX 256
#define QUEUE_MAX 1000 /* messages on the way to one port */

enum due_kind { DUE_MESSAGE, DUE_TIMER, DUE_WAKE };

/* Something that will happen at a moment; equal moments in the order they were asked for. */
struct due {
	int64_t at_us;
	uint64_t number;
	enum due_kind kind;
	struct sim_port *to;
	struct sim_timer *timer;
	struct sim_bus *bus;
	struct bus_peer from;
	size_t size;
	uint8_t *bytes;
};

struct sim_port {
	struct bus_port *port; /* NULL: closed, kept until nothing is on the way to it */
	struct sim_bus *bus;
	char endpoint[256];
	struct bus_peer id;	/* of a link, as doors see it */
	int64_t last_at_us;	/* so that one sender's messages keep their order */
	uint32_t waiting;
	struct sim_port *next;
};

struct sim_timer {
	struct bus_timer *timer; /* NULL: stopped */
	uint64_t repeat_ms;
};

struct sim_bus {
	struct bus *bus; /* NULL: closed */
	struct bus_network *network;
	unsigned index;
	bool wake_due;
};

struct bus_network {
	int64_t now_us;
	uint64_t dice, number, links;
	struct bus_faults faults;
	struct sim_port *ports;
	struct sim_bus *buses[NODES_MAX];
	unsigned bus_count;
	bool cut[NODES_MAX][NODES_MAX];
	struct due *heap;
	size_t due_count, heap_size;
};

/* splitmix64: small, known, the same on every machine. */
static uint64_t roll(struct bus_network *network)
{
	uint64_t z = network->dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool happens(struct bus_network *network, uint32_t of_10000)
{
	return of_10000 > 0 && roll(network) % 10000 < of_10000;
}

/* ---- what is due, in a binary heap ---- */

static bool before(const struct due *a, const struct due *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

static void swap(struct due *a, struct due *b)
{
	struct due other = *a;

	*a = *b;
	*b = other;
}

static void due_add(struct bus_network *network, struct due due)
{
	if (network->due_count == network->heap_size) {
		network->heap_size = network->heap_size > 0 ? network->heap_size * 2 : 256;
		network->heap = realloc(network->heap, network->heap_size * sizeof(*network->heap));
		CHECK(network->heap != NULL);
	}
	due.number = ++network->number;
	size_t at = network->due_count++;
	network->heap[at] = due;
	for (; at > 0 && before(&network->heap[at], &network->heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&network->heap[at], &network->heap[(at - 1) / 2]);
}

static struct due due_take(struct bus_network *network)
{
	struct due first = network->heap[0];

	network->heap[0] = network->heap[--network->due_count];
	for (size_t at = 0;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < network->due_count && before(&network->heap[child], &network->heap[least]))
				least = child;
		if (least == at)
			return first;
		swap(&network->heap[at], &network->heap[least]);
		at = least;
	}
}

/* ---- the bus's operations ---- */

static struct sim_bus *sim_of(const struct bus *bus)
{
	return bus->base;
}

static int sim_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct bus_network *network = sim_of(bus)->network;
	struct sim_port *sim;

	if (strncmp(endpoint, "ipc://", 6) != 0 && strncmp(endpoint, "tcp://", 6) != 0)
		return ERR_USAGE;
	for (sim = network->ports; port->is_door && sim != NULL; sim = sim->next)
		if (sim->port != NULL && sim->port->is_door && strcmp(sim->endpoint, endpoint) == 0)
			return ERR_STORE_BUSY;
	sim = calloc(1, sizeof(*sim));
	if (sim == NULL)
		return ERR_MEMORY;
	sim->port = port;
	sim->bus = sim_of(bus);
	snprintf(sim->endpoint, sizeof(sim->endpoint), "%s", endpoint);
	sim->id.size = 5;
	uint64_t number = ++network->links;
	for (int i = 1; i < 5; i++)
		sim->id.id[i] = (uint8_t)(number >> (32 - 8 * i));
	sim->next = network->ports;
	network->ports = sim;
	port->base = sim;
	return ERR_NONE;
}

static void sim_port_close(struct bus_port *port)
{
	struct sim_port *sim = port->base;

	sim->port = NULL; /* what is on the way to it falls on the floor when it arrives */
}

static struct sim_port *door_at(struct bus_network *network, const char *endpoint)
{
	struct sim_port *sim = network->ports;

	while (sim != NULL && !(sim->port != NULL && sim->port->is_door && strcmp(sim->endpoint, endpoint) == 0))
		sim = sim->next;
	return sim;
}

static struct sim_port *link_named(struct bus_network *network, const struct sim_port *door, const struct bus_peer *peer)
{
	struct sim_port *sim = network->ports;

	while (sim != NULL && !(sim->port != NULL && !sim->port->is_door && strcmp(sim->endpoint, door->endpoint) == 0 &&
				memcmp(&sim->id, peer, sizeof(*peer)) == 0))
		sim = sim->next;
	return sim;
}

static void put_on_the_way(struct bus_network *network, struct sim_port *from, struct sim_port *to, struct bytes message)
{
	const struct bus_faults *faults = &network->faults;
	int64_t delay = faults->delay_us_min > 0 ? faults->delay_us_min : 1;
	struct due due = {.kind = DUE_MESSAGE, .to = to, .size = message.size, .from = from->id};

	if (to->port->is_door == false)
		memset(&due.from, 0, sizeof(due.from));
	if (faults->delay_us_max > faults->delay_us_min)
		delay += (int64_t)(roll(network) % (uint64_t)(faults->delay_us_max - faults->delay_us_min + 1));
	due.at_us = network->now_us + delay;
	if (!happens(network, faults->reorder)) { /* in order behind what this sender has on the way */
		if (due.at_us < from->last_at_us)
			due.at_us = from->last_at_us;
		from->last_at_us = due.at_us;
	}
	due.bytes = malloc(message.size + 1);
	CHECK(due.bytes != NULL);
	memcpy(due.bytes, message.data, message.size);
	to->waiting++;
	due_add(network, due);
}

static int sim_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct sim_port *from = port->base;
	struct bus_network *network = from->bus->network;
	struct sim_port *to = port->is_door ? link_named(network, from, peer) : door_at(network, from->endpoint);

	if (to == NULL)
		return ERR_GONE;
	if (to->waiting >= QUEUE_MAX)
		return ERR_AGAIN;
	if (network->cut[from->bus->index][to->bus->index] || happens(network, network->faults.loss))
		return ERR_NONE; /* it left, and never arrives */
	put_on_the_way(network, from, to, message);
	if (happens(network, network->faults.duplicate))
		put_on_the_way(network, from, to, message);
	return ERR_NONE;
}

static void sim_pause(struct bus_port *port)
{
	(void)port; /* a paused port's messages are put off when they are due */
}

static int sim_timer_start(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms)
{
	struct bus_network *network = sim_of(timer->bus)->network;
	struct sim_timer *sim = calloc(1, sizeof(*sim));

	if (sim == NULL)
		return ERR_MEMORY;
	*sim = (struct sim_timer){.timer = timer, .repeat_ms = repeat_ms};
	timer->base = sim;
	due_add(network, (struct due){.at_us = network->now_us + (int64_t)delay_ms * 1000, .kind = DUE_TIMER, .timer = sim});
	return ERR_NONE;
}

static void sim_timer_stop(struct bus_timer *timer)
{
	struct sim_timer *sim = timer->base;

	sim->timer = NULL; /* freed when it would have been due */
}

static void sim_wake(struct bus *bus)
{
	struct sim_bus *sim = sim_of(bus);

	if (sim->wake_due)
		return;
	sim->wake_due = true;
	due_add(sim->network, (struct due){.at_us = sim->network->now_us, .kind = DUE_WAKE, .bus = sim});
}

static int sim_on_signal(struct bus *bus)
{
	(void)bus;
	return ERR_NONE;
}

static int64_t sim_now_us(const struct bus *bus)
{
	return sim_of(bus)->network->now_us;
}

static void sim_run(struct bus *bus, bool once, uint64_t wait_ms)
{
	(void)bus;
	(void)once;
	(void)wait_ms;
}

static void sim_stop(struct bus *bus)
{
	(void)bus;
}

static void sim_close(struct bus *bus)
{
	sim_of(bus)->bus = NULL;
}

static const struct bus_operations sim_operations = {.close = sim_close,
						     .port_open = sim_port_open,
						     .port_close = sim_port_close,
						     .send = sim_send,
						     .pause = sim_pause,
						     .timer_start = sim_timer_start,
						     .timer_stop = sim_timer_stop,
						     .wake = sim_wake,
						     .on_signal = sim_on_signal,
						     .now_us = sim_now_us,
						     .monotonic_us = sim_now_us,
						     .run = sim_run,
						     .stop = sim_stop};

int bus_sim_open(struct bus *bus, struct bus_network *network)
{
	struct sim_bus *sim = calloc(1, sizeof(*sim));

	if (sim == NULL || network->bus_count == NODES_MAX) {
		free(sim);
		return ERR_MEMORY;
	}
	*sim = (struct sim_bus){.bus = bus, .network = network, .index = network->bus_count};
	network->buses[network->bus_count++] = sim;
	bus->base = sim;
	bus->operations = &sim_operations;
	return ERR_NONE;
}

/* ---- the network ---- */

int bus_network_open(struct bus_network **out, uint64_t seed, int64_t start_us)
{
	struct bus_network *network = calloc(1, sizeof(*network));

	*out = network;
	if (network == NULL)
		return ERR_MEMORY;
	network->dice = seed;
	network->now_us = start_us;
	return ERR_NONE;
}

void bus_network_close(struct bus_network **out)
{
	struct bus_network *network = *out;

	if (network == NULL)
		return;
	while (network->due_count > 0) {
		struct due due = due_take(network);

		free(due.bytes);
		if (due.kind == DUE_TIMER)
			free(due.timer);
	}
	for (struct sim_port *port = network->ports, *next; port != NULL; port = next) {
		next = port->next;
		free(port);
	}
	for (unsigned i = 0; i < network->bus_count; i++)
		free(network->buses[i]);
	free(network->heap);
	free(network);
	*out = NULL;
}

void bus_network_faults(struct bus_network *network, const struct bus_faults *faults)
{
	network->faults = *faults;
}

void bus_network_cut(struct bus_network *network, struct bus *from, struct bus *to, bool cut)
{
	network->cut[sim_of(from)->index][sim_of(to)->index] = cut;
}

static void deliver(struct bus_network *network, struct due *due)
{
	struct bus_port *port = due->to->port;

	if (port != NULL && port->paused) { /* it waits at the door */
		due->at_us = network->now_us + 1000;
		due_add(network, *due);
		return;
	}
	due->to->waiting--;
	if (port != NULL) {
		port->bus->usage.messages_in++;
		port->bus->usage.bytes_in += due->size;
		port->on_message(port->context, port, &due->from, bytes_of(due->bytes, due->size));
	}
	free(due->bytes);
}

static void fire(struct bus_network *network, struct due *due)
{
	struct sim_timer *sim = due->timer;

	if (sim->timer != NULL)
		sim->timer->on_timer(sim->timer->context);
	if (sim->timer == NULL || sim->repeat_ms == 0) {
		if (sim->timer == NULL)
			free(sim);
		else
			due_add(network, (struct due){.at_us = INT64_MAX, .kind = DUE_TIMER, .timer = sim}); /* kept to be freed */
		return;
	}
	due_add(network, (struct due){.at_us = network->now_us + (int64_t)sim->repeat_ms * 1000, .kind = DUE_TIMER, .timer = sim});
}

bool bus_network_step(struct bus_network *network, int64_t until_us)
{
	if (network->due_count == 0 || network->heap[0].at_us > until_us) {
		network->now_us = until_us > network->now_us ? until_us : network->now_us;
		return false;
	}
	struct due due = due_take(network);

	network->now_us = due.at_us > network->now_us ? due.at_us : network->now_us;
	if (due.kind == DUE_MESSAGE) {
		deliver(network, &due);
	} else if (due.kind == DUE_TIMER) {
		fire(network, &due);
	} else {
		due.bus->wake_due = false;
		if (due.bus->bus != NULL && due.bus->bus->on_wake != NULL)
			due.bus->bus->on_wake(due.bus->bus->wake_context);
	}
	return true;
}

int64_t bus_network_now_us(const struct bus_network *network)
{
	return network->now_us;
}
