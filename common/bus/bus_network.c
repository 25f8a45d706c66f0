/* bus_network.c -- virtual time: a seed, a calendar of what is due, and one step after the other. */
#include "bus/bus_network.h"

#include <stdlib.h>

#include "base/error.h"

struct due {
	int64_t at_us;
	uint64_t number;
	bus_network_act *act;
	void *subject;
};

/* splitmix64: small, known, the same on every machine. */
uint64_t bus_network_roll(struct bus_network *network)
{
	uint64_t z = network->dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

bool bus_network_happens(struct bus_network *network, uint32_t of_10000)
{
	return of_10000 > 0 && bus_network_roll(network) % 10000 < of_10000;
}

static bool is_before(const struct due *a, const struct due *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

static void swap(struct due *a, struct due *b)
{
	struct due other = *a;

	*a = *b;
	*b = other;
}

void bus_network_at(struct bus_network *network, int64_t at_us, bus_network_act *act, void *subject)
{
	if (network->due_count == network->due_room) {
		network->due_room = network->due_room > 0 ? network->due_room * 2 : 256;
		network->heap = realloc(network->heap, network->due_room * sizeof(*network->heap));
		CHECK(network->heap != NULL);
	}
	size_t at = network->due_count++;
	network->heap[at] = (struct due){at_us, ++network->numbers, act, subject};
	for (; at > 0 && is_before(&network->heap[at], &network->heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&network->heap[at], &network->heap[(at - 1) / 2]);
}

static struct due take_first(struct bus_network *network)
{
	struct due first = network->heap[0];

	network->heap[0] = network->heap[--network->due_count];
	for (size_t at = 0;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < network->due_count &&
			    is_before(&network->heap[child], &network->heap[least]))
				least = child;
		if (least == at)
			return first;
		swap(&network->heap[at], &network->heap[least]);
		at = least;
	}
}

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
	CHECK(network->nodes == NULL); /* its buses are closed before it */
	while (network->due_count > 0) {
		struct due due = take_first(network);

		(void)due.act(due.subject, true);
	}
	CHECK(network->lines == NULL);
	CHECK(network->cuts == NULL);
	free(network->heap);
	free(network);
	*out = NULL;
}

void bus_network_faults(struct bus_network *network, const struct bus_faults *faults)
{
	network->faults = *faults;
}

bool bus_network_step(struct bus_network *network, int64_t until_us)
{
	while (network->due_count > 0 && network->heap[0].at_us <= until_us) {
		struct due due = take_first(network);

		CHECK(due.at_us >= network->now_us);
		network->now_us = due.at_us;
		if (due.act(due.subject, false))
			return true;
	}
	if (until_us > network->now_us)
		network->now_us = until_us;
	return false;
}

int64_t bus_network_now_us(const struct bus_network *network)
{
	return network->now_us;
}

uint64_t bus_network_trace(const struct bus_network *network)
{
	return network->trace;
}
