/* quarantine.c -- look at what could not be taken, try it again, or let it go. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "pack/json.h"

#define LINE_BYTES (64 << 10)

struct quarantine {
	struct network network;
	const char *verb, *service, *number;
	bool json;
	char *line;
	unsigned rows;
	bool failed;
	char message[300]; /* why */
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct quarantine *q = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &q->network;
	else if (key == 'j')
		q->json = true;
	else if (key == ARGP_KEY_ARG && q->verb == NULL)
		q->verb = value;
	else if (key == ARGP_KEY_ARG && q->service == NULL)
		q->service = value;
	else if (key == ARGP_KEY_ARG && q->number == NULL)
		q->number = value;
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"json", 'j', 0, 0, "one JSON object per line", 0}, {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "list [SERVICE]\nshow SERVICE NUMBER\nretry SERVICE NUMBER\ndiscard SERVICE NUMBER",
				 "Inputs that could not be taken are kept whole, with the reason.\vretry takes one in as it is, after what was "
				 "wrong has been mended; discard lets it go for good.\n\nExample: tributary quarantine list",
				 children, NULL,	 NULL};

static void print_row(void *context, struct bytes row)
{
	struct quarantine *q = context;

	q->rows++;
	if (q->json && json_of_msgpack(row, q->line, LINE_BYTES) == ERR_NONE)
		puts(q->line);
	else
		printf("%.*s %lld: %.*s#%lld (epoch %lld, %lld bytes): %.*s\n", TEXT_ARGS(row_text(row, "service")),
		       (long long)row_int(row, "number", 0), TEXT_ARGS(row_text(row, "source")), (long long)row_int(row, "seq", 0),
		       (long long)row_int(row, "epoch", 0), (long long)row_int(row, "bytes", 0), TEXT_ARGS(row_text(row, "reason")));
}

/* The event itself, as far as it can be read. */
static void print_event(void *context, struct bytes row)
{
	struct quarantine *q = context;
	struct reader reader = reader_of(row);

	print_row(context, row);
	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		if (!text_equal(reader_text(&reader, 64), TEXT_LITERAL("event"))) {
			reader_skip(&reader);
			continue;
		}
		struct bytes event = reader_bin(&reader, UINT32_MAX);
		if (json_of_msgpack(event, q->line, LINE_BYTES) == ERR_NONE)
			puts(q->line);
		for (size_t i = 0; i < event.size; i++)
			printf("%02x%s", event.data[i], i % 32 == 31 || i + 1 == event.size ? "\n" : " ");
	}
}

static void note_result(void *context, struct bytes row)
{
	struct quarantine *q = context;

	q->rows++;
	q->failed = !text_equal(row_text(row, "result"), TEXT_LITERAL("NONE"));
	if (q->failed)
		snprintf(q->message, sizeof(q->message), "%.*s", TEXT_ARGS(row_text(row, "message")));
}

static int ask(struct quarantine *q, const char *service, const char *query, struct bytes arguments,
	       void (*each)(void *context, struct bytes row))
{
	struct client *client = network_client(&q->network, service, "tributary quarantine");

	if (client == NULL)
		return EXIT_USAGE;
	int error = client_query(client, query, arguments, each, q, QUERY_TIMEOUT_MS);
	client_close(&client);
	return network_say(service, error);
}

static int list(struct quarantine *q)
{
	int code = EXIT_DONE;

	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (q->service == NULL || strcmp(q->service, params_services[i]) == 0) {
			int answer = ask(q, params_services[i], "quarantine", bytes_of(NULL, 0), print_row);

			code = answer != EXIT_DONE ? answer : code;
		}
	return code;
}

/* Noted before it is asked for and before it is told. */
static int decide(struct quarantine *q, const char *query, struct bytes arguments)
{
	char object[200];

	snprintf(object, sizeof(object), "%s %s", q->service, q->number);
	int code = network_note(&q->network, query, object, "begun");
	if (code != EXIT_DONE)
		return code;
	code = ask(q, q->service, query, arguments, note_result);
	if (code == EXIT_DONE && (q->rows == 0 || q->failed))
		code = EXIT_REFUSED;
	code = network_note_end(&q->network, query, object, code, "%s", q->message);
	if (q->failed)
		fprintf(stderr, "tributary quarantine: %s\n", q->message);
	else if (code == EXIT_DONE)
		puts("done");
	return code;
}

static int act(struct quarantine *q)
{
	struct question question;
	char *end = NULL;
	long long number = q->number != NULL ? strtoll(q->number, &end, 10) : 0;
	bool show = strcmp(q->verb, "show") == 0, retry = strcmp(q->verb, "retry") == 0;

	if (!show && !retry && strcmp(q->verb, "discard") != 0) {
		fprintf(stderr, "tributary quarantine: list, show, retry or discard, not '%s'\n", q->verb);
		return EXIT_USAGE;
	}
	if (number <= 0 || *end != 0) {
		fprintf(stderr, "tributary quarantine %s: SERVICE and NUMBER, as `quarantine list` shows them\n", q->verb);
		return EXIT_USAGE;
	}
	question_begin(&question);
	question_int(&question, "number", number);
	int code = show ? ask(q, q->service, "quarantine", question_end(&question), print_event)
			: decide(q, retry ? "quarantine.retry" : "quarantine.discard", question_end(&question));
	if (code == EXIT_DONE && q->rows == 0)
		fprintf(stderr, "tributary quarantine: %s has no record %lld\n", q->service, number);
	return code == EXIT_DONE && q->rows == 0 ? EXIT_REFUSED : code;
}

int quarantine_run(int argc, char **argv)
{
	struct quarantine q = {.line = malloc(LINE_BYTES)};

	if (q.line == NULL || argp_parse(&argp, argc, argv, 0, NULL, &q) != 0)
		return EXIT_USAGE;
	int code = network_load(&q.network);
	if (code == EXIT_DONE) {
		code = q.verb == NULL || strcmp(q.verb, "list") == 0 ? list(&q) : act(&q);
		network_free(&q.network);
	}
	free(q.line);
	return code;
}
