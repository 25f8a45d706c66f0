/* statement.c -- what a dealer is given: every entry of a period, as a table for people or as lines to be verified. */
#include "events/partners.h"
#include "statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "hearing.h"
#include "rebate/entry.h"

#define JSON_BYTES (1u << 20)

struct stating {
	struct hearing hearing; /* first: the subscription's context */
	struct network network;
	const char *words[3]; /* OUTLET SCHEME PERIOD, or verify FILE */
	unsigned count;
	const char *sales, *root;
	bool json;
	char *line;
	struct arena arena;
	uint64_t printed;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct stating *stating = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &stating->network;
	else if (key == 'j')
		stating->json = true;
	else if (key == 's')
		stating->sales = value;
	else if (key == 'r')
		stating->root = value;
	else if (key == ARGP_KEY_ARG && stating->count < 3)
		stating->words[stating->count++] = value;
	else if (key == ARGP_KEY_END && stating->count != (stating->count > 0 && strcmp(stating->words[0], "verify") == 0 ? 2u : 3u))
		argp_error(state, "OUTLET SCHEME PERIOD, or verify FILE");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"json", 'j', 0, 0, "the lines that verify reads", 0},
    {"sales", 's', "FILE", 0, "verify: your own sales, as `tributary tail orders --from 1 --json` prints them", 0},
    {"root", 'r', "HASH", 0, "verify: the root that was kept elsewhere", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {
    options,
    parse_option,
    "OUTLET SCHEME PERIOD\nverify FILE",
    "The statement of a rebate (返利对账单), with every line that earned it.\vPERIOD is its first day. verify needs no network: it "
    "takes the schemes and entries of FILE, the sales of --sales, works every amount and the root out again, and names the first line "
    "that differs. Exit code 0: right, 1: not.\n\nExamples: tributary statement OUT-007 VOLUME-2026 2026-01-01 --json > q1.jsonl\n"
    "          tributary tail orders --key OUT-007 --from 1 --json > mine.jsonl\n"
    "          tributary statement verify q1.jsonl --sales mine.jsonl",
    children,
    NULL,
    NULL};

/* ---- printing ---- */

static bool is_asked(const struct stating *stating, struct text outlet, struct text scheme, struct text period)
{
	return text_equal(outlet, text_of(stating->words[0])) && text_equal(scheme, text_of(stating->words[1])) &&
	       text_equal(period, text_of(stating->words[2]));
}

/* Whether an event belongs to the statement. */
static bool belongs(const struct stating *stating, const struct event_type *type, const void *event)
{
	if (type == &scheme_declared_type)
		return text_equal(((const struct scheme_declared *)event)->scheme, text_of(stating->words[1]));
	if (type == &rebate_accrued_type) {
		const struct rebate_accrued *e = event;
		return is_asked(stating, e->outlet, e->scheme, e->period);
	}
	if (type == &rebate_adjusted_type) {
		const struct rebate_adjusted *e = event;
		return is_asked(stating, e->outlet, e->scheme, e->period);
	}
	if (type == &rebate_locked_type) {
		const struct rebate_locked *e = event;
		return is_asked(stating, e->outlet, e->scheme, e->period);
	}
	const struct rebate_settled *e = event;
	return is_asked(stating, e->outlet, e->scheme, e->period);
}

static void print_entry(struct text what, struct text sale, const struct rebate_accrued *e)
{
	printf("%5lld  %-14.*s %-18.*s %-10.*s %15lld %15lld %15lld\n", (long long)e->entry, TEXT_ARGS(what), TEXT_ARGS(sale),
	       TEXT_ARGS(e->day), (long long)e->basis, (long long)e->amount.minor, (long long)e->balance.minor);
	for (uint32_t i = 0; i < e->lines.count; i++)
		printf("         line %-4lld %30s %15lld %15lld\n", (long long)e->lines.items[i].line, "", (long long)e->lines.items[i].basis,
		       (long long)e->lines.items[i].amount.minor);
}

static void print_for_people(const struct event_type *type, const void *event)
{
	if (type == &scheme_declared_type) {
		const struct scheme_declared *e = event;

		printf("scheme %.*s version %lld: %.*s, in minor units of %.*s\n", TEXT_ARGS(e->scheme), (long long)e->version, TEXT_ARGS(e->name),
		       TEXT_ARGS(e->currency));
	} else if (type == &rebate_accrued_type) {
		const struct rebate_accrued *e = event;

		print_entry(TEXT_LITERAL("accrued"), e->sale, e);
	} else if (type == &rebate_adjusted_type) {
		const struct rebate_adjusted *e = event;
		struct rebate_accrued same = entry_accrued(e);

		print_entry(e->cause, e->has_sale ? e->sale : TEXT_LITERAL("-"), &same);
	} else if (type == &rebate_locked_type) {
		const struct rebate_locked *e = event;

		printf("locked: %lld accrued, %lld adjusted, %lld in all, root %.*s\n", (long long)e->accrued.minor, (long long)e->adjusted.minor,
		       (long long)e->amount.minor, TEXT_ARGS(e->root));
	} else {
		const struct rebate_settled *e = event;

		printf("settled: %lld by %.*s, number %.*s, %lld left\n", (long long)e->amount.minor, TEXT_ARGS(e->method),
		       TEXT_ARGS(e->settlement), (long long)e->balance.minor);
	}
}

static void on_event(void *context, const struct envelope *e, struct bytes packed, uint64_t epoch)
{
	struct stating *stating = context;
	const struct event_type *type = event_type_find(e->type);
	struct reader reader = reader_of(e->data);

	(void)packed;
	(void)epoch;
	stating->hearing.heard = true;
	arena_reset(&stating->arena);
	void *event = type != NULL ? arena_take(&stating->arena, type->struct_size) : NULL;
	if (event == NULL || type->unpack(event, &reader, &stating->arena) != ERR_NONE || !belongs(stating, type, event))
		return;
	stating->printed += type != &scheme_declared_type;
	if (!stating->json)
		print_for_people(type, event);
	else if (event_to_json(type, e->data, stating->line, JSON_BYTES) == ERR_NONE)
		printf("{\"id\":\"%.*s#%llu\",\"type\":\"%.*s\",\"data\":%s}\n", TEXT_ARGS(e->source), (unsigned long long)e->seq, TEXT_ARGS(e->type),
		       stating->line);
}

static int print_statement(struct stating *stating)
{
	static const char *const types[] = {"scheme.declared", "rebate.accrued", "rebate.adjusted", "rebate.locked", "rebate.settled", NULL};
	const char *const keys[] = {stating->words[0], stating->words[1], NULL};
	struct client_subscription subscription = {.types = types,
						   .keys = keys,
						   .from = 1,
						   .credit = 20000,
						   .on_event = on_event,
						   .on_progress = hearing_progress,
						   .context = stating};
	struct client *client = network_client(&stating->network, "partners", "tributary statement");

	if (client == NULL)
		return EXIT_USAGE;
	int error = client_subscribe(client, &subscription);
	if (error == ERR_NONE)
		error = hearing_run(client, &stating->hearing, false, NULL);
	client_close(&client);
	if (error == ERR_NONE && stating->printed == 0) {
		fprintf(stderr, "tributary statement: outlet %s has nothing of scheme %s in the period %s\n", stating->words[0],
			stating->words[1], stating->words[2]);
		return EXIT_REFUSED;
	}
	return network_say("partners", error);
}

int statement_run(int argc, char **argv)
{
	static struct stating stating; /* house: large, and there is one command */

	if (argp_parse(&argp, argc, argv, 0, NULL, &stating) != 0)
		return EXIT_USAGE;
	if (strcmp(stating.words[0], "verify") == 0)
		return statement_verify(stating.words[1], stating.sales, stating.root, stating.json);
	stating.line = malloc(JSON_BYTES);
	if (stating.line == NULL || arena_open(&stating.arena, 4u << 20) != ERR_NONE)
		return EXIT_USAGE;
	int code = network_load(&stating.network);
	if (code == EXIT_DONE) {
		code = print_statement(&stating);
		network_free(&stating.network);
	}
	arena_close(&stating.arena);
	free(stating.line);
	return code;
}
