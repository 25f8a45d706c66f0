/* tail.c -- a service's events as they are in its journal, from any sequence, once or for ever. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "hearing.h"
#include "pack/json.h"

#define JSON_BYTES (1u << 20)
#define TYPES_MAX 64
#define LAST_EVENTS 10

struct tail {
	struct hearing hearing; /* first: the subscription's context */
	struct network network;
	const char *service, *key;
	char *types_text;
	const char *types[TYPES_MAX + 1], *keys[2];
	int64_t from;
	bool follow, json;
	char *line;
};

static volatile sig_atomic_t stop_asked;

static void on_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct tail *tail = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &tail->network;
	else if (key == 'f')
		tail->follow = true;
	else if (key == 'j')
		tail->json = true;
	else if (key == 't')
		tail->types_text = value;
	else if (key == 'k')
		tail->key = value;
	else if (key == 'F')
		tail->from = strtoll(value, NULL, 10);
	else if (key == ARGP_KEY_ARG && tail->service == NULL)
		tail->service = value;
	else if (key == ARGP_KEY_END && tail->service == NULL)
		argp_error(state, "SERVICE is missing: partners, orders, inventory, logistics or kpi");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"type", 't', "T,...", 0, "only these types", 0},
					     {"key", 'k', "KEY", 0, "only events about this outlet or place", 0},
					     {"from", 'F', "SEQ", 0, "begin at this sequence (default: the last ten)", 0},
					     {"follow", 'f', 0, 0, "go on until stopped", 0},
					     {"json", 'j', 0, 0, "one JSON object per line", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "SERVICE",
				 "Print a service's events.\vThe type kpi.updated of kpi is a live view: a snapshot, then changes.\n\nExample: "
				 "tributary tail inventory --type restock.requested --from 1 --json",
				 children, NULL,	 NULL};

static void print_event(struct tail *tail, const struct envelope *e, uint64_t epoch)
{
	char when[WHEN_TEXT_SIZE];

	when_text(e->time_us, when);
	if (event_to_json(event_type_find(e->type), e->data, tail->line, JSON_BYTES) != ERR_NONE)
		snprintf(tail->line, JSON_BYTES, "null");
	if (!tail->json) {
		printf("%s %.*s#%llu %.*s %s\n", when, TEXT_ARGS(e->source), (unsigned long long)e->seq, TEXT_ARGS(e->type), tail->line);
		return;
	}
	printf("{\"id\":\"%.*s#%llu\",\"source\":\"%.*s\",\"epoch\":%llu,\"seq\":%llu,\"type\":\"%.*s\",\"subject\":\"%.*s\",\"time\":\"%s\",\"time_us\":%lld,",
	       TEXT_ARGS(e->source), (unsigned long long)e->seq, TEXT_ARGS(e->source), (unsigned long long)epoch,
	       (unsigned long long)e->seq, TEXT_ARGS(e->type), TEXT_ARGS(e->subject), when, (long long)e->time_us);
	printf("\"cause\":\"%.*s\",\"recorded_us\":%lld,\"data\":%s}\n", TEXT_ARGS(e->cause), (long long)e->recorded_us, tail->line);
}

static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	struct tail *tail = context;

	(void)event;
	print_event(tail, envelope, epoch);
	tail->hearing.heard = true;
}

static void on_status(void *context, struct bytes row)
{
	struct tail *tail = context;
	int64_t head = row_int(row, "head", 0);

	tail->from = head > LAST_EVENTS ? head - LAST_EVENTS + 1 : 1;
}

static bool is_view(const struct tail *tail)
{
	return tail->types[0] != NULL && strcmp(tail->types[0], "kpi.updated") == 0;
}

static void split_types(struct tail *tail)
{
	unsigned count = 0;

	for (char *type = tail->types_text != NULL ? strtok(tail->types_text, ",") : NULL; type != NULL && count < TYPES_MAX;
	     type = strtok(NULL, ","))
		tail->types[count++] = type;
	for (unsigned i = 0; i < count; i++)
		if (event_type_find(text_of(tail->types[i])) == NULL)
			fprintf(stderr, "tributary tail: nobody says '%s': see schemas/EVENTS.md\n", tail->types[i]);
}

int tail_run(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_stop};
	struct tail tail = {.line = malloc(JSON_BYTES)};

	if (tail.line == NULL || argp_parse(&argp, argc, argv, 0, NULL, &tail) != 0)
		return EXIT_USAGE;
	int code = network_load(&tail.network);
	if (code != EXIT_DONE)
		return code;
	split_types(&tail);
	tail.keys[0] = tail.key;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	struct client *client = network_client(&tail.network, tail.service, "tributary tail");
	if (client == NULL)
		return EXIT_USAGE;
	int error = ERR_NONE;
	if (tail.from == 0 && !is_view(&tail))
		error = client_query(client, "status", bytes_of(NULL, 0), on_status, &tail, QUERY_TIMEOUT_MS);
	struct client_subscription subscription = {.types = tail.types[0] != NULL ? tail.types : NULL,
						   .keys = tail.key != NULL ? tail.keys : NULL,
						   .from = tail.from > 0 ? (uint64_t)tail.from : 1,
						   .on_event = on_event,
						   .on_progress = hearing_progress,
						   .context = &tail};
	if (error == ERR_NONE)
		error = client_subscribe(client, &subscription);
	if (error == ERR_NONE)
		error = hearing_run(client, &tail.hearing, tail.follow, &stop_asked);
	client_close(&client);
	code = network_say(tail.service, error);
	network_free(&tail.network);
	free(tail.line);
	return code;
}
