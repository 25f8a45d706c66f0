/* rehearse.c -- tributary rehearse: a candidate rulebook against the rules as they stand, over a recorded period. */
#include "rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/when.h"

#define FILES_MAX 16
#define RECORDS_BYTES ((size_t)256 << 20)
#define STEP_HOURS 4

struct rehearse {
	struct network network;
	const char *files[FILES_MAX];
	unsigned file_count;
	const char *tmp;
	uint32_t step_hours;
	bool json, keep;
	struct past past;
	struct records records;
	struct rehearsal now, candidate;
};

static const struct {
	const char *key, *sentence;
	enum measure_unit unit;
} measures[MEASURES] = {
#define MEASURE(name, key, unit, sentence) [MEASURE_##name] = {key, sentence, UNIT_##unit},
#include "rehearse_measures.def"
#undef MEASURE
};

static void parse_day(struct argp_state *state, const char *value, const char **day)
{
	int64_t number;

	if (!day_number(text_of(value), &number))
		argp_error(state, "'%s' is no day: YYYY-MM-DD", value);
	*day = value;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct rehearse *rehearse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &rehearse->network;
		return 0;
	case 'f':
		parse_day(state, value, &rehearse->past.from);
		return 0;
	case 'u':
		parse_day(state, value, &rehearse->past.until);
		return 0;
	case 's':
		rehearse->step_hours = (uint32_t)strtoul(value, NULL, 10);
		if (rehearse->step_hours < 1 || rehearse->step_hours > 168)
			argp_error(state, "'%s': want 1 to 168 hours", value);
		return 0;
	case 't':
		rehearse->tmp = value;
		return 0;
	case 'j':
		rehearse->json = true;
		return 0;
	case 'k':
		rehearse->keep = true;
		return 0;
	case ARGP_KEY_ARG:
		if (rehearse->file_count == FILES_MAX)
			argp_error(state, "at most %d files", FILES_MAX);
		rehearse->files[rehearse->file_count++] = value;
		return 0;
	case ARGP_KEY_END:
		if (rehearse->file_count == 0)
			argp_error(state, "CANDIDATE is missing: a file as for `tributary apply`, with the rules that would change");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
    {"from", 'f', "DAY", 0, "first business day of the period (default: the first that was recorded)", 0},
    {"to", 'u', "DAY", 0, "last business day (default: the last that was recorded)", 0},
    {"step", 's', "HOURS", 0, "of event time between two looks at what is to be delivered (4)", 0},
    {"json", 'j', 0, 0, "one JSON object per outlet and measure", 0},
    {"tmp", 't', "DIR", 0, "where the networks of the rehearsal are made (default: $TMPDIR or /tmp)", 0},
    {"keep", 'k', 0, 0, "do not remove them afterwards", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options, parse_option, "CANDIDATE...",
				 "What would have come of these rules?\vPlays the tickets of a recorded period twice, in networks of its own: under the "
				 "rules as they stand now, and with the candidate's on top. A warehouse there delivers every shipment by its promise; what "
				 "suppliers brought comes again; goods found or lost in counts of the period do not. The live network is only "
				 "read.\n\nExample: tributary rehearse new-ladder.yaml --from 2026-03-01 --to 2026-03-31",
				 children, NULL, NULL};

static void print_value(enum measure_unit unit, const char *currency, int64_t value, bool with_sign)
{
	int exponent = unit == UNIT_BASIS_POINTS ? 2 : unit == UNIT_MONEY ? currency_exponent(text_of(currency)) : 0;
	const char *sign = value < 0 ? "-" : with_sign ? "+" : "";
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value, one = 1;

	for (int i = 0; i < exponent; i++)
		one *= 10;
	if (exponent > 0)
		printf("%s%llu.%0*llu%s", sign, (unsigned long long)(size / one), exponent, (unsigned long long)(size % one),
		       unit == UNIT_BASIS_POINTS ? " %" : "");
	else
		printf("%s%llu", sign, (unsigned long long)size);
}

static const struct outcome *same_outlet(const struct rehearsal *rehearsal, const struct outcome *outcome)
{
	static const struct outcome nothing;
	struct outcome *found = NULL;

	HASH_FIND_STR(rehearsal->outcomes, outcome->outlet, found);
	return found != NULL ? found : &nothing;
}

/* Every outlet of either side stands on the candidate's, so that one walk sees them all. */
static void pair_outcomes(struct rehearse *rehearse)
{
	for (const struct outcome *outcome = rehearse->now.outcomes; outcome != NULL; outcome = outcome->hh.next) {
		struct outcome *made = rehearsal_outcome(&rehearse->candidate, text_of(outcome->outlet));

		if (made != NULL && made->currency[0] == 0)
			memcpy(made->currency, outcome->currency, sizeof(made->currency));
	}
}

static int by_outlet(struct outcome *a, struct outcome *b)
{
	return strcmp(a->outlet, b->outlet);
}

static void print_json(const struct rehearse *rehearse)
{
	for (const struct outcome *outcome = rehearse->candidate.outcomes; outcome != NULL; outcome = outcome->hh.next)
		for (unsigned i = 0; i < MEASURES; i++) {
			int64_t before = same_outlet(&rehearse->now, outcome)->values[i], after = outcome->values[i];

			printf("{\"outlet\":\"%s\",\"measure\":\"%s\",\"unit\":\"%s\",\"currency\":\"%s\",\"now\":%lld,\"candidate\":%lld,"
			       "\"difference\":%lld}\n",
			       outcome->outlet, measures[i].key,
			       measures[i].unit == UNIT_MONEY ? "minor" : measures[i].unit == UNIT_BASIS_POINTS ? "bp" : "count",
			       measures[i].unit == UNIT_MONEY ? outcome->currency : "", (long long)before, (long long)after,
			       (long long)(after - before));
		}
}

struct sum {
	unsigned more, less;
	int64_t before, after;
	bool one_currency;
	const char *currency;
};

static struct sum sum_of(const struct rehearse *rehearse, enum measure measure)
{
	struct sum sum = {.one_currency = true, .currency = ""};

	for (const struct outcome *outcome = rehearse->candidate.outcomes; outcome != NULL; outcome = outcome->hh.next) {
		int64_t before = same_outlet(&rehearse->now, outcome)->values[measure], after = outcome->values[measure];

		sum.more += after > before;
		sum.less += after < before;
		sum.before += before;
		sum.after += after;
		if (sum.currency[0] == 0)
			sum.currency = outcome->currency;
		sum.one_currency = sum.one_currency && (outcome->currency[0] == 0 || strcmp(sum.currency, outcome->currency) == 0);
	}
	return sum;
}

static void print_change(enum measure_unit unit, const char *currency, int64_t before, int64_t after)
{
	print_value(unit, currency, before, false);
	fputs(" -> ", stdout);
	print_value(unit, currency, after, false);
	fputs(" (", stdout);
	print_value(unit, currency, after - before, true);
	fputs(")\n", stdout);
}

static void print_table(const struct rehearse *rehearse)
{
	for (unsigned i = 0; i < MEASURES; i++) {
		struct sum sum = sum_of(rehearse, i);

		printf("%s: ", measures[i].sentence);
		if (sum.more + sum.less == 0) {
			puts("as now");
			continue;
		}
		printf("%u outlets more, %u less", sum.more, sum.less);
		if (measures[i].unit == UNIT_BASIS_POINTS || (measures[i].unit == UNIT_MONEY && !sum.one_currency)) {
			putchar('\n'); /* shares and amounts of two currencies have no sum */
		} else {
			printf("; in all %s%s", measures[i].unit == UNIT_MONEY ? sum.currency : "", measures[i].unit == UNIT_MONEY ? " " : "");
			print_change(measures[i].unit, sum.currency, sum.before, sum.after);
		}
		for (const struct outcome *outcome = rehearse->candidate.outcomes; outcome != NULL; outcome = outcome->hh.next) {
			int64_t before = same_outlet(&rehearse->now, outcome)->values[i];

			if (before == outcome->values[i])
				continue;
			printf("  %-16s ", outcome->outlet);
			print_change(measures[i].unit, outcome->currency, before, outcome->values[i]);
		}
	}
}

static int read_candidate(struct rehearse *rehearse)
{
	int code = EXIT_DONE;

	rehearse->records.end = &rehearse->records.first;
	if (arena_open(&rehearse->records.arena, RECORDS_BYTES) != ERR_NONE)
		return EXIT_REFUSED;
	for (unsigned i = 0; i < rehearse->file_count; i++)
		if (apply_read(&rehearse->records, rehearse->files[i]) != ERR_NONE)
			code = EXIT_USAGE;
	if (rehearse->records.wrong == 0)
		return code;
	fprintf(stderr, "nothing was rehearsed: %u complaints\n", rehearse->records.wrong);
	return EXIT_REFUSED;
}

static int play_both(struct rehearse *rehearse)
{
	rehearse->now = (struct rehearsal){.name = "as it stands"};
	rehearse->candidate = (struct rehearsal){.name = "candidate", .candidate = &rehearse->records};
	struct rehearsal *both[] = {&rehearse->now, &rehearse->candidate};
	int code = EXIT_DONE;

	for (unsigned i = 0; i < 2 && code == EXIT_DONE; i++) {
		both[i]->past = &rehearse->past;
		both[i]->step_us = (int64_t)rehearse->step_hours * US_PER_HOUR;
		both[i]->tmp = rehearse->tmp;
		both[i]->keep = rehearse->keep;
		code = rehearsal_play(both[i]);
	}
	if (code == EXIT_DONE && rehearse->candidate.refused > rehearse->now.refused) {
		fprintf(stderr, "tributary rehearse: partners refuses rules of the candidate: it would not be in force as it is written\n");
		code = EXIT_REFUSED;
	}
	return code;
}

int rehearse_run(int argc, char **argv)
{
	struct rehearse *rehearse = calloc(1, sizeof(*rehearse));

	if (rehearse == NULL)
		return EXIT_REFUSED;
	rehearse->step_hours = STEP_HOURS;
	int code = argp_parse(&argp, argc, argv, 0, NULL, rehearse) == 0 ? read_candidate(rehearse) : EXIT_USAGE;
	if (code == EXIT_DONE)
		code = network_load(&rehearse->network);
	if (code == EXIT_DONE)
		code = past_read(&rehearse->past, &rehearse->network);
	if (code == EXIT_DONE) {
		fprintf(stderr, "tributary rehearse: %zu tickets, %zu rules as they stand, %u of the candidate\n", rehearse->past.tickets.count,
			rehearse->past.rules.count, rehearse->records.count);
		if (rehearse->past.left_out > 0)
			fprintf(stderr, "tributary rehearse: %llu recorded events cannot be said again and are left out\n",
				(unsigned long long)rehearse->past.left_out);
		code = play_both(rehearse);
	}
	if (code == EXIT_DONE) {
		pair_outcomes(rehearse);
		HASH_SORT(rehearse->candidate.outcomes, by_outlet);
		rehearse->json ? print_json(rehearse) : print_table(rehearse);
	}
	rehearsal_free(&rehearse->now);
	rehearsal_free(&rehearse->candidate);
	past_free(&rehearse->past);
	arena_close(&rehearse->records.arena);
	network_free(&rehearse->network);
	free(rehearse);
	return code;
}
