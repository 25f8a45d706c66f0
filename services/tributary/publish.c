/* publish.c -- JSON lines in, one verdict line per event out. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/units.h"
#include "base/when.h"
#include "command.h"

#define FLUSH_MS 60000
#define ARENA_BYTES (4u << 20)
#define LINE_BYTES (1u << 20)
#define INPUT_MS 20

/* What was read and not yet taken: from `from` until `to`. */
struct input {
	char *bytes; /* LINE_BYTES and one for the end of a line */
	size_t from, to;
	bool ended;
};

struct publish {
	struct network network;
	const char *terminal, *to, *spool;
	struct client *clients[PARAMS_SERVICES];
	struct arena arena;
	uint64_t line, accepted, duplicates, refused;
	bool quiet;
	struct input input;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct publish *publish = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &publish->network;
	else if (key == 't')
		publish->terminal = value;
	else if (key == 'T')
		publish->to = value;
	else if (key == 's')
		publish->spool = value;
	else if (key == 'q')
		publish->quiet = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"terminal", 't', "ID", 0, "publish as this terminal where a line names none", 0},
    {"to", 'T', "SERVICE", 0, "to this service's door (default: the one that hears the event's type)", 0},
    {"spool", 's', "DIR", 0, "keep the spool here (default: in memory)", 0},
    {"quiet", 'q', 0, 0, "verdict lines only of what was not accepted", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {
    options,
    parse_option,
    NULL,
    "Publish events from standard input.\vA line is {\"type\": \"ticket.sold\", \"data\": {...}, \"source\": \"OUT-001/T1\", \"time\": "
    "\"2026-03-01T10:00:00Z\"}; source may come from --terminal, time from the clock, and \"epoch\" with \"seq\" take over a numbering "
    "that is kept elsewhere.\nOne line per event comes out: {\"seq\":1,\"verdict\":\"accepted\",\"code\":\"\",\"message\":\"\"}. Exit code 1 when "
    "any was refused.\n\nExample: tributary publish --terminal OUT-001/T1 < events.jsonl",
    children,
    NULL,
    NULL};

static void print_json_text(struct text text)
{
	putchar('"');
	for (uint32_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\')
			putchar('\\');
		if (c >= ' ')
			putchar(c);
	}
	putchar('"');
}

static void print_verdict(const struct client_verdict *verdict, const char *word)
{
	printf("{\"source\":");
	print_json_text(verdict->source);
	printf(",\"seq\":%llu,\"verdict\":\"%s\",\"code\":", (unsigned long long)verdict->seq, word);
	print_json_text(verdict->code);
	printf(",\"message\":");
	print_json_text(verdict->message);
	puts("}");
}

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	static const char *const words[] = {"accepted", "duplicate", "refused"};
	struct publish *publish = context;

	publish->accepted += verdict->verdict == VERDICT_ACCEPTED;
	publish->duplicates += verdict->verdict == VERDICT_DUPLICATE;
	publish->refused += verdict->verdict == VERDICT_REFUSED;
	if (!publish->quiet || verdict->verdict != VERDICT_ACCEPTED)
		print_verdict(verdict, words[verdict->verdict]);
}

/* A line that is no event never leaves: it is refused here, with its place. */
static void refuse_line(struct publish *publish, const char *message)
{
	char text[400];

	snprintf(text, sizeof(text), "line %llu: %s", (unsigned long long)publish->line, message);
	struct client_verdict verdict = {.code = TEXT_LITERAL("malformed"), .message = text_of(text)};
	publish->refused++;
	print_verdict(&verdict, "refused");
}

static const char *heard_by(const struct event_type *type)
{
	if (strcmp(type->publisher, "terminals") == 0)
		return "orders";
	if (strcmp(type->publisher, "staff") == 0)
		return "partners";
	if (strcmp(type->publisher, "warehouses") != 0)
		return NULL;
	return strcmp(type->name, "stock.counted") == 0 || strcmp(type->name, "goods.received") == 0 ? "inventory" : "logistics";
}

static struct client *client_for(struct publish *publish, const char *service)
{
	unsigned i = 0;
	char spool[4096];

