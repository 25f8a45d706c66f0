/*
 * run_scenario.c -- play text scenarios against one service: given, when, expect. Time is what the script says.
 *
 * Usage: scenario_<service> FILE.scn... ; prints a line per scenario, exits 1 when one fails. The engine is the real one over the
 * store's twin in memory.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/hash.h"
#include "kernel/engine.h"
#include "kernel/query.h"
#include "log/log.h"

#define SOURCES_MAX 64
#define JSON_BYTES (1 << 20)

struct stage {
	struct engine *engine;
	const char *file;
	unsigned line;
	int64_t time_us;
	int64_t clock_us;	/* fixed time of admission; 0: a second after the event */
	uint64_t heard;		/* journal head up to which events were looked at */
	struct {
		char name[SOURCE_TEXT_MAX];
		uint64_t seq;
	} sources[SOURCES_MAX];
	char ignored[16][TYPE_TEXT_MAX];
	unsigned ignored_count;
	char refused[64];	/* code of the last refusal; empty: none */
	char *json;
	bool failed;
};

static const struct service *played; /* the one service of this program */

/* The service's main.c calls this in place of the kernel's: the scenario takes the description and plays. */
int service_main(int argc, char **argv, const struct service *service)
{
	(void)argc;
	(void)argv;
	played = service;
	return 0;
}

int scenario_service(int argc, char **argv);

