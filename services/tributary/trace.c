/* trace.c -- every cause and effect of an event, as a tree with times. */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/when.h"
#include "hearing.h"
#include "say.h"

#define PASSES_MAX 8
#define SAID_BYTES 4096
#define RULES_MAX 4 /* that one decision names */

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

/* A rule that a decision applied, as far as the decision and the rulebook say it. */
struct rule {
	const char *kind;
	struct text code, currency, metric;
	int64_t version;
	char texts[3][200]; /* what is borrowed of an answer, and the code with a zero */
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

static struct text kept(char to[200], struct text text)
{
	snprintf(to, 200, "%.*s", TEXT_ARGS(text));
	return text_of(to);
}

static void on_rule(void *context, struct bytes row)
{
	struct rule *rule = context;

	rule->version = row_int(row, "version", 0);
	rule->currency = kept(rule->texts[0], row_text(row, "currency"));
	rule->metric = kept(rule->texts[1], row_text(row, "metric"));
}

/* A decision that names its rule and not its version applied the one that was known then; what it counts, and in which money, the rule knows. */
static void ask_rulebook(struct trace *trace, const struct known *known, struct rule *rule)
{
	struct question question;

	if (trace->rulebook == NULL && !trace->no_rulebook)
		trace->rulebook = network_client(&trace->network, "partners", "tributary trace");
	trace->no_rulebook = trace->rulebook == NULL;
	if (trace->no_rulebook)
		return;
	(void)kept(rule->texts[2], rule->code);
	question_begin(&question);
	question_text(&question, "kind", rule->kind);
	question_text(&question, "key", rule->texts[2]);
	if (rule->version > 0)
		question_int(&question, "version", rule->version);
	else
		question_int(&question, "known", known->recorded_us > 0 ? known->recorded_us : known->time_us);
	if (client_query(trace->rulebook, "policies", question_end(&question), on_rule, rule, QUERY_TIMEOUT_MS) != ERR_NONE)
		trace->no_rulebook = true;
}

/* Of the rules that a decision may name those that it does: a version of 0, and neither code nor version, say that none was applied. */
static unsigned find_rules(struct trace *trace, const struct known *known, struct rule rules[RULES_MAX])
{
	const struct event_rule *named = known->described->rules;
	struct bytes data = bytes_of(known->data, known->data_size);
	unsigned count = 0;

	for (; named != NULL && named->kind != NULL && count < RULES_MAX; named++) {
		struct text code = named->code != NULL ? row_text(data, named->code) : (struct text){0};
		int64_t version = named->version != NULL ? row_int(data, named->version, -1) : -1;

		if (version == 0 || (version < 0 && code.size == 0))
			continue;
		struct rule *rule = &rules[count++];
		*rule = (struct rule){.kind = named->kind, .code = code, .version = version > 0 ? version : 0};
		if (code.size > 0 && !trace->no_rulebook)
			ask_rulebook(trace, known, rule);
	}
	return count;
}

static void print_rule(const struct trace *trace, const struct rule *rule, int depth)
{
	char version[60] = "";

	if (rule->version > 0)
		snprintf(version, sizeof(version), trace->language == SAY_ZH ? " 第 %lld 版" : " version %lld", (long long)rule->version);
	printf("%*s%s%s%s%.*s%s\n", depth * 2 + 4, "", trace->language == SAY_ZH ? "依据：" : "rule: ", rule->kind, rule->code.size > 0 ? " " : "",
	       TEXT_ARGS(rule->code), version);
}

static void print_rule_json(const struct rule *rule, bool is_first)
{
	char code[200];

	printf("%s{\"kind\":\"%s\"", is_first ? "" : ",", rule->kind);
	if (rule->code.size > 0) {
		printf(",\"code\":");
		say_json(kept(code, rule->code).data);
	}
	if (rule->version > 0)
		printf(",\"version\":%lld", (long long)rule->version);
	printf("}");
}

static void print_words(struct trace *trace, const struct known *known, int depth)
{
	char said[SAID_BYTES];
	struct saying saying = say_begin(said, sizeof(said), trace->language);
	struct rule rules[RULES_MAX];

	if (known->described == NULL)
		return;
	unsigned count = find_rules(trace, known, rules);
	for (unsigned i = count; i > 0; i--) { /* the first one counts */
		saying.currency = rules[i - 1].currency.size > 0 ? rules[i - 1].currency : saying.currency;
		saying.metric = rules[i - 1].metric.size > 0 ? rules[i - 1].metric : saying.metric;
	}
	(void)say_event(&saying, known->described, bytes_of(known->data, known->data_size));
	if (!trace->json) {
		printf("%*s%s\n", depth * 2 + 4, "", said);
		for (unsigned i = 0; i < count; i++)
			print_rule(trace, &rules[i], depth);
		return;
	}
	printf(",\"said\":");
	say_json(said);
	printf(",\"rules\":[");
	for (unsigned i = 0; i < count; i++)
		print_rule_json(&rules[i], i == 0);
	printf("]");
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
