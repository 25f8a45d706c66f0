/* top.c -- rates, lags and latencies of the network, once a second. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

struct figures {
	int64_t head, intake, commits, commit_us, file_bytes, quarantined;
};

struct top {
	struct network network;
	unsigned rounds;
	struct client *clients[PARAMS_SERVICES];
	struct figures now[PARAMS_SERVICES], before[PARAMS_SERVICES];
	int64_t lag[PARAMS_SERVICES];
	unsigned asked;
};

static volatile sig_atomic_t stop_asked;

static void on_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct top *top = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &top->network;
	else if (key == 'n')
		top->rounds = (unsigned)strtoul(value, NULL, 10);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"rounds", 'n', "N", 0, "end after N seconds (default: never)", 0}, {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, NULL,
				 "Live rates, lags and commit times of every service.\v\nExample: tributary top", children, NULL, NULL};

static void on_status(void *context, struct bytes row)
{
	struct figures *figures = context;

	*figures = (struct figures){.head = row_int(row, "head", 0),
				    .intake = row_int(row, "intake", 0),
				    .commits = row_int(row, "commits", 0),
				    .commit_us = row_int(row, "commit_us_last", 0),
				    .file_bytes = row_int(row, "file_bytes", 0),
				    .quarantined = row_int(row, "quarantined", 0)};
}

/* How far the service is behind those that it hears. */
static void on_source(void *context, struct bytes row)
{
	struct top *top = context;
	struct text source = row_text(row, "source");

	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (text_equal(source, text_of(params_services[i]))) {
			int64_t lag = top->now[i].head - row_int(row, "through", 0);

			top->lag[top->asked] += lag > 0 ? lag : 0;
		}
}

static int look(struct top *top)
{
	int error = ERR_NONE;

	memcpy(top->before, top->now, sizeof(top->before));
	memset(top->lag, 0, sizeof(top->lag));
	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++)
		error = client_query(top->clients[i], "status", bytes_of(NULL, 0), on_status, &top->now[i], QUERY_TIMEOUT_MS);
	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++) {
		top->asked = i;
		error = client_query(top->clients[i], "sources", bytes_of(NULL, 0), on_source, top, QUERY_TIMEOUT_MS);
	}
	return error;
}

static void print(const struct top *top)
{
	if (isatty(STDOUT_FILENO))
		printf("\033[H\033[J");
	printf("%-10s %10s %10s %10s %9s %10s %9s %6s\n", "service", "inputs/s", "events/s", "commits/s", "commit ms", "behind", "MiB", "quar.");
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		const struct figures *now = &top->now[i], *before = &top->before[i];

		printf("%-10s %10lld %10lld %10lld %9.2f %10lld %9lld %6lld\n", params_services[i], (long long)(now->intake - before->intake),
		       (long long)(now->head - before->head), (long long)(now->commits - before->commits), (double)now->commit_us / 1000.0,
		       (long long)top->lag[i], (long long)(now->file_bytes >> 20), (long long)now->quarantined);
	}
	fflush(stdout);
}

int top_run(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_stop};
	struct top top = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &top) != 0)
		return EXIT_USAGE;
	int code = network_load(&top.network);
	if (code != EXIT_DONE)
		return code;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	int error = ERR_NONE;
	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++) {
		top.clients[i] = network_client(&top.network, params_services[i], "tributary top");
		error = top.clients[i] != NULL ? ERR_NONE : ERR_UNREACHABLE;
	}
	if (error == ERR_NONE)
		error = look(&top);
	for (unsigned round = 0; error == ERR_NONE && !stop_asked && (top.rounds == 0 || round < top.rounds); round++) {
		for (int i = 0; i < 20 && !stop_asked; i++)
			client_process(top.clients[0], 50);
		error = look(&top);
		if (error == ERR_NONE)
			print(&top);
	}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		client_close(&top.clients[i]);
	code = network_say("the network", error);
	network_free(&top.network);
	return code;
}
