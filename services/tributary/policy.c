/* policy.c -- records of the rulebook as they are and were: one version, all of them, or what lies between two. */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/when.h"
#include "command.h"
#include "pack/json.h"
#include "pack/question.h"
#include "pack/row.h"
#include "say.h"

#define LINE_BYTES (64 << 10)
#define VALUE_BYTES 4096

struct policy {
	struct network network;
	const char *verb, *kind, *key, *numbers[2];
	const char *version, *known, *day;
	bool json;
	const struct event_type *type;	/* <kind>.submitted */
	unsigned rows;
	char *line;
	struct bytes found;		/* the last row, copied into line */
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct policy *policy = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &policy->network;
	else if (key == 'j')
		policy->json = true;
	else if (key == 'v')
		policy->version = value;
	else if (key == 'k')
		policy->known = value;
	else if (key == 'd')
		policy->day = value;
	else if (key == ARGP_KEY_ARG && state->arg_num < 3)
		*(const char **[]){&policy->verb, &policy->kind, &policy->key}[state->arg_num] = value;
	else if (key == ARGP_KEY_ARG && state->arg_num < 5)
		policy->numbers[state->arg_num - 3] = value;
	else if (key == ARGP_KEY_END && policy->key == NULL)
		argp_error(state, "show, history or diff, then KIND and KEY, such as: show price A///GBP");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"version", 'v', "N", 0, "show this version", 0},
					     {"known", 'k', "TIME", 0, "show what was known at this moment or on this day (UTC)", 0},
					     {"valid", 'd', "DAY", 0, "show it only if it is in force on this day", 0},
					     {"json", 'j', 0, 0, "one JSON object per version or difference", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "show KIND KEY\nhistory KIND KEY\ndiff KIND KEY N [M]",
				 "Rules and master data, with every version that they had.\vKIND and KEY are as `get records` tells them. diff compares "
				 "version N with M, or with the present one.\n\nExamples: tributary policy show price A///GBP --known 2026-03-01\n"
				 "          tributary policy diff price A///GBP 1",
				 children, NULL,	 NULL};

/* ---- values ---- */

static void say_item(struct saying *saying, const struct field *list, const cJSON *item)
{
	const char *gap = "";

	for (uint32_t i = 0; i < list->field_count; i++) {
		const struct field *field = &list->fields[i];
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, field->name);

		if (value == NULL)
			continue;
		say(saying, "%s%s ", gap, field->name);
		if (cJSON_IsString(value))
			say_word(saying, field, text_of(value->valuestring));
		else if (cJSON_IsBool(value))
			say_flag(saying, cJSON_IsTrue(value));
		else
			say_number(saying, field, (int64_t)value->valuedouble);
		gap = ", ";
	}
}

static void say_list(struct saying *saying, const struct field *field, struct text json)
{
	cJSON *list = cJSON_ParseWithLength(json.data, json.size);
	const char *gap = "";
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		say(saying, "%s", gap);
		say_item(saying, field, item);
		gap = "; ";
	}
	if (list == NULL || list->child == NULL)
		say(saying, "none");
	cJSON_Delete(list);
}

/* A field of a record in a row; false, and "-", where it is not given. */
static bool say_value(struct saying *saying, const struct field *field, struct bytes row)
{
	const char *name = strcmp(field->name, "kind") == 0 ? "sort" : field->name; /* `kind` is the record's own in an answer */
	struct text text = row_text(row, name);
	int64_t number = row_int(row, name, INT64_MIN);

	saying->currency = row_text(row, "currency");
	saying->metric = row_text(row, "metric");
	if (text.size > 0 && field->kind == FIELD_LIST)
		say_list(saying, field, text);
	else if (text.size > 0)
		say_word(saying, field, text);
	else if (number != INT64_MIN)
		say_number(saying, field, number);
	else if (row_true(row, name) || row_false(row, name))
		say_flag(saying, row_true(row, name));
	else
		say(saying, "-");
	return strcmp(saying->out, "-") != 0;
}

/* ---- questions ---- */

