/* apply.c -- master data and rules: read everything, complain about all of it or send all of it, print what changed. */
#include "apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "audit/audit.h"
#include "settle.h"

#define ARENA_BYTES (256u << 20)
#define FLUSH_MS 300000
#define SETTLE_MS 300000
#define FILES_MAX 64

struct apply {
	struct network network;
	const char *files[FILES_MAX];
	unsigned file_count;
	const char *user;
	bool json;
	struct records records;
	const struct record **sent;	/* by sequence, from first_seq */
	uint64_t first_seq, refused, changed;
	uint64_t head, heard;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct apply *apply = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &apply->network;
	else if (key == 'j')
		apply->json = true;
	else if (key == 'u')
		apply->user = value;
	else if (key == ARGP_KEY_ARG && apply->file_count < FILES_MAX)
		apply->files[apply->file_count++] = value;
	else if (key == ARGP_KEY_END && apply->file_count == 0)
		argp_error(state, "FILE is missing");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"json", 'j', 0, 0, "one JSON object per change", 0},
					     {"user", 'u', "NAME", 0, "who applies (default: operator)", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "FILE...",
				 "Apply master data from YAML. The same file twice changes nothing.\vKinds: outlets warehouses lanes carriers suppliers "
				 "products prices stock_policies targets terminals; their fields are in schemas/EVENTS.md. Prices, money and "
				 "quantities are decimals (12.50).\n\nExample: tributary apply network.yaml",
				 children, NULL,	 NULL};

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct apply *apply = context;

	if (verdict->verdict != VERDICT_REFUSED)
		return;
	const struct record *record = apply->sent[verdict->seq - apply->first_seq];
	apply->refused++;
	fprintf(stderr, "%s:%u: refused %.*s: %.*s\n", record->file, record->line, TEXT_ARGS(verdict->code), TEXT_ARGS(verdict->message));
}

static void on_change(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	static char json[1 << 16]; /* house: large, and one event is printed at a time */
	struct apply *apply = context;

	(void)event;
	(void)epoch;
	if (envelope->type.size < 9 || memcmp(envelope->type.data + envelope->type.size - 9, ".declared", 9) != 0)
		return;
	apply->changed++;
	if (event_to_json(event_type_find(envelope->type), envelope->data, json, sizeof(json)) != ERR_NONE)
		snprintf(json, sizeof(json), "null");
	if (apply->json)
		printf("{\"changed\":\"%.*s\",\"key\":\"%.*s\",\"record\":%s}\n", (int)envelope->type.size - 9, envelope->type.data,
		       TEXT_ARGS(envelope->subject), json);
	else
		printf("%.*s %s\n", (int)envelope->type.size - 9, envelope->type.data, json);
}

static void on_progress(void *context, uint64_t through, uint64_t head)
{
	struct apply *apply = context;

	apply->heard = through;
	apply->head = head > apply->head ? head : apply->head;
}

static void on_status(void *context, struct bytes row)
{
	*(int64_t *)context = row_int(row, "head", 0);
}

static int send_all(struct apply *apply, struct client *client, int64_t now_us)
{
	char source[SOURCE_TEXT_MAX + 1];
	uint64_t seq = 0;
	int error = client_begin(client);

	snprintf(source, sizeof(source), "staff/%s", apply->user);
	for (const struct record *record = apply->records.first; record != NULL && error == ERR_NONE; record = record->next) {
		error = client_publish(client, source, record->type, record->event, now_us, &seq);
		if (error != ERR_NONE)
			fprintf(stderr, "%s:%u: %s\n", record->file, record->line, error_text(error));
		if (apply->first_seq == 0)
			apply->first_seq = seq;
		if (error == ERR_NONE)
			apply->sent[seq - apply->first_seq] = record;
	}
	int ended = client_end(client);
	return error != ERR_NONE ? error : ended != ERR_NONE ? ended : client_flush(client, FLUSH_MS);
}

/* What partners said since we began: that is what changed. */
static int print_changes(struct apply *apply, struct client *client, int64_t before)
{
	struct client_subscription subscription = {.from = (uint64_t)before + 1,
						   .on_event = on_change,
						   .on_progress = on_progress,
						   .context = apply};
	int64_t head = 0;
	int error = client_query(client, "status", bytes_of(NULL, 0), on_status, &head, QUERY_TIMEOUT_MS);

	if (error != ERR_NONE || head == before)
		return error;
	error = client_subscribe(client, &subscription);
	for (int waited = 0; error == ERR_NONE && apply->heard < (uint64_t)head; waited++) {
		client_process(client, 50);
		if (waited > 1200)
			error = ERR_TIMEOUT;
	}
	return error;
}

