/* network.c -- one thread serves everybody, step by step of the virtual clock. */
#include "network.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"

#define STEP_US 4000
#define RETRY_US 100000
#define PATIENCE_US (600 * US_PER_SECOND)

int partners_main(int argc, char **argv);
int orders_main(int argc, char **argv);
int inventory_main(int argc, char **argv);
int logistics_main(int argc, char **argv);
int kpi_main(int argc, char **argv);

static const struct service *handed_over;

/* In place of the kernel's: the services' mains hand their description over instead of serving. */
int service_main(int argc, char **argv, const struct service *service)
{
	(void)argc;
	(void)argv;
	handed_over = service;
	return 0;
}

const struct service *network_service(enum service_number service)
{
	static int (*const mains[SERVICES])(int argc, char **argv) = {
	    partners_main, orders_main, inventory_main, logistics_main, kpi_main};

	CHECK(mains[service](0, NULL) == 0);
	return handed_over;
}

static const char *endpoint_of(const char *service)
{
	static const char *const endpoints[SERVICES] = {
	    "ipc:///sim/partners.door", "ipc:///sim/orders.door", "ipc:///sim/inventory.door",
	    "ipc:///sim/logistics.door", "ipc:///sim/kpi.door"};

	int i = 0;

	while (i < SERVICES &&
	       strncmp(endpoints[i] + strlen("ipc:///sim/"), service, strlen(service)) != 0)
		i++;
	CHECK(i < SERVICES);
	return endpoints[i];
}

static void on_fatal(void *context, int error)
{
	bool *doomed = context;

	(void)error;
	*doomed = true;
}

static void node_up(struct network *network, enum service_number number)
{
	const struct service *service = network_service(number);
	const char *upstreams[SERVICES + 1] = {0};

	for (unsigned i = 0; service->follows[i] != NULL; i++)
		upstreams[i] = endpoint_of(service->follows[i]);
	struct node_options options = {.engine = {.path = service->name,
	                                          .memory = true,
	                                          .disk = network->disks[number],
	                                          .now_us = bus_network_now_us(network->wire)},
	                               .endpoint = endpoint_of(service->name),
	                               .upstreams = upstreams,
	                               .turn_events_max = 4096,
	                               .turn_bytes_max = 4 << 20,
	                               .inline_turns = true,
	                               .on_fatal = on_fatal,
	                               .context = &network->doomed[number]};

	network->doomed[number] = false;
	if (node_open(&network->nodes[number], service, network->buses[number], &options) != ERR_NONE)
		network->returns_us[number] = bus_network_now_us(network->wire) + RETRY_US; /* its disk fails at once: the supervisor tries again */
}

void network_open(struct network *network, uint64_t seed)
{
	*network = (struct network){.dice = seed * 2 + 1};
	CHECK(bus_network_open(&network->wire, seed, NETWORK_START_US) == ERR_NONE);
	for (int i = 0; i < SERVICES; i++) {
		network->disks[i] = store_disk_open();
		CHECK(bus_open(&network->buses[i], network->wire) == ERR_NONE);
		node_up(network, (enum service_number)i);
	}
}

void network_close(struct network *network)
{
	for (unsigned i = 0; i < network->client_count; i++) {
		client_close(&network->clients[i]);
		bus_close(&network->client_buses[i]);
	}
	for (int i = 0; i < SERVICES; i++) {
		node_close(&network->nodes[i]);
		bus_close(&network->buses[i]);
		store_disk_close(&network->disks[i]);
	}
	bus_network_close(&network->wire);
}

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct network *network = context;

	if (verdict->verdict != VERDICT_REFUSED)
		return;
	network->refused++;
	fprintf(stderr, "refused: %.*s#%llu %.*s: %.*s\n", TEXT_ARGS(verdict->source),
	        (unsigned long long)verdict->seq, TEXT_ARGS(verdict->code),
	        TEXT_ARGS(verdict->message));
}

struct client *network_client(struct network *network, enum service_number service,
                              const char *name)
{
	unsigned i = network->client_count++;
	struct client_options options = {.name = name,
	                                 .endpoint = endpoint_of(network_service(service)->name),
	                                 .seed = network_roll(network, 1000000) + 1,
	                                 .on_verdict = on_verdict,
	                                 .context = network};

	CHECK(i < CLIENTS_MAX);
	CHECK(bus_open(&network->client_buses[i], network->wire) == ERR_NONE);
	options.bus = network->client_buses[i];
	CHECK(client_open(&network->clients[i], &options) == ERR_NONE);
	return network->clients[i];
}

uint64_t network_roll(struct network *network, uint64_t below)
{
	network->dice =
	    network->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (network->dice >> 33) % below;
}