static void on_row(void *context, struct bytes row)
{
	struct policy *policy = context;

	policy->rows++;
	CHECK(row.size <= LINE_BYTES);
	memcpy(policy->line, row.data, row.size);
	policy->found = bytes_of(policy->line, row.size);
}

static void print_json(void *context, struct bytes row)
{
	static char json[LINE_BYTES]; /* house: large, and one row is printed at a time */
	struct policy *policy = context;

	policy->rows++;
	if (json_of_msgpack(row, json, sizeof(json)) == ERR_NONE)
		puts(json);
}

static void print_version(struct bytes row, const char *end)
{
	char from[SAY_NUMBER_BYTES] = "", until[SAY_NUMBER_BYTES] = "";
	int64_t known_us = row_int(row, "known_us", INT64_MIN), replaced_us = row_int(row, "replaced_us", INT64_MIN);

	if (known_us != INT64_MIN)
		say_time(from, known_us);
	if (replaced_us != INT64_MIN)
		say_time(until, replaced_us);
	printf("version %lld, known%s%s%s%s%s", (long long)row_int(row, "version", 0), from[0] != 0 ? " from " : "", from,
	       until[0] != 0 ? " to " : "", until, end);
}

static void print_record(void *context, struct bytes row)
{
	struct policy *policy = context;
	char value[VALUE_BYTES];

	policy->rows++;
	printf("%s %s ", policy->kind, policy->key);
	print_version(row, "\n");
	for (uint32_t i = 0; i < policy->type->field_count; i++) {
		struct saying saying = say_begin(value, sizeof(value), SAY_EN);

		if (say_value(&saying, &policy->type->fields[i], row))
			printf("  %-18s %s\n", policy->type->fields[i].name, value);
	}
}

/* What differs between two rows, field by field; returns how many do. */
static unsigned print_differences(const struct policy *policy, struct bytes old, struct bytes new, const char *indent)
{
	static char was[VALUE_BYTES], is[VALUE_BYTES];
	unsigned differences = 0;

	for (uint32_t i = 0; i < policy->type->field_count; i++) {
		const struct field *field = &policy->type->fields[i];
		struct saying before = say_begin(was, sizeof(was), SAY_EN), after = say_begin(is, sizeof(is), SAY_EN);

		(void)say_value(&before, field, old);
		(void)say_value(&after, field, new);
		if (strcmp(was, is) == 0)
			continue;
		differences++;
		if (policy->json) {
			printf("{\"field\":\"%s\",\"old\":", field->name);
			say_json(was);
			printf(",\"new\":");
			say_json(is);
			puts("}");
		} else {
			printf("%s%-18s %s -> %s\n", indent, field->name, was, is);
		}
	}
	return differences;
}

/* Each version with what it changed. */
static void print_step(void *context, struct bytes row)
{
	struct policy *policy = context;

	if (policy->rows == 0)
		printf("%s %s\n", policy->kind, policy->key);
	print_version(row, policy->rows == 0 ? ": as it began\n" : "\n");
	if (policy->rows > 0)
		(void)print_differences(policy, policy->found, row, "    ");
	on_row(policy, row);
}

static int ask(struct policy *policy, struct question *question, void (*each)(void *context, struct bytes row))
{
	struct client *client = network_client(&policy->network, "partners", "tributary policy");
	struct bytes given = question_end(question);

	if (client == NULL || given.size == 0) {
		client_close(&client);
		return EXIT_USAGE;
	}
	int error = client_query(client, "policies", given, each, policy, QUERY_TIMEOUT_MS);
	client_close(&client);
	return network_say("partners", error);
}

static bool begin(struct policy *policy, struct question *question)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.submitted", policy->kind);
	policy->type = event_type_find(text_of(name));
	policy->rows = 0;
	question_begin(question);
	question_text(question, "kind", policy->kind);
	question_text(question, "key", policy->key);
	if (policy->type == NULL)
		fprintf(stderr, "tributary policy: no kind of record is called '%s'\n", policy->kind);
	return policy->type != NULL;
}

