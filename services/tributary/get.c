/* get.c -- what a service knows, as a table for people or as JSON lines. */
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "command.h"
#include "pack/json.h"
#include "settle.h"
#include "table.h"
#include "tree.h"

/* Who answers what. "all": every service. */
static const struct {
	const char *what, *service, *query;
} answers[] = {
#define ANSWER(what, service, query) {what, service, query},
#include "get.def"
#undef ANSWER
};

static const char *const filters[] = {
#define FILTER(name, value, sentence) name,
#include "get.def"
#undef FILTER
};
#define FILTERS (sizeof(filters) / sizeof(filters[0]))
#define FILTER_KEY 1000 /* of the first one's option */

#define LINE_BYTES (64 << 10)

struct get {
	struct network network;
	const char *what, *service;
	const char *values[FILTERS];
	bool json;
	struct table table;
	struct tree tree;
	struct question question;
	int64_t heads[PARAMS_SERVICES];
	int64_t through[PARAMS_SERVICES]; /* where the service that answers now stands at each of the others */
	const char *asked;	/* the service that answers now */
	char *line;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct get *get = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &get->network;
	else if (key == 'j')
		get->json = true;
	else if (key == 'S')
		get->service = value;
	else if (key == 'c')
		get->table.wanted = value;
	else if (key >= FILTER_KEY && key < FILTER_KEY + (int)FILTERS)
		get->values[key - FILTER_KEY] = value;
	else if (key == ARGP_KEY_ARG && get->what == NULL)
		get->what = value;
	else if (key == ARGP_KEY_END && get->what == NULL)
		argp_error(state, "WHAT is missing: stock, sales, restocks, shipments, kpi, targets, terminals, sources, lag, quarantine ...");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

enum filter_key {
	FILTER_BEFORE = FILTER_KEY - 1,
#define FILTER(name, value, sentence) FILTER_AT(__LINE__),
#define FILTER_AT(line) FILTER_LINE(line)
#define FILTER_LINE(line) FILTER_##line
#include "get.def"
#undef FILTER
};

static const struct argp_option options[] = {
    {"json", 'j', 0, 0, "one JSON object per line", 0},
    {"service", 'S', "NAME", 0, "only this service (of sources, quarantine, status ...)", 0},
    {"columns", 'c', "A,B,...", 0, "of the table, only these columns, in this order", 0},
#define FILTER(name, value, sentence) {name, FILTER_AT(__LINE__), value, 0, sentence, 0},
#include "get.def"
#undef FILTER
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options, parse_option, "WHAT",
				 "Ask the network.\vWHAT:"
#define ANSWER(what, service, query) " " what
#include "get.def"
#undef ANSWER
				 "\n\nTables put units to the values; --json gives every field as it is: _minor units of money, _milli thousandths, "
				 "_bp hundredths of a percent, _us microseconds since 1970 or of a span.\n\nExamples: tributary get stock --outlet OUT-001 "
				 "--json\n          tributary get kpi --scope tier --columns key,day,revenue,tickets",
				 children, NULL, NULL};

static unsigned service_index(struct text name)
{
	unsigned i = 0;

	while (i < PARAMS_SERVICES && !text_equal(name, text_of(params_services[i])))
		i++;
	return i;
}

/* Sources that are services of the network have a head: how far behind are they heard? Never heard is 0. */
static void note_through(struct get *get, struct bytes row)
{
	unsigned at = service_index(row_text(row, "source"));

	if (at < PARAMS_SERVICES)
		get->through[at] = row_int(row, "through", 0);
}

static void print_row(struct get *get, struct bytes row)
{
	if (!get->json && get->table.wanted == NULL && strcmp(get->what, "network") == 0)
		tree_row(&get->tree, row);
	else if (!get->json)
		table_row(&get->table, row);
	else if (json_of_msgpack(row, get->line, LINE_BYTES) == ERR_NONE)
		puts(get->line);
}

static void print_lags(struct get *get)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		uint64_t through = (uint64_t)get->through[i], head = (uint64_t)get->heads[i];
		uint8_t row[256];
		struct writer writer = writer_of(row, sizeof(row));

		if (!settle_hears(get->asked, params_services[i]))
			continue;
		writer_map(&writer, 5);
		writer_text(&writer, TEXT_LITERAL("service"));
		writer_text(&writer, text_of(get->asked));
		writer_text(&writer, TEXT_LITERAL("source"));
		writer_text(&writer, text_of(params_services[i]));
		writer_text(&writer, TEXT_LITERAL("through"));
		writer_uint(&writer, through);
		writer_text(&writer, TEXT_LITERAL("head"));
		writer_uint(&writer, head);
		writer_text(&writer, TEXT_LITERAL("lag"));
		writer_uint(&writer, head > through ? head - through : 0);
		CHECK(writer.error == ERR_NONE);
		print_row(get, writer_bytes(&writer));
	}
}