/* What is about to be applied, byte for byte. */
static int note_begin(const struct apply *apply)
{
	char hash[AUDIT_HASH_TEXT + 1];
	int code = EXIT_DONE;

	for (unsigned i = 0; i < apply->file_count && code == EXIT_DONE; i++) {
		int error = audit_hash_file(apply->files[i], hash);

		code = network_note(&apply->network, "apply", apply->files[i], "begun: %u records in all, as staff/%s, blake2b %s",
				    apply->records.count, apply->user, error == ERR_NONE ? hash : "not known: it cannot be read twice");
	}
	return code;
}

static int note_end(const struct apply *apply, int code)
{
	char object[40];

	snprintf(object, sizeof(object), "%u files", apply->file_count);
	return network_note_end(&apply->network, "apply", apply->file_count == 1 ? apply->files[0] : object, code,
				"%u records, %llu changed, %llu refused", apply->records.count, (unsigned long long)apply->changed,
				(unsigned long long)apply->refused);
}

/*
 * One at a time: a second one under the same name would begin a later numbering of it, and the first would wait for answers in vain.
 * The lock ends with the process; where the run folder cannot be written there is none.
 */
static void wait_for_others(const struct apply *apply)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/apply.lock", apply->network.params.dir);
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || flock(file, LOCK_EX | LOCK_NB) == 0)
		return;
	fprintf(stderr, "tributary apply: another one is at work, it goes first\n");
	while (flock(file, LOCK_EX) != 0 && errno == EINTR)
		;
}

static int apply_all(struct apply *apply)
{
	struct client_options client_options = {.name = "tributary apply",
						.on_verdict = on_verdict,
						.context = apply};
	struct client *client = NULL;
	struct bus *clock = NULL;
	int64_t before = 0;

	wait_for_others(apply);
	int error = bus_open(&clock, NULL);
	if (error == ERR_NONE)
		error = network_open(&apply->network, "partners", &client_options, &client);
	if (error == ERR_NONE)
		error = client_query(client, "status", bytes_of(NULL, 0), on_status, &before, QUERY_TIMEOUT_MS);
	int noted = error == ERR_NONE ? note_begin(apply) : EXIT_DONE;
	bool begun = error == ERR_NONE && noted == EXIT_DONE;
	if (begun)
		error = send_all(apply, client, bus_now_us(clock));
	if (error == ERR_NONE && begun)
		error = print_changes(apply, client, before);
	client_close(&client);
	bus_close(&clock);
	if (noted != EXIT_DONE)
		return noted;
	if (error == ERR_NONE)
		error = settle_network(&apply->network, "partners", SETTLE_MS);
	int code = network_say("partners", error);
	code = code == EXIT_DONE && apply->refused > 0 ? EXIT_REFUSED : code;
	if (begun)
		code = note_end(apply, code);
	fprintf(stderr, "%u records: %llu changed, %llu as they were, %llu refused\n", apply->records.count,
		(unsigned long long)apply->changed, (unsigned long long)(apply->records.count - apply->changed - apply->refused),
		(unsigned long long)apply->refused);
	return code;
}

int apply_run(int argc, char **argv)
{
	struct apply apply = {.user = "operator"};
	int code = EXIT_DONE;

	if (argp_parse(&argp, argc, argv, 0, NULL, &apply) != 0)
		return EXIT_USAGE;
	apply.records.end = &apply.records.first;
	if (arena_open(&apply.records.arena, ARENA_BYTES) != ERR_NONE)
		return EXIT_REFUSED;
	for (unsigned i = 0; i < apply.file_count; i++)
		if (apply_read(&apply.records, apply.files[i]) != ERR_NONE)
			code = EXIT_USAGE;
	if (apply.records.wrong > 0) {
		fprintf(stderr, "nothing was applied: %u complaints\n", apply.records.wrong);
		code = EXIT_REFUSED;
	}
	if (code == EXIT_DONE)
		code = network_load(&apply.network);
	apply.sent = calloc(apply.records.count + 1, sizeof(*apply.sent));
	if (code == EXIT_DONE && apply.sent != NULL) {
		code = apply_all(&apply);
		network_free(&apply.network);
	}
	free(apply.sent);
	arena_close(&apply.records.arena);
	return code;
}