void network_kill(struct network *network, enum service_number service, int64_t down_us)
{
	if (network->nodes[service] == NULL)
		return;
	node_close(&network->nodes[service]);
	network->returns_us[service] = bus_network_now_us(network->wire) + down_us;
	network->deaths++;
}

/* Whose disk failed is gone before it says another word. */
static void bury(struct network *network)
{
	for (int i = 0; i < SERVICES; i++)
		if (network->doomed[i]) {
			network->doomed[i] = false;
			network_kill(network, (enum service_number)i, RETRY_US);
		}
}

void network_pass(struct network *network, int64_t us)
{
	int64_t until_us = bus_network_now_us(network->wire) + us;

	for (int64_t now_us = until_us - us; now_us < until_us;
	     now_us = bus_network_now_us(network->wire)) {
		int64_t soon_us = now_us + STEP_US < until_us ? now_us + STEP_US : until_us;

		while (bus_network_step(network->wire, soon_us))
			bury(network);
		network->steps++;
		for (unsigned i = 0; i < network->client_count; i++)
			if (network->lazy[i] < 2 || network->steps % network->lazy[i] == 0)
				client_process(network->clients[i], 0);
		bury(network);
		for (int i = 0; i < SERVICES; i++)
			if (network->nodes[i] == NULL && soon_us >= network->returns_us[i])
				node_up(network, (enum service_number)i);
	}
}

struct engine *network_engine(struct network *network, enum service_number service)
{
	return node_engine(network->nodes[service]);
}

static struct engine *engine_named(struct network *network, const char *name)
{
	for (int i = 0; i < SERVICES; i++)
		if (network->nodes[i] != NULL &&
		    strcmp(network_service((enum service_number)i)->name, name) == 0)
			return network_engine(network, (enum service_number)i);
	return NULL;
}

bool network_heard(struct network *network)
{
	for (int i = 0; i < SERVICES; i++) {
		if (network->nodes[i] == NULL)
			return false;
		const struct engine *engine = network_engine(network, (enum service_number)i);
		const char *const *follows = engine_service(engine)->follows;
		for (; *follows != NULL; follows++) {
			const struct engine *other = engine_named(network, *follows);

			if (other == NULL || engine_cursor(engine, text_of(*follows)).through !=
			                         engine_meta(other)->head)
				return false;
		}
	}
	return true;
}

static bool settled(struct network *network)
{
	for (unsigned i = 0; i < network->client_count; i++)
		if (client_waiting(network->clients[i]) > 0)
			return false;
	return network_heard(network);
}

/* Who still waits for what, for whoever has to find out why. */
static void tell_waiting(struct network *network)
{
	for (unsigned i = 0; i < network->client_count; i++)
		fprintf(stderr, "client %u: %llu events wait\n", i,
		        (unsigned long long)client_waiting(network->clients[i]));
	for (int i = 0; i < SERVICES; i++) {
		const struct engine *engine = network->nodes[i] != NULL
		                                  ? network_engine(network, (enum service_number)i)
		                                  : NULL;

		for (unsigned j = 0; engine != NULL && engine_service(engine)->follows[j] != NULL;
		     j++) {
			const char *upstream = engine_service(engine)->follows[j];
			const struct engine *other = engine_named(network, upstream);

			fprintf(
			    stderr, "%s stands at %llu of %llu of %s\n",
			    engine_service(engine)->name,
			    (unsigned long long)engine_cursor(engine, text_of(upstream)).through,
			    (unsigned long long)(other != NULL ? engine_meta(other)->head : 0),
			    upstream);
		}
	}
}

bool network_settle(struct network *network)
{
	int64_t until_us = bus_network_now_us(network->wire) + PATIENCE_US;
	unsigned quiet = 0;

	while (quiet < 4) { /* a client may still have to answer what it heard last */
		if (bus_network_now_us(network->wire) > until_us) {
			tell_waiting(network);
			return false;
		}
		network_pass(network, US_PER_SECOND);
		quiet = settled(network) ? quiet + 1 : 0;
	}
	return true;
}

uint64_t network_hash(struct network *network, enum service_number service)
{
	struct view view = {0};

	CHECK(view_open(&view, engine_store(network_engine(network, service))) == ERR_NONE);
	uint64_t hash = view_state_hash(&view);
	view_close(&view);
	return hash;
}

uint64_t network_journal_hash(struct network *network, enum service_number service)
{
	struct view view = {0};
	uint64_t number, hash = 0;

	CHECK(view_open(&view, engine_store(network_engine(network, service))) == ERR_NONE);
	for (struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, 1, &number);
	     event.data != NULL; event = view_log_next(&view, KERNEL_JOURNAL, &number))
		hash = hash_seeded(event, hash + number);
	view_close(&view);
	return hash;
}
