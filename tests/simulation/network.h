/*
 * network.h -- the five services, their stores and their clients in one process, on one virtual
 * clock.
 *
 * Services are the real ones with their real handlers; buses and stores are the twins. Everything
 * that happens is drawn from one seed.
 */
#ifndef TRIBUTARY_TEST_NETWORK_H
#define TRIBUTARY_TEST_NETWORK_H

#include "client/client.h"
#include "kernel/node.h"
#include "store/store_disk.h"

#define NETWORK_START_US INT64_C(1773216000000000) /* 2026-03-11T08:00:00Z */
#define CLIENTS_MAX 16

enum service_number { PARTNERS, ORDERS, INVENTORY, LOGISTICS, KPI, SERVICES };

struct network {
	struct bus_network *wire;
	struct bus *buses[SERVICES];
	struct store_disk *disks[SERVICES];
	struct node *nodes[SERVICES]; /* NULL: it is down */
	bool doomed[SERVICES]; /* its disk failed in the middle of something: it ends, as a process would */
	int64_t returns_us[SERVICES]; /* when a dead one comes back */
	struct bus *client_buses[CLIENTS_MAX];
	struct client *clients[CLIENTS_MAX];
	unsigned lazy[CLIENTS_MAX]; /* it looks at its messages only every so many steps; 0, 1: always */
	unsigned client_count;
	uint64_t steps;
	uint64_t dice;
	unsigned deaths;
	uint64_t refused; /* verdicts of refusal that clients heard */
};

/* network_open -- all services up, nobody there.   network_close -- everything. */
void network_open(struct network *network, uint64_t seed);
void network_close(struct network *network);

/* network_service -- the description of one. */
const struct service *network_service(enum service_number service);

/* network_client -- a client at a service's door, its spool in memory. */
struct client *network_client(struct network *network, enum service_number service,
                              const char *name);

/* network_roll -- the next number of this network's dice, below `below`. */
uint64_t network_roll(struct network *network, uint64_t below);

/* network_kill -- a service dies, and comes back on the same disk after down_us.   network_pass --
 * let time pass. */
void network_kill(struct network *network, enum service_number service, int64_t down_us);
void network_pass(struct network *network, int64_t us);

/* network_settle -- until every spool is empty and every service has heard every other to its head.
 * False: not in ten minutes. */
bool network_settle(struct network *network);

/* network_heard -- every service is up and has heard every other to its head. */
bool network_heard(struct network *network);

struct engine *network_engine(struct network *network, enum service_number service);

/* network_hash -- of a service's state; network_journal_hash -- of all that it said. */
uint64_t network_hash(struct network *network, enum service_number service);
uint64_t network_journal_hash(struct network *network, enum service_number service);

#endif
