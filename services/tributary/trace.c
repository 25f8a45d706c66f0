/* trace.c -- every cause and effect of an event, as a tree with times. */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/when.h"
#include "hearing.h"
#include "say.h"

#define PASSES_MAX 8
#define SAID_BYTES 4096

/* One event that belongs to the tree. */
struct known {
	UT_hash_handle hh;
	char id[ID_TEXT_MAX + 1], cause[ID_TEXT_MAX + 1], type[TYPE_TEXT_MAX + 1], subject[SUBJECT_TEXT_MAX + 1];
	int64_t time_us, recorded_us;
	bool found;		/* its event was seen, not only its name */
	struct known *next_effect, *effects;
	const struct event_type *described; /* of a decision that can say itself in words; NULL: of none */
	uint8_t *data;			    /* its own then */
	size_t data_size;
};

/* The rule that a decision applied, as far as the decision and the rulebook say it. */
struct rule {
	struct text kind, code, currency;
	int64_t version;
	char texts[3][200]; /* what the texts borrow of an answer */
};

struct trace {
	struct hearing hearing; /* first: the subscription's context */
	struct network network;
	const char *id;
	bool json, grown;
	enum say_language language;
	struct client *rulebook; /* NULL: not asked yet, or not to be reached */
	bool no_rulebook;
	struct known *known;
	bool upward;	/* looking for causes rather than effects */
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct trace *trace = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &trace->network;
	else if (key == 'j')
		trace->json = true;
	else if (key == 'l' && !say_language_of(value, &trace->language))
		argp_error(state, "--lang is en or zh");
	else if (key == 'l')
		return 0;
	else if (key == ARGP_KEY_ARG && trace->id == NULL)
		trace->id = value;
	else if (key == ARGP_KEY_END && trace->id == NULL)
		argp_error(state, "ID is missing, such as orders#42 or OUT-001/T1#7");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"json", 'j', 0, 0, "one JSON object per event, causes first", 0},
					     {"lang", 'l', "en|zh", 0, "language of the decisions in words (default: en)", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "ID",
				 "Why did this happen, and what came of it?\vID is an event's source, '#' and its sequence, as tail shows it. Decisions "
				 "are told in words, with the rule that they applied (tributary policy show).\n\nExamples: tributary trace orders#42\n"
				 "          tributary trace inventory#7 --lang zh",
				 children, NULL,	 NULL};

static struct known *known_find(struct trace *trace, struct text id)
{
	struct known *known = NULL;

	HASH_FIND(hh, trace->known, id.data, id.size, known);
	return known;
}

static struct known *known_add(struct trace *trace, struct text id)
{
	struct known *known = known_find(trace, id);

	if (known != NULL || id.size == 0 || id.size > ID_TEXT_MAX)
		return known;
	known = calloc(1, sizeof(*known));
	CHECK(known != NULL);
	memcpy(known->id, id.data, id.size);
	HASH_ADD_KEYPTR(hh, trace->known, known->id, id.size, known);
	trace->grown = true;
	return known;
}

/* What can be told in words is kept until the rulebook is asked. */
static void keep_words(struct known *known, const struct envelope *e)
{
	const struct event_type *type = event_type_find(e->type);

	if (type == NULL || type->explain_en == NULL || e->data.size == 0)
		return;
	known->data = malloc(e->data.size);
	CHECK(known->data != NULL);
	memcpy(known->data, e->data.data, e->data.size);
	known->data_size = e->data.size;
	known->described = type;
}

/* An event belongs to the tree when it is one we look for, or when its cause belongs to it. */
static void on_event(void *context, const struct envelope *e, struct bytes event, uint64_t epoch)
{
	struct trace *trace = context;
	char name[ID_TEXT_MAX + 32];
	int size = snprintf(name, sizeof(name), "%.*s#%llu", TEXT_ARGS(e->source), (unsigned long long)e->seq);
	struct text id = {name, (uint32_t)size};
	struct known *known = known_find(trace, id);

	(void)event;
	(void)epoch;
	trace->hearing.heard = true;
	if (known == NULL && !trace->upward && e->cause.size > 0 && known_find(trace, e->cause) != NULL)
		known = known_add(trace, id);
	if (known == NULL || known->found)
		return;
	known->found = true;
	trace->grown = true;
	snprintf(known->type, sizeof(known->type), "%.*s", TEXT_ARGS(e->type));
	snprintf(known->subject, sizeof(known->subject), "%.*s", TEXT_ARGS(e->subject));
	snprintf(known->cause, sizeof(known->cause), "%.*s", TEXT_ARGS(e->cause));
	known->time_us = e->time_us;
	known->recorded_us = e->recorded_us;
	keep_words(known, e);
	if (e->cause.size > 0 && trace->upward)
		(void)known_add(trace, e->cause);
}

