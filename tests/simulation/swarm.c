/* swarm.c -- drawing troubles, and making them. */
#include "swarm.h"

#include "base/error.h"

#define MS 1000
#define CUTS_MAX (sizeof(((struct swarm *)0)->cuts) / sizeof(((struct swarm *)0)->cuts[0]))

static const struct {
	const char *name;
	unsigned mild, heavy; /* moments between two */
} kinds[TROUBLES] = {
    [DEATHS] = {"deaths", 25, 6},	   [CUTS] = {"cuts", 30, 8},		 [FLAPS] = {"flaps", 40, 10},
    [FULL_DISKS] = {"full disks", 30, 8}, [DOUBTS] = {"doubtful commits", 60, 15}, [READ_FAULTS] = {"read faults", 60, 15},
    [BEGIN_FAULTS] = {"turns that cannot begin", 60, 15},
};

const char *swarm_name(enum trouble trouble)
{
	return kinds[trouble].name;
}

/* Off, mild or heavy. */
static uint64_t level(struct network *network, uint64_t mild, uint64_t heavy)
{
	uint64_t dice = network_roll(network, 3);

	return dice == 0 ? 0 : dice == 1 ? mild : heavy;
}

void swarm_draw(struct swarm *swarm, struct network *network)
{
	*swarm = (struct swarm){.lazy = (unsigned)level(network, 20, 200)};
	swarm->weather = (struct bus_faults){.loss = (uint32_t)level(network, 100, 2000),
	                                     .duplicate = (uint32_t)level(network, 100, 2000),
	                                     .reorder = (uint32_t)level(network, 100, 3000),
	                                     .delay_us_max = (int64_t)level(network, 5 * MS, 200 * MS)};
	for (int i = 0; i < TROUBLES; i++)
		swarm->one_in[i] = (unsigned)level(network, kinds[i].mild, kinds[i].heavy);
}

static struct bus *somebody(struct network *network)
{
	uint64_t number = network_roll(network, SERVICES + network->client_count);

	return number < SERVICES ? network->buses[number] : network->client_buses[number - SERVICES];
}

/* One way: what the other says still arrives. */
static void cut(struct swarm *swarm, struct network *network, bool flaps)
{
	for (size_t i = 0; i < CUTS_MAX; i++)
		if (swarm->cuts[i].until_us == 0) {
			swarm->cuts[i].from = somebody(network);
			swarm->cuts[i].to = somebody(network);
			swarm->cuts[i].until_us = bus_network_now_us(network->wire) + (int64_t)network_roll(network, 8000 * MS) + 1;
			swarm->cuts[i].flips_us = flaps ? (int64_t)network_roll(network, 400 * MS) + 50 * MS : 0;
			swarm->cuts[i].is_cut = true;
			bus_network_cut(network->wire, swarm->cuts[i].from, swarm->cuts[i].to, true);
			return;
		}
}

static void mend(struct swarm *swarm, struct network *network, bool all)
{
	int64_t now_us = bus_network_now_us(network->wire);

	for (size_t i = 0; i < CUTS_MAX; i++) {
		if (swarm->cuts[i].until_us == 0)
			continue;
		bool over = all || now_us >= swarm->cuts[i].until_us;
		bool wanted = !over && (swarm->cuts[i].flips_us == 0 || now_us / swarm->cuts[i].flips_us % 2 == 0);

		if (wanted != swarm->cuts[i].is_cut)
			bus_network_cut(network->wire, swarm->cuts[i].from, swarm->cuts[i].to, wanted);
		swarm->cuts[i].is_cut = wanted;
		if (over)
			swarm->cuts[i].until_us = 0;
	}
	for (size_t i = 0; i < CUTS_MAX; i++) /* two cuts of one line: the one that stays is made again */
		if (swarm->cuts[i].until_us != 0 && swarm->cuts[i].is_cut)
			bus_network_cut(network->wire, swarm->cuts[i].from, swarm->cuts[i].to, true);
}

static void strike(struct swarm *swarm, struct network *network, enum trouble trouble)
{
	enum service_number service = (enum service_number)network_roll(network, SERVICES);
	struct store_disk *disk = network->disks[service];
	uint32_t after = (uint32_t)network_roll(network, 4), times = (uint32_t)network_roll(network, 10) + 1;

	switch (trouble) {
	case DEATHS:
		network_kill(network, service, (int64_t)network_roll(network, 3000 * MS));
		return;
	case CUTS:
	case FLAPS:
		cut(swarm, network, trouble == FLAPS);
		return;
	case FULL_DISKS:
		store_disk_fail(disk, STORE_FAULT_COMMIT, after, times, ERR_STORE_FULL);
		return;
	case DOUBTS: /* it is durable, and looks as if it were not: the process ends and finds out */
		store_disk_fail(disk, STORE_FAULT_COMMIT_AFTER, after, 1, ERR_STORE_IO);
		return;
	case READ_FAULTS:
		store_disk_fail(disk, STORE_FAULT_READ, after * 20, 1, ERR_STORE_IO);
		return;
	case BEGIN_FAULTS:
		store_disk_fail(disk, STORE_FAULT_BEGIN, after, times, ERR_AGAIN);
		return;
	case TROUBLES:
		return;
	}
}

void swarm_strike(struct swarm *swarm, struct network *network)
{
	mend(swarm, network, false);
	for (int i = 0; i < TROUBLES; i++)
		if (swarm->one_in[i] != 0 && network_roll(network, swarm->one_in[i]) == 0) {
			strike(swarm, network, (enum trouble)i);
			swarm->met[i]++;
		}
}

void swarm_end(struct swarm *swarm, struct network *network)
{
	static const struct bus_faults fair = {0};

	mend(swarm, network, true);
	bus_network_faults(network->wire, &fair);
	for (int i = 0; i < SERVICES; i++)
		for (int kind = 0; kind < STORE_FAULT_KINDS; kind++)
			store_disk_fail(network->disks[i], (enum store_fault)kind, 0, 0, ERR_NONE);
}