__attribute__((format(printf, 2, 3))) static void wrong(struct stage *stage, const char *format, ...)
{
	va_list arguments;

	stage->failed = true;
	fprintf(stderr, "%s:%u: ", stage->file, stage->line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static bool json_subset(const cJSON *wanted, const cJSON *found)
{
	const cJSON *item;

	if (found == NULL || (wanted->type & 0xff) != (found->type & 0xff))
		return (wanted->type & 0xff) == cJSON_NULL && found == NULL;
	if (cJSON_IsString(wanted))
		return strcmp(wanted->valuestring, found->valuestring) == 0;
	if (cJSON_IsNumber(wanted))
		return wanted->valuedouble >= found->valuedouble && wanted->valuedouble <= found->valuedouble;
	if (cJSON_IsArray(wanted)) {
		const cJSON *other = found->child;

		for (item = wanted->child; item != NULL; item = item->next, other = other->next)
			if (other == NULL || !json_subset(item, other))
				return false;
		return other == NULL;
	}
	cJSON_ArrayForEach(item, wanted)
		if (!json_subset(item, cJSON_GetObjectItemCaseSensitive(found, item->string)))
			return false;
	return true;
}

static uint64_t next_seq(struct stage *stage, const char *source)
{
	for (unsigned i = 0; i < SOURCES_MAX; i++) {
		if (stage->sources[i].name[0] == 0)
			snprintf(stage->sources[i].name, sizeof(stage->sources[i].name), "%s", source);
		if (strcmp(stage->sources[i].name, source) == 0)
			return ++stage->sources[i].seq;
	}
	wrong(stage, "more than %d sources", SOURCES_MAX);
	return 0;
}

static void admit(struct stage *stage, const char *source, uint64_t seq, struct bytes event)
{
	struct run run = {.source = text_of(source), .epoch = 1, .after = seq - 1, .count = 1, .events = event};
	struct admission admission;

	stage->refused[0] = 0;
	if (engine_begin(stage->engine, stage->clock_us != 0 ? stage->clock_us : stage->time_us + 1000000) != ERR_NONE) {
		wrong(stage, "the turn does not open");
		return;
	}
	engine_admit(stage->engine, &run, &admission);
	if (admission.refusal_count > 0)
		snprintf(stage->refused, sizeof(stage->refused), "%.*s", TEXT_ARGS(admission.refusals[0].code));
	if (admission.refusal_count > 0 && strcmp(stage->refused, "malformed") == 0)
		fprintf(stderr, "%s:%u: note: %.*s\n", stage->file, stage->line, TEXT_ARGS(admission.refusals[0].message));
	if (engine_commit(stage->engine) != ERR_NONE)
		wrong(stage, "the turn does not commit");
}

static void input(struct stage *stage, const char *source, const char *type_name, const char *json)
{
	const struct event_type *type = event_type_find(text_of(type_name));
	static uint8_t packed[EVENT_OWN_BYTES_MAX];
	struct writer writer = writer_of(packed, sizeof(packed));
	struct arena arena;
	char message[200];

	if (type == NULL) {
		wrong(stage, "no event type %s", type_name);
		return;
	}
	if (arena_open(&arena, 4 << 20) != ERR_NONE)
		abort();
	void *event = arena_take(&arena, type->struct_size);
	memset(event, 0, type->struct_size);
	int error = event_from_json(type, json, event, &arena, message, sizeof(message));
	if (error != ERR_NONE) {
		wrong(stage, "%s: %s", type_name, message);
	} else {
		uint64_t seq = next_seq(stage, source);
		struct envelope envelope = {
		    .source = text_of(source), .seq = seq, .type = text_of(type_name), .time_us = stage->time_us};

		envelope_write(&writer, &envelope);
		type->pack(event, &writer);
		admit(stage, source, seq, writer_bytes(&writer));
		stage->time_us += US_PER_SECOND;
	}
	arena_close(&arena);
}

/* The next emitted event that is not ignored; false at the end. Its JSON is in stage->json. */
static bool next_emitted(struct stage *stage, char type[TYPE_TEXT_MAX + 1], bool ignoring)
{
	struct view view = {0};
	bool found = false;

	while (!found && stage->heard < engine_meta(stage->engine)->head) {
		uint64_t number;
		struct envelope envelope;

		if (view_open(&view, engine_store(stage->engine)) != ERR_NONE)
			abort();
		struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, stage->heard + 1, &number);
		struct reader reader = reader_of(event);
		envelope_read(&reader, &envelope);
		stage->heard = number;
		snprintf(type, TYPE_TEXT_MAX + 1, "%.*s", TEXT_ARGS(envelope.type));
		if (event_to_json(event_type_find(envelope.type), envelope.data, stage->json, JSON_BYTES) != ERR_NONE)
			wrong(stage, "%s does not become JSON", type);
		view_close(&view);
		found = true;
		for (unsigned i = 0; ignoring && i < stage->ignored_count; i++)
			if (strcmp(stage->ignored[i], type) == 0)
				found = false;
	}
	return found;
}

static void nothing_left(struct stage *stage)
{
	char type[TYPE_TEXT_MAX + 1];

	while (next_emitted(stage, type, true))
		wrong(stage, "not expected: %s %s", type, stage->json);
}

static void expect(struct stage *stage, const char *wanted_type, const char *json)
{
	char type[TYPE_TEXT_MAX + 1];
	bool is_ignored = false;

	if (strcmp(wanted_type, "nothing") == 0) {
		nothing_left(stage);
		return;
	}
	for (unsigned i = 0; i < stage->ignored_count; i++)
		is_ignored = is_ignored || strcmp(stage->ignored[i], wanted_type) == 0;
	do {
		if (!next_emitted(stage, type, !is_ignored)) {
			wrong(stage, "expected %s, nothing was said", wanted_type);
			return;
		}
	} while (is_ignored && strcmp(type, wanted_type) != 0);
	cJSON *wanted = cJSON_Parse(json[0] != 0 ? json : "{}");
	cJSON *found = cJSON_Parse(stage->json);
	if (wanted == NULL || found == NULL)
		wrong(stage, "cannot be parsed: %s", json);
	else if (strcmp(type, wanted_type) != 0 || !json_subset(wanted, found))
		wrong(stage, "expected %s %s\n    but heard %s %s", wanted_type, json, type, stage->json);
	cJSON_Delete(wanted);
	cJSON_Delete(found);
}

static void later(struct stage *stage, const char *span)
{
	static const struct {
		char unit;
		int64_t us;
	} units[] = {{'s', US_PER_SECOND}, {'m', US_PER_MINUTE}, {'h', US_PER_HOUR}, {'d', US_PER_DAY}};
	char *end, json[64];
	int64_t count = strtoll(span, &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit)
			stage->time_us += count * units[i].us;
	snprintf(json, sizeof(json), "{\"time\":%lld}", (long long)stage->time_us);
	if (engine_route(stage->engine, TEXT_LITERAL("clock.ticked")) != NULL)
		input(stage, "script-clock", "clock.ticked", json);
}

/* The same input `count` times; each # in it becomes the number of the time, from 1. */
static void input_many(struct stage *stage, const char *count, const char *rest)
{
	static char line[1 << 16];
	char source[128], type[128];
	long times = strtol(count, NULL, 10);

	for (long i = 1; i <= times && !stage->failed; i++) {
		size_t used = 0;

		for (const char *at = rest; *at != 0 && used < sizeof(line) - 32; at++)
			if (*at == '#')
				used += (size_t)snprintf(line + used, 32, "%ld", i);
			else
				line[used++] = *at;
		line[used] = 0;
		const char *json = strchr(line, '{');
		if (json == NULL || sscanf(line, "%127s %127s", source, type) != 2) {
			wrong(stage, "many COUNT SOURCE TYPE {json with #}");
			return;
		}
		input(stage, source, type, json);
		if (stage->refused[0] != 0)
			wrong(stage, "time %ld was refused: %s", i, stage->refused);
	}
	stage->heard = engine_meta(stage->engine)->head;
}

#define ROWS_MAX 65536

struct wanted_row {
	const cJSON *subset; /* NULL: no row at all */
	unsigned rows, matches, pages;
	uint64_t *hashes; /* of the rows; NULL: nobody asks how many there are */
};

static int compare_hashes(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* How many rows are no repetition of another. */
static unsigned different_rows(struct wanted_row *wanted)
{
	unsigned different = wanted->rows > 0;

	qsort(wanted->hashes, wanted->rows, sizeof(wanted->hashes[0]), compare_hashes);
	for (unsigned i = 1; i < wanted->rows; i++)
		different += wanted->hashes[i] != wanted->hashes[i - 1];
	return different;
}

static void look_at_row(struct wanted_row *wanted, const char *json)
{
	cJSON *row = cJSON_Parse(json);

	if (wanted->hashes != NULL && wanted->rows < ROWS_MAX)
		wanted->hashes[wanted->rows] = hash_bytes(bytes_of(json, strlen(json)));
	wanted->rows++;
	if (wanted->subset != NULL && row != NULL && json_subset(wanted->subset, row))
		wanted->matches++;
	if (getenv("SCENARIO_ROWS") != NULL)
		fprintf(stderr, "    row %s\n", json);
	cJSON_Delete(row);
}

static struct bytes pack_arguments(const cJSON *arguments, uint8_t *buffer, size_t size)
{
	struct writer writer = writer_of(buffer, size);
	const cJSON *item;

	writer_map(&writer, (uint32_t)cJSON_GetArraySize(arguments));
	cJSON_ArrayForEach(item, arguments) {
		writer_text(&writer, text_of(item->string));
		if (cJSON_IsNumber(item))
			writer_int(&writer, (int64_t)item->valuedouble);
		else
			writer_text(&writer, text_of(cJSON_IsString(item) ? item->valuestring : ""));
	}
	return writer_bytes(&writer);
}

/* Every row of an answer, page after page, as JSON. */
static int each_row(struct stage *stage, const char *what, const cJSON *arguments, struct wanted_row *wanted)
{
	static uint8_t buffer[QUERY_PAGE_BYTES], packed[4096], from[QUERY_KEY_MAX];
	struct bytes given = pack_arguments(arguments, packed, sizeof(packed));
	struct page page = {0};

	do {
		memcpy(from, page.from, page.from_size);
		int error = query_run(stage->engine, text_of(what), given, bytes_of(from, page.from_size), buffer, &page);
		if (error != ERR_NONE)
			return error;
		struct reader reader = reader_of(page.rows);
		for (uint32_t i = 0; i < page.row_count; i++) {
			if (event_to_json(NULL, reader_value(&reader), stage->json, JSON_BYTES) != ERR_NONE)
				return ERR_SYNTAX;
			look_at_row(wanted, stage->json);
		}
		wanted->pages++;
	} while (page.more);
	return ERR_NONE;
}

/* query WHAT {arguments} count N pages M: so many rows, each once, on so many pages. */
static void query_count(struct stage *stage, const char *what, const cJSON *arguments, const char *said)
{
	static uint64_t hashes[ROWS_MAX];
	struct wanted_row wanted = {.hashes = hashes};
	unsigned count, pages;

	if (sscanf(said, "count %u pages %u", &count, &pages) != 2 || count > ROWS_MAX)
		wrong(stage, "query WHAT {arguments} count N pages M");
	else if (each_row(stage, what, arguments, &wanted) != ERR_NONE)
		wrong(stage, "no query %s", what);
	else if (wanted.rows != count || different_rows(&wanted) != count || wanted.pages != pages)
		wrong(stage, "query %s: %u rows on %u pages, expected %s", what, wanted.rows, wanted.pages, said);
}

static void query(struct stage *stage, const char *rest)
{
	char what[64];
	const char *brace = strchr(rest, '{');
	const char *end = NULL;
	cJSON *arguments = NULL, *subset = NULL;

	if (brace == NULL || sscanf(rest, "%63s", what) != 1) {
		wrong(stage, "query WHAT {arguments} {row} or none");
		return;
	}
	arguments = cJSON_ParseWithOpts(brace, &end, 0);
	while (end != NULL && *end == ' ')
		end++;
	if (arguments != NULL && strncmp(end, "count", 5) == 0) {
		query_count(stage, what, arguments, end);
		cJSON_Delete(arguments);
		return;
	}
	bool none = end != NULL && strncmp(end, "none", 4) == 0;
	subset = end != NULL && !none ? cJSON_Parse(end) : NULL;
	struct wanted_row wanted = {.subset = subset};
	if (arguments == NULL || (!none && subset == NULL))
		wrong(stage, "cannot be parsed: %s", rest);
	else if (each_row(stage, what, arguments, &wanted) != ERR_NONE)
		wrong(stage, "no query %s", what);
	else if (none ? wanted.rows > 0 : wanted.matches == 0)
		wrong(stage, "query %s: %u rows, %u match", rest, wanted.rows, wanted.matches);
	cJSON_Delete(arguments);
	cJSON_Delete(subset);
}

static void play_line(struct stage *stage, char *line)
{
	char verb[32] = "", first[128] = "", second[128] = "";
	int at = 0;

	if (line[0] == '#' || sscanf(line, "%31s", verb) != 1)
		return;
	sscanf(line, "%*s %127s %127s", first, second);
	const char *json = strchr(line, '{');
	if (strcmp(verb, "service") == 0) {
		if (strcmp(first, played->name) != 0)
			wrong(stage, "this program plays %s", played->name);
	} else if (strcmp(verb, "ignore") == 0 && stage->ignored_count < 16) {
		snprintf(stage->ignored[stage->ignored_count++], TYPE_TEXT_MAX, "%.63s", first);
	} else if (strcmp(verb, "time") == 0) {
		if (!when_parse(text_of(first), &stage->time_us))
			wrong(stage, "not a time: %s", first);
	} else if (strcmp(verb, "clock") == 0) {
		if (!when_parse(text_of(first), &stage->clock_us))
			wrong(stage, "not a time: %s", first);
	} else if (strcmp(verb, "given") == 0 || strcmp(verb, "when") == 0) {
		nothing_left(stage);
		input(stage, first, second, json != NULL ? json : "{}");
		if (verb[0] == 'g')
			stage->heard = engine_meta(stage->engine)->head;
		if (verb[0] == 'g' && stage->refused[0] != 0)
			wrong(stage, "given event was refused: %s", stage->refused);
	} else if (strcmp(verb, "many") == 0) {
		nothing_left(stage);
		sscanf(line, "%*s %*s %n", &at);
		input_many(stage, first, line + at);
	} else if (strcmp(verb, "expect") == 0) {
		expect(stage, first, json != NULL ? json : "");
	} else if (strcmp(verb, "refused") == 0) {
		if (strcmp(stage->refused, first) != 0)
			wrong(stage, "expected refusal %s, was %s", first, stage->refused[0] != 0 ? stage->refused : "accepted");
	} else if (strcmp(verb, "later") == 0) {
		nothing_left(stage);
		later(stage, first);
	} else if (strcmp(verb, "query") == 0 && sscanf(line, "%*s %n", &at) >= 0) {
		query(stage, line + at);
	} else {
		wrong(stage, "not understood: %s", line);
	}
}

static bool play(const char *file)
{
	static char line[1 << 16], json[JSON_BYTES];
	struct stage stage = {.file = file, .json = json};
	struct engine_options options = {.path = "scenario", .memory = true, .now_us = 1};
	FILE *script = fopen(file, "r");

	if (script == NULL || engine_open(&stage.engine, played, &options) != ERR_NONE) {
		fprintf(stderr, "%s: cannot be opened\n", file);
		return false;
	}
	while (fgets(line, sizeof(line), script) != NULL) {
		stage.line++;
		line[strcspn(line, "\n")] = 0;
		play_line(&stage, line);
	}
	nothing_left(&stage);
	fclose(script);
	engine_close(&stage.engine);
	return !stage.failed;
}

int main(int argc, char **argv)
{
	unsigned failed = 0;

	scenario_service(0, NULL);
	log_open("scenario", LOG_BROKEN);
	for (int i = 1; i < argc; i++) {
		bool passed = play(argv[i]);

		printf("%s %s\n", passed ? "ok" : "FAILED", argv[i]);
		failed += !passed;
	}
	printf("%d scenarios, %u failed\n", argc - 1, failed);
	return failed > 0 || argc < 2;
}
