/* settle.c -- wait until every service has heard what another one has said. */
#include <string.h>

#include "settle.h"

struct head {
	int64_t epoch, head;
};

static void on_status(void *context, struct bytes row)
{
	struct head *head = context;

	head->epoch = row_int(row, "epoch", 0);
	head->head = row_int(row, "head", 0);
}

static void on_source(void *context, struct bytes row)
{
	struct head *through = context;

	through->epoch = row_int(row, "epoch", 0);
	through->head = row_int(row, "through", 0);
}

bool settle_hears(const char *service, const char *source)
{
	for (size_t i = 0; i < PARAMS_EDGES; i++)
		if (strcmp(params_edges[i].service, service) == 0 && strcmp(params_edges[i].hears, source) == 0)
			return true;
	return false;
}

int settle_edge(struct client *source, struct client *follower, const char *name, uint64_t timeout_ms)
{
	struct question question;
	struct head head = {0}, through = {0};
	int error = client_query(source, "status", bytes_of(NULL, 0), on_status, &head, QUERY_TIMEOUT_MS);

	question_begin(&question);
	question_text(&question, "source", name);
	struct bytes given = question_end(&question);
	for (uint64_t waited = 0; error == ERR_NONE; waited += 20) {
		error = client_query(follower, "sources", given, on_source, &through, QUERY_TIMEOUT_MS);
		if (head.head == 0 || (through.epoch == head.epoch && through.head >= head.head))
			return error;
		if (waited > timeout_ms)
			return ERR_TIMEOUT;
		client_process(follower, 20);
	}
	return error;
}

int settle_network(const struct network *network, const char *source, uint64_t timeout_ms)
{
	struct client *clients[PARAMS_SERVICES] = {0};
	int error = ERR_NONE;

	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++) {
		clients[i] = network_client(network, params_services[i], "tributary");
		error = clients[i] != NULL ? ERR_NONE : ERR_UNREACHABLE;
	}
	/* Twice round, since inventory and logistics hear each other. */
	for (size_t i = 0; i < 2 * PARAMS_EDGES && error == ERR_NONE; i++) {
		size_t at = i % PARAMS_EDGES;
		unsigned from = 0, to = 0;

		if (source != NULL && strcmp(params_edges[at].hears, source) != 0)
			continue;
		while (strcmp(params_services[from], params_edges[at].hears) != 0)
			from++;
		while (strcmp(params_services[to], params_edges[at].service) != 0)
			to++;
		error = settle_edge(clients[from], clients[to], params_edges[at].hears, timeout_ms);
	}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		client_close(&clients[i]);
	return error;
}