static void on_row(void *context, struct bytes row)
{
	struct get *get = context;

	if (strcmp(get->what, "lag") == 0)
		note_through(get, row);
	else
		print_row(get, row);
}

static void on_head(void *context, struct bytes row)
{
	int64_t *head = context;

	*head = row_int(row, "head", 0);
}

static int ask(struct get *get, const char *service, const char *query, struct bytes arguments,
	       void (*each)(void *context, struct bytes row), void *context)
{
	struct client *client = network_client(&get->network, service, "tributary get");

	if (client == NULL)
		return EXIT_USAGE;
	get->asked = service;
	int error = client_query(client, query, arguments, each, context, QUERY_TIMEOUT_MS);
	client_close(&client);
	return network_say(service, error);
}

static int ask_all(struct get *get, const char *query, struct bytes arguments)
{
	int code = EXIT_DONE;

	for (unsigned i = 0; i < PARAMS_SERVICES && strcmp(get->what, "lag") == 0; i++) {
		int answer = ask(get, params_services[i], "status", bytes_of(NULL, 0), on_head, &get->heads[i]);

		code = answer != EXIT_DONE ? answer : code;
	}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		if (get->service != NULL && strcmp(get->service, params_services[i]) != 0)
			continue;
		memset(get->through, 0, sizeof(get->through));
		int answer = ask(get, params_services[i], query, arguments, on_row, get);

		code = answer != EXIT_DONE ? answer : code;
		if (answer == EXIT_DONE && strcmp(get->what, "lag") == 0)
			print_lags(get);
	}
	return code;
}

/* Most arguments are texts; a moment and a number of days are not, and a day is looked at before it is sent. */
static bool take_argument(struct question *question, const char *name, const char *value)
{
	int64_t number;
	char *end = NULL;

	if (value == NULL)
		return true;
	if (strcmp(name, "known") == 0) {
		if (!network_moment("get", value, &number))
			return false;
		question_int(question, name, number);
	} else if (strcmp(name, "days") == 0) {
		number = strtoll(value, &end, 10);
		if (*end != 0 || number < 1) {
			fprintf(stderr, "tributary get: days are a number from 1, not '%s'\n", value);
			return false;
		}
		question_int(question, name, number);
	} else {
		if (strcmp(name, "at") == 0 && !day_number(text_of(value), &number)) {
			fprintf(stderr, "tributary get: a day is YYYY-MM-DD, not '%s'\n", value);
			return false;
		}
		question_text(question, name, value);
	}
	return true;
}

static int answer(struct get *get)
{
	const char *names[sizeof(answers) / sizeof(answers[0])];

	question_begin(&get->question);
	for (size_t i = 0; i < FILTERS; i++)
		if (!take_argument(&get->question, filters[i], get->values[i]))
			return EXIT_USAGE;
	struct bytes arguments = question_end(&get->question);
	if (arguments.size == 0) {
		fprintf(stderr, "tributary get: the filters are longer than %d bytes together\n", QUESTION_BYTES);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		names[i] = answers[i].what;
		if (strcmp(get->what, answers[i].what) != 0)
			continue;
		if (strcmp(answers[i].service, "all") == 0)
			return ask_all(get, answers[i].query, arguments);
		return ask(get, answers[i].service, answers[i].query, arguments, on_row, get);
	}
	const char *guess = params_guess(get->what, names, sizeof(answers) / sizeof(answers[0]));
	fprintf(stderr, "tributary get: nothing called '%s'%s%s%s\n", get->what, guess != NULL ? "; did you mean '" : "",
		guess != NULL ? guess : "", guess != NULL ? "'?" : "");
	return EXIT_USAGE;
}

int get_run(int argc, char **argv)
{
	static struct get get; /* house: large, and there is one command */

	get.line = malloc(LINE_BYTES);

	if (get.line == NULL || argp_parse(&argp, argc, argv, 0, NULL, &get) != 0)
		return EXIT_USAGE;
	int code = network_load(&get.network);
	if (code == EXIT_DONE) {
		code = answer(&get);
		table_end(&get.table);
		tree_print(&get.tree);
		network_free(&get.network);
	}
	free(get.line);
	return code;
}
