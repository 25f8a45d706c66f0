/* main.c -- tributary SUBCOMMAND: find it, run it. */
#include <string.h>

#include "command.h"
#include "log/log.h"

static const struct command commands[] = {
    {"up", "[--dir DIR] [--fresh]", "run the whole network here, supervised", up_run},
    {"apply", "FILE...", "master data and rules (YAML), idempotent; prints what changed", apply_run},
    {"replay", "FILE --format FORMAT", "play real sales files as terminals through the client library", replay_run},
    {"publish", "[--terminal ID] < events.jsonl", "JSON lines in, one verdict line per event out", publish_run},
    {"tail", "SERVICE [--type T,...] [--from SEQ] [--follow]", "print a service's events", tail_run},
    {"get", "WHAT [--outlet X] [--sku Y] ...", "stock, sales, restocks, shipments, kpi, targets, terminals, sources, lag, quarantine", get_run},
    {"policy", "show|history|diff KIND KEY", "rules and master data as they are and were, version by version", policy_run},
    {"trace", "ID", "every cause and effect of an event, as a tree with times", trace_run},
    {"check", "[SERVICE]", "verify stores: contiguity, conservation, cursors against heads, replay hash", check_run},
    {"rebuild", "SERVICE", "rebuild the state from recorded inputs and compare hashes", rebuild_run},
    {"backup", "TO [--rate MIB]", "copy all stores, running or not, as of one moment", backup_run},
    {"restore", "FROM", "put a stopped network back to a backup, under new epochs", restore_run},
    {"quarantine", "list|show|retry|discard", "what could not be taken, and what to do with it", quarantine_run},
    {"keys", "enrol|list|show|rotate|revoke", "who may speak at the doors, and as whom", keys_run},
    {"audit", "verify|list|head", "who did what to this network, and whether that record is whole", audit_run},
    {"rehearse", "CANDIDATE.yaml --from DAY --to DAY", "a recorded period once more under other rules: who gains, who loses, at what cost", rehearse_run},
    {"statement", "OUTLET SCHEME PERIOD | verify FILE", "a rebate with every line that earned it; and worked out again", statement_run},
    {"bench", "[--sales N]", "figures of this machine, beside its own floors", bench_run},
    {"top", "", "live rates, lags and latencies in the terminal", top_run},
};

static void print_help(FILE *out)
{
	fprintf(out, "tributary: the event backend of a two-tier sales network\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  tributary %-10s %-48s %s\n", commands[i].name, commands[i].arguments, commands[i].sentence);
	fprintf(out, "\nEvery subcommand finds the network by --dir DIR (default: $TRIBUTARY_DIR or build/run) or --config FILE,\n"
		     "and explains itself with --help. Exit codes: 0 done, 1 refused or false, 2 usage, 3 unreachable.\n\n"
		     "Examples:\n"
		     "  tributary up --dir build/run &\n"
		     "  tributary apply network.yaml\n"
		     "  tributary get stock --outlet OUT-001 --json\n"
		     "  tributary tail inventory --type restock.requested --from 1 --json\n");
}

int main(int argc, char **argv)
{
	argp_err_exit_status = EXIT_USAGE;
	log_open("tributary", LOG_UNUSUAL);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	const char *names[sizeof(commands) / sizeof(commands[0])];
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		names[i] = commands[i].name;
	const char *guess = params_guess(argv[1], names, sizeof(commands) / sizeof(commands[0]));
	fprintf(stderr, "tributary: no subcommand '%s'%s%s%s; see tributary --help\n", argv[1], guess != NULL ? "; did you mean '" : "",
		guess != NULL ? guess : "", guess != NULL ? "'?" : "");
	return EXIT_USAGE;
}