static int read_journal(struct trace *trace, const char *service)
{
	struct client *client = network_client(&trace->network, service, "tributary trace");
	struct client_subscription subscription = {
	    .from = 1, .credit = 20000, .on_event = on_event, .on_progress = hearing_progress, .context = trace};

	if (client == NULL)
		return ERR_UNREACHABLE;
	trace->hearing = (struct hearing){0};
	int error = client_subscribe(client, &subscription);
	if (error == ERR_NONE)
		error = hearing_run(client, &trace->hearing, false, NULL);
	client_close(&client);
	return error;
}

/* Causes first, as far up as the journals go; then effects, until a round over all services finds nothing new. */
static int read_all(struct trace *trace, bool upward)
{
	int error = ERR_NONE;

	trace->upward = upward;
	for (int pass = 0; pass < PASSES_MAX && error == ERR_NONE; pass++) {
		trace->grown = false;
		for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++)
			error = read_journal(trace, params_services[upward ? PARAMS_SERVICES - 1 - i : i]);
		if (!trace->grown)
			break;
	}
	return error;
}

static void link_effects(struct trace *trace)
{
	for (struct known *known = trace->known; known != NULL; known = known->hh.next) {
		struct known *cause = known->cause[0] != 0 ? known_find(trace, text_of(known->cause)) : NULL;
		struct known **end = cause != NULL ? &cause->effects : NULL;

		for (; end != NULL && *end != NULL; end = &(*end)->next_effect)
			if ((*end)->recorded_us > known->recorded_us)
				break;
		if (end != NULL) {
			known->next_effect = *end;
			*end = known;
		}
	}
}

/* ---- in words ---- */

static void on_rule(void *context, struct bytes row)
{
	struct rule *rule = context;
	struct text currency = row_text(row, "currency");

	rule->version = row_int(row, "version", 0);
	rule->currency = (struct text){rule->texts[2], (uint32_t)snprintf(rule->texts[2], sizeof(rule->texts[2]), "%.*s", TEXT_ARGS(currency))};
}

/* A decision that names its rule and not its version applied the one that was known then; what money it speaks of, the rule knows. */
static void ask_rulebook(struct trace *trace, const struct known *known, struct rule *rule)
{
	struct question question;
	const char *names[] = {"kind", "key"};
	const struct text values[] = {rule->kind, rule->code};

	if (trace->rulebook == NULL && !trace->no_rulebook)
		trace->rulebook = network_client(&trace->network, "partners", "tributary trace");
	trace->no_rulebook = trace->rulebook == NULL;
	if (trace->no_rulebook)
		return;
	question_begin(&question);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(rule->texts[i], sizeof(rule->texts[i]), "%.*s", TEXT_ARGS(values[i]));
		question_text(&question, names[i], rule->texts[i]);
	}
	if (rule->version > 0)
		question_int(&question, "version", rule->version);
	else
		question_int(&question, "known", known->recorded_us > 0 ? known->recorded_us : known->time_us);
	if (client_query(trace->rulebook, "policies", question_end(&question), on_rule, rule, QUERY_TIMEOUT_MS) != ERR_NONE)
		trace->no_rulebook = true;
}

/* The kind is empty where no rule was applied: none is said, or a version of 0. */
static void find_rule(struct trace *trace, const struct known *known, struct rule *rule)
{
	const struct event_type *type = known->described;
	struct bytes data = bytes_of(known->data, known->data_size);

	*rule = (struct rule){.version = type->rule_version != NULL ? row_int(data, type->rule_version, 0) : 0};
	if (type->rule_kind == NULL || (type->rule_version != NULL && rule->version == 0))
		return;
	rule->kind = text_of(type->rule_kind);
	rule->code = type->rule_code != NULL ? row_text(data, type->rule_code) : (struct text){0};
	if (rule->code.size > 0 && !trace->no_rulebook)
		ask_rulebook(trace, known, rule);
}