	while (i < PARAMS_SERVICES && strcmp(params_services[i], service) != 0)
		i++;
	if (i == PARAMS_SERVICES)
		return NULL;
	if (publish->clients[i] != NULL)
		return publish->clients[i];
	snprintf(spool, sizeof(spool), "%s.%s", publish->spool != NULL ? publish->spool : "", service);
	struct client_options client_options = {.name = "tributary publish",
						.spool = publish->spool != NULL ? spool : NULL,
						.on_verdict = on_verdict,
						.context = publish};
	int error = network_open(&publish->network, service, &client_options, &publish->clients[i]);
	if (error != ERR_NONE)
		fprintf(stderr, "tributary: %s: %s\n", service, error_text(error));
	return publish->clients[i];
}

static int64_t line_time(const cJSON *line, int64_t now_us)
{
	const cJSON *time = cJSON_GetObjectItemCaseSensitive(line, "time");
	int64_t time_us;

	if (cJSON_IsString(time) && when_parse(text_of(time->valuestring), &time_us))
		return time_us;
	if (cJSON_IsNumber(time) && time->valuedouble <= (double)NUMBER_MAX && time->valuedouble >= 0)
		return (int64_t)time->valuedouble;
	return time == NULL ? now_us : -1;
}

/* A line that brings its own number: the spool takes that numbering over, once what waits of the source is through. */
static int take_number(struct client *client, const char *source, const cJSON *line)
{
	const cJSON *epoch = cJSON_GetObjectItemCaseSensitive(line, "epoch"), *seq = cJSON_GetObjectItemCaseSensitive(line, "seq");

	if (!cJSON_IsNumber(epoch) || !cJSON_IsNumber(seq) || seq->valuedouble < 1)
		return ERR_NONE;
	int error = client_number(client, source, (uint64_t)epoch->valuedouble, (uint64_t)seq->valuedouble - 1);
	if (error != ERR_USAGE)
		return error;
	error = client_flush(client, FLUSH_MS);
	return error != ERR_NONE ? error : client_number(client, source, (uint64_t)epoch->valuedouble, (uint64_t)seq->valuedouble - 1);
}

static int publish_event(struct publish *publish, const cJSON *line, const struct event_type *type, const char *source,
			 int64_t now_us)
{
	const char *service = publish->to != NULL ? publish->to : heard_by(type);
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(line, "data");
	char message[300] = "data is missing";
	struct client *client = service != NULL ? client_for(publish, service) : NULL;

	if (client == NULL) {
		refuse_line(publish, "no door hears this type from outside");
		return ERR_NONE;
	}
	int64_t time_us = line_time(line, now_us);
	if (time_us < 0) {
		refuse_line(publish, "time: neither RFC 3339 nor microseconds since 1970");
		return ERR_NONE;
	}
	arena_reset(&publish->arena);
	void *event = arena_take(&publish->arena, type->struct_size);
	char *json = data != NULL ? cJSON_PrintUnformatted(data) : NULL;
	int error = json != NULL ? event_from_json(type, json, event, &publish->arena, message, sizeof(message)) : ERR_SYNTAX;
	free(json);
	if (error != ERR_NONE) {
		refuse_line(publish, message);
		return ERR_NONE;
	}
	error = take_number(client, source, line);
	while (error == ERR_NONE && client_waiting(client) > 20000)
		client_process(client, 100);
	return error != ERR_NONE ? error : client_publish(client, source, type, event, time_us, NULL);
}

static int publish_line(struct publish *publish, const char *text, int64_t now_us)
{
	cJSON *line = cJSON_Parse(text);
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(line, "type");
	const cJSON *source = cJSON_GetObjectItemCaseSensitive(line, "source");
	int error = ERR_NONE;

	if (source == NULL)
		source = cJSON_GetObjectItemCaseSensitive(line, "terminal");
	const char *from = cJSON_IsString(source) ? source->valuestring : publish->terminal;
	const struct event_type *type = cJSON_IsString(name) ? event_type_find(text_of(name->valuestring)) : NULL;
	if (line == NULL)
		refuse_line(publish, "not JSON");
	else if (type == NULL)
		refuse_line(publish, "type: missing, or no event of that name");
	else if (from == NULL || from[0] == 0 || strlen(from) > SOURCE_TEXT_MAX)
		refuse_line(publish, "source: missing (or give --terminal), or longer than 64 bytes");
	else
		error = publish_event(publish, line, type, from, now_us);
	cJSON_Delete(line);
	return error;
}