static bool number_of(const char *text, int64_t *number)
{
	char *end = NULL;

	*number = strtoll(text, &end, 10);
	if (*number > 0 && *end == 0)
		return true;
	fprintf(stderr, "tributary policy: a version is a number from 1, not '%s'\n", text);
	return false;
}

static int nothing(const struct policy *policy, const char *which)
{
	fprintf(stderr, "tributary policy: no %s %s%s\n", policy->kind, policy->key, which);
	return EXIT_REFUSED;
}

static int show(struct policy *policy)
{
	struct question question;
	int64_t number, us;

	if (!begin(policy, &question))
		return EXIT_USAGE;
	if (policy->version != NULL) {
		if (!number_of(policy->version, &number))
			return EXIT_USAGE;
		question_int(&question, "version", number);
	}
	if (policy->known != NULL) {
		if (!network_moment("policy", policy->known, &us))
			return EXIT_USAGE;
		question_int(&question, "known", us);
	}
	if (policy->day != NULL && !day_number(text_of(policy->day), &number)) {
		fprintf(stderr, "tributary policy: a day is YYYY-MM-DD, not '%s'\n", policy->day);
		return EXIT_USAGE;
	}
	question_text(&question, "day", policy->day);
	int code = ask(policy, &question, policy->json ? print_json : print_record);
	bool asked_more = policy->version != NULL || policy->known != NULL || policy->day != NULL;
	return code == EXIT_DONE && policy->rows == 0 ? nothing(policy, asked_more ? " of that version, known then, in force on that day" : "") : code;
}

static int history(struct policy *policy)
{
	struct question question;

	if (!begin(policy, &question))
		return EXIT_USAGE;
	question_text(&question, "history", "yes");
	int code = ask(policy, &question, policy->json ? print_json : print_step);
	return code == EXIT_DONE && policy->rows == 0 ? nothing(policy, ", or no history of it") : code;
}

static int fetch(struct policy *policy, const char *version)
{
	struct question question;
	int64_t number;

	if (!begin(policy, &question) || (version != NULL && !number_of(version, &number)))
		return EXIT_USAGE;
	if (version != NULL)
		question_int(&question, "version", number);
	int code = ask(policy, &question, on_row);
	return code == EXIT_DONE && policy->rows == 0 ? nothing(policy, " of that version") : code;
}

static int diff(struct policy *policy)
{
	static uint8_t old[LINE_BYTES];

	if (policy->numbers[0] == NULL) {
		fprintf(stderr, "tributary policy diff: KIND KEY N [M]\n");
		return EXIT_USAGE;
	}
	int code = fetch(policy, policy->numbers[0]);
	if (code != EXIT_DONE)
		return code;
	memcpy(old, policy->found.data, policy->found.size);
	struct bytes first = bytes_of(old, policy->found.size);
	code = fetch(policy, policy->numbers[1]);
	if (code != EXIT_DONE)
		return code;
	if (!policy->json)
		printf("%s %s version %lld -> %lld\n", policy->kind, policy->key, (long long)row_int(first, "version", 0),
		       (long long)row_int(policy->found, "version", 0));
	if (print_differences(policy, first, policy->found, "  ") == 0 && !policy->json)
		puts("  nothing differs");
	return EXIT_DONE;
}

int policy_run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct policy *policy);
	} verbs[] = {{"show", show}, {"history", history}, {"diff", diff}};
	struct policy policy = {.line = malloc(LINE_BYTES)};
	int code = EXIT_USAGE;
	size_t verb = 0;

	if (policy.line == NULL || argp_parse(&argp, argc, argv, 0, NULL, &policy) != 0)
		return EXIT_USAGE;
	while (verb < 3 && strcmp(policy.verb, verbs[verb].name) != 0)
		verb++;
	if (verb == 3)
		fprintf(stderr, "tributary policy: show, history or diff, not '%s'\n", policy.verb);
	else
		code = network_load(&policy.network);
	if (verb < 3 && code == EXIT_DONE) {
		code = verbs[verb].run(&policy);
		network_free(&policy.network);
	}
	free(policy.line);
	return code;
}
