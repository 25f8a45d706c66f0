/*
 * bus_network.h -- the clock, the dice and the calendar of a simulated network; who talks to whom is
 * bus_virtual.c's affair.
 *
 * Only the bus room includes it.
 */
#ifndef TRIBUTARY_BUS_BUS_NETWORK_H
#define TRIBUTARY_BUS_BUS_NETWORK_H

#include "bus/bus.h"

/* What happens at a moment. dropped: the network ends before, so free and do nothing. Returns false when it
 * had become void. */
typedef bool bus_network_act(void *subject, bool dropped);

struct line;
struct node;

/* One way between two nodes that is cut. */
struct cut {
	struct cut *next;
	const struct node *from, *to;
	int64_t since_us;
};

struct bus_network {
	int64_t now_us;
	uint64_t dice;  /* state of the generator */
	uint64_t trace; /* hash of everything delivered so far */
	uint64_t numbers, line_numbers;
	struct bus_faults faults;
	struct node *nodes;
	struct line *lines;
	struct cut *cuts;
	struct due *heap; /* a binary heap by moment, then by the order in which it was asked for */
	size_t due_count, due_room;
};

/* bus_network_at -- let something happen at a moment, after everything that was asked for the same moment
 * before. */
void bus_network_at(struct bus_network *network, int64_t at_us, bus_network_act *act, void *subject);

/* bus_network_roll -- the next number of the seed.   bus_network_happens -- whether a fault of that rate
 * strikes now. */
uint64_t bus_network_roll(struct bus_network *network);
bool bus_network_happens(struct bus_network *network, uint32_t of_10000);

#endif