/* What the conversations have to say, until there is something to read on standard input. */
static void converse_until_input(struct publish *publish)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	do
		for (unsigned i = 0; i < PARAMS_SERVICES; i++)
			if (publish->clients[i] != NULL)
				client_process(publish->clients[i], 0);
	while (poll(&input, 1, INPUT_MS) == 0);
}

/*
 * One line of standard input, ended by 0 in place of its line end; NULL: there is no other. Not through stdio: whoever waits in
 * getline hears no verdict, and a till that pipes its sales in one by one wants each verdict before the next sale.
 */
static char *next_line(struct publish *publish)
{
	struct input *input = &publish->input;

	for (;;) {
		char *line = input->bytes + input->from;
		char *end = memchr(line, '\n', input->to - input->from);

		if (end == NULL && input->ended && input->to > input->from)
			end = input->bytes + input->to; /* the last one, without its line end */
		if (end != NULL) {
			*end = 0;
			input->from = (size_t)(end - input->bytes) + (end < input->bytes + input->to);
			return line;
		}
		if (input->ended)
			return NULL;
		memmove(input->bytes, line, input->to -= input->from);
		input->from = 0;
		if (input->to == LINE_BYTES) { /* no event is so long; what is left of the line will not be one either */
			refuse_line(publish, "longer than 1 MiB");
			input->to = 0;
		}
		converse_until_input(publish);
		ssize_t got = read(STDIN_FILENO, input->bytes + input->to, LINE_BYTES - input->to);
		if (got <= 0 && errno != EINTR)
			input->ended = true;
		input->to += got > 0 ? (size_t)got : 0;
	}
}

static int finish(struct publish *publish, int error)
{
	int code = EXIT_DONE;

	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		if (publish->clients[i] == NULL)
			continue;
		if (error == ERR_NONE) {
			int flushed = client_flush(publish->clients[i], FLUSH_MS);

			if (flushed != ERR_NONE && !client_connected(publish->clients[i]))
				flushed = ERR_UNREACHABLE;
			code = flushed != ERR_NONE ? network_say(params_services[i], flushed) : code;
		}
		client_close(&publish->clients[i]);
	}
	fprintf(stderr, "%llu accepted, %llu duplicate, %llu refused\n", (unsigned long long)publish->accepted,
		(unsigned long long)publish->duplicates, (unsigned long long)publish->refused);
	if (error != ERR_NONE)
		return network_say("spool", error);
	return code == EXIT_DONE && publish->refused > 0 ? EXIT_REFUSED : code;
}

int publish_run(int argc, char **argv)
{
	struct publish publish = {0};
	char *line;
	int error = ERR_NONE;

	if (argp_parse(&argp, argc, argv, 0, NULL, &publish) != 0)
		return EXIT_USAGE;
	int code = network_load(&publish.network);
	if (code != EXIT_DONE)
		return code;
	publish.input.bytes = malloc(LINE_BYTES + 1);
	if (publish.input.bytes == NULL || arena_open(&publish.arena, ARENA_BYTES) != ERR_NONE)
		return EXIT_REFUSED;
	struct bus *clock = NULL;
	if (bus_open(&clock, NULL) != ERR_NONE)
		return EXIT_REFUSED;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (error == ERR_NONE && (line = next_line(&publish)) != NULL) {
		publish.line++;
		if (strspn(line, " \t\r\n") != strlen(line))
			error = publish_line(&publish, line, bus_now_us(clock));
	}
	code = finish(&publish, error);
	free(publish.input.bytes);
	bus_close(&clock);
	arena_close(&publish.arena);
	network_free(&publish.network);
	return code;
}