static void print_rule_json(const struct rule *rule)
{
	char code[200];

	if (rule->kind.size == 0)
		return;
	printf(",\"rule_kind\":\"%.*s\"", TEXT_ARGS(rule->kind));
	snprintf(code, sizeof(code), "%.*s", TEXT_ARGS(rule->code));
	if (rule->code.size > 0) {
		printf(",\"rule_code\":");
		say_json(code);
	}
	if (rule->version > 0)
		printf(",\"rule_version\":%lld", (long long)rule->version);
}

static void print_words(struct trace *trace, const struct known *known, int depth)
{
	char said[SAID_BYTES], named[400];
	struct saying saying = say_begin(said, sizeof(said), trace->language), name = say_begin(named, sizeof(named), trace->language);
	struct rule rule;

	if (known->described == NULL)
		return;
	find_rule(trace, known, &rule);
	saying.currency = rule.currency;
	(void)say_event(&saying, known->described, bytes_of(known->data, known->data_size));
	say(&name, "%.*s%s%.*s", TEXT_ARGS(rule.kind), rule.code.size > 0 ? " " : "", TEXT_ARGS(rule.code));
	if (rule.version > 0)
		say(&name, trace->language == SAY_ZH ? " 第 %lld 版" : " version %lld", (long long)rule.version);
	if (trace->json) {
		printf(",\"said\":");
		say_json(said);
		print_rule_json(&rule);
		return;
	}
	printf("%*s%s\n", depth * 2 + 4, "", said);
	if (rule.kind.size > 0)
		printf("%*s%s%s\n", depth * 2 + 4, "", trace->language == SAY_ZH ? "依据：" : "rule: ", named);
}

static void print_tree(struct trace *trace, const struct known *known, int depth)
{
	char when[WHEN_TEXT_SIZE] = "", recorded[WHEN_TEXT_SIZE] = "";

	when_text(known->time_us, when);
	when_text(known->recorded_us, recorded);
	if (trace->json)
		printf("{\"depth\":%d,\"id\":\"%s\",\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%s\",\"recorded\":\"%s\",\"cause\":\"%s\"", depth,
		       known->id, known->type, known->subject, when, recorded, known->cause);
	else if (known->found)
		printf("%*s%s %s %s  happened %s, recorded %s%s\n", depth * 2, "", known->id, known->type, known->subject, when, recorded,
		       strcmp(known->id, trace->id) == 0 ? "  <--" : "");
	else
		printf("%*s%s (said by its source, not by a service)%s\n", depth * 2, "", known->id,
		       strcmp(known->id, trace->id) == 0 ? "  <--" : "");
	print_words(trace, known, depth);
	if (trace->json)
		puts("}");
	for (const struct known *effect = known->effects; effect != NULL; effect = effect->next_effect)
		print_tree(trace, effect, depth + 1);
}

int trace_run(int argc, char **argv)
{
	struct trace trace = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &trace) != 0)
		return EXIT_USAGE;
	int code = network_load(&trace.network);
	if (code != EXIT_DONE)
		return code;
	(void)known_add(&trace, text_of(trace.id));
	int error = read_all(&trace, true);
	if (error == ERR_NONE)
		error = read_all(&trace, false);
	code = network_say("the network", error);
	link_effects(&trace);
	struct known *root = known_find(&trace, text_of(trace.id));
	while (root != NULL && root->cause[0] != 0 && known_find(&trace, text_of(root->cause)) != NULL)
		root = known_find(&trace, text_of(root->cause));
	if (code == EXIT_DONE && (root == NULL || (!root->found && root->effects == NULL))) {
		fprintf(stderr, "tributary trace: no event %s, and nothing that it caused\n", trace.id);
		code = EXIT_REFUSED;
	} else if (code == EXIT_DONE) {
		print_tree(&trace, root, 0);
	}
	struct known *known, *next;
	HASH_ITER(hh, trace.known, known, next) {
		HASH_DEL(trace.known, known);
		free(known->data);
		free(known);
	}
	client_close(&trace.rulebook);
	network_free(&trace.network);
	return code;
}
