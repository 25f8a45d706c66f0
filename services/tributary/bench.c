/* bench.c -- rounds of: floors, the maximum, a steady rate, 70 % of the maximum; each round on a
 * fresh network. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/when.h"

#define DRIVE_TIMEOUT_US (300 * US_PER_SECOND)
#define APPLIED_TIMEOUT_MS 120000
#define BUSY_SHARE 0.7
#define SALES_MAX 2000000
#define SPREAD_US                                                                                  \
	(14 * US_PER_HOUR) /* the tickets of the maximum are a business day's, so that waves close \
	                      on the way */
#define EARLIER_US (20 * US_PER_HOUR)

static error_t parse_number(struct argp_state *state, const char *value, uint32_t least,
                            uint32_t most, uint32_t *number)
{
	char *end;
	unsigned long given = strtoul(value, &end, 10);

	if (*end != 0 || given < least || given > most)
		argp_error(state, "'%s': want %u to %u", value, least, most);
	*number = (uint32_t)given;
	return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct bench *bench = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &bench->network;
		return 0;
	case 'n':
		return parse_number(state, value, 1000, SALES_MAX, &bench->sales);
	case 'r':
		return parse_number(state, value, 1, BENCH_ROUNDS_MAX, &bench->rounds);
	case 's':
		return parse_number(state, value, 0, 600, &bench->seconds);
	case 'l':
		return parse_number(state, value, 1, BENCH_LINKS_MAX, &bench->links);
	case 'w':
		return parse_number(state, value, 1, 100000, &bench->window);
	case 'b':
		return parse_number(state, value, 1, 1000, &bench->batch);
	case 'R':
		return parse_number(state, value, 1, 100000, &bench->calm_rate);
	case 'S':
		bench->seed = strtoull(value, NULL, 10);
		return 0;
	case 't':
		bench->tmp = value;
		return 0;
	case 'j':
		bench->json = true;
		return 0;
	case 'k':
		bench->keep = true;
		return 0;
	case 'B':
		bench->rules = true;
		return 0;
	case 'F':
		bench->no_floors = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
    {"sales", 'n', "N", 0, "sales of the maximum (200000)", 0},
    {"rounds", 'r', "N", 0, "rounds, of which medians are given (3)", 0},
    {"seconds", 's', "N", 0, "length of each phase at a rate (10); 0: none", 0},
    {"rate", 'R', "N", 0, "sales per second of the steady phase (500)", 0},
    {"window", 'w', "N", 0, "sales not yet acknowledged at most (8000)", 0},
    {"batch", 'b', "N", 0, "sales in a message at most (80)", 0},
    {"links", 'l', "N", 0, "connections that the tills share (4)", 0},
    {"seed", 'S', "N", 0, "of the generated sales (1)", 0},
    {"tmp", 't', "DIR", 0, "where the network's folder is made (default: $TMPDIR or /tmp)", 0},
    {"keep", 'k', 0, 0, "do not remove it afterwards", 0},
    {"rules", 'B', 0, 0, "with a rulebook in force: corridors, rebates, territories, targets", 0},
    {"no-floors", 'F', 0, 0, "without the floors, and so without ratios", 0},
    {"json", 'j', 0, 0, "the medians as one JSON object", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,
                                 parse_option,
                                 NULL,
                                 "Figures of this machine beside its own floors.\vStarts a fresh "
                                 "network for each round and removes it afterwards; with "
                                 "--dir or --config it sells in a running one, in outlets of its "
                                 "own (BENCH-01 and so on), and leaves them "
                                 "there. tests/bench/README.md says what each figure "
                                 "means.\n\nExample: tributary bench --sales 50000 --rounds 1",
                                 children,
                                 NULL,
                                 NULL};

static int complain(const char *what, int error)
{
	fprintf(stderr, "tributary bench: %s: %s\n", what, error_text(error));
	return error;
}

static int make_sales(struct bench *bench, struct bench_sales *sales, uint32_t count,
                      int64_t begin_us, int64_t step_us, uint32_t part)
{
	struct bench_plan plan = {.count = count,
	                          .seed = bench->seed + part,
	                          .stamp = bench->stamp,
	                          .begin_us = begin_us,
	                          .step_us = step_us,
	                          .probe_first = part == 2 ? BENCH_PROBES / 2 : 0,
	                          .probe_count = part == 0 ? 0 : BENCH_PROBES / 2,
	                          .said = bench->said};

	return bench_sales_make(sales, &plan);
}

static struct bench_drive_options drive_options(const struct bench *bench, double rate)
{
	return (struct bench_drive_options){
	    .orders = params_endpoint(&bench->network.params, "orders"),
	    .inventory = rate > 0 ? params_endpoint(&bench->network.params, "inventory") : NULL,
	    .epochs = bench->epochs,
	    .stamp = bench->stamp,
	    .links = bench->links,
	    .window = bench->window,
	    .batch = bench->batch,
	    .rate = rate,
	    .timeout_us = DRIVE_TIMEOUT_US};
}

/* The differences of the counters over the maximum, per sale. */
static void note_load(struct bench_round *round, const struct bench_load *before,
                      const struct bench_load *after, double sales)
{
	static const enum bench_figure commits[PARAMS_SERVICES] = {
	    BENCH_FIGURES, BENCH_COMMITS_ORDERS, BENCH_COMMITS_INVENTORY, BENCH_COMMITS_LOGISTICS,
	    BENCH_COMMITS_KPI};
	double cpu_s = 0, switches = 0, kept = 0, device = 0, events = 0;

	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		double one_s = after[i].cpu_s - before[i].cpu_s;

		cpu_s += one_s;
		switches += (double)(after[i].switches - before[i].switches);
		kept += (double)(after[i].disk_bytes - before[i].disk_bytes);
		device += (double)(after[i].device_bytes - before[i].device_bytes);
		events += (double)(after[i].head - before[i].head);
		bench_set(round, (enum bench_figure)(BENCH_CPU_PARTNERS + i), one_s / sales * 1e5);
		bench_set(round, (enum bench_figure)(BENCH_MEMORY_PARTNERS + i),
		          (double)after[i].memory_kib / 1024);
		if (commits[i] != BENCH_FIGURES)
			bench_set(round, commits[i],
			          (double)(after[i].commits - before[i].commits));
	}
	bench_set(round, BENCH_CPU, cpu_s / sales * 1e5);
	bench_set(round, BENCH_SWITCHES, switches / sales);
	bench_set(round, BENCH_KEPT_BYTES, kept / sales);
	bench_set(round, BENCH_DEVICE_BYTES, device / sales);
	bench_set(round, BENCH_EVENTS, events / sales);
}

static int drive_maximum(struct bench *bench, struct bench_asked *asked, struct bus *clock,
                         struct bench_round *round, const struct bench_sales *sales)
{
	struct bench_drive_options driving = drive_options(bench, 0);
	struct bench_load before[PARAMS_SERVICES], after[PARAMS_SERVICES];
	struct bench_driven driven = {0};
	double count = sales->count, cpu_s = bench_load_cpu(getpid());
	int error = bench_load_read(bench, asked, before);

	if (error == ERR_NONE)
		error = bench_drive_run(sales, &driving, &driven);
	int64_t acked_us = bus_monotonic_us(clock), began_us = acked_us - driven.took_us;
	cpu_s = bench_load_cpu(getpid()) - cpu_s;
	if (error == ERR_NONE)
		error = bench_load_wait(asked, "orders", "kpi", APPLIED_TIMEOUT_MS);
	int64_t applied_us = bus_monotonic_us(clock);
	if (error == ERR_NONE)
		error = bench_load_wait(asked, "orders", "inventory", APPLIED_TIMEOUT_MS);
	if (error == ERR_NONE)
		error = bench_load_wait(asked, "inventory", "kpi", APPLIED_TIMEOUT_MS);
	int64_t settled_us = bus_monotonic_us(clock);
	if (error == ERR_NONE)
		error = bench_load_read(bench, asked, after);
	if (error == ERR_NONE) {
		bench_set(round, BENCH_ACKED_RATE, count * 1e6 / (double)driven.took_us);
		bench_set(round, BENCH_RATE, count * 1e6 / (double)(applied_us - began_us));
		bench_set(round, BENCH_SETTLED_RATE, count * 1e6 / (double)(settled_us - began_us));
		bench_set(round, BENCH_CPU_TILLS, cpu_s / count * 1e5);
		bench_set(round, BENCH_SALE_BYTES, (double)sales->bytes / count);
		note_load(round, before, after, count);
		fprintf(stderr,
		        "tributary bench: %u sales, %llu sent again (%llu said to be duplicates), "
		        "%llu refused\n",
		        sales->count, (unsigned long long)driven.sent_again,
		        (unsigned long long)driven.duplicates, (unsigned long long)driven.refused);
	}
	bench_drive_free(&driven);
	return error;
}

static int run_maximum(struct bench *bench, struct bus *clock, struct bench_round *round)
{
	struct bench_asked asked;
	struct bench_sales sales;
	int error = make_sales(bench, &sales, bench->sales, (int64_t)bench->stamp - EARLIER_US,
	                       SPREAD_US / bench->sales, 0);

	if (error != ERR_NONE)
		return error;
	error = bench_load_open(bench, &asked);
	if (error == ERR_NONE)
		error = drive_maximum(bench, &asked, clock, round, &sales);
	bench_load_close(&asked);
	bench_sales_free(&sales);
	return error;
}

/* One phase at a rate; its figures follow one another as in bench_figures.def, from `first`. */
static int run_rate(struct bench *bench, struct bus *clock, struct bench_round *round, double rate,
                    uint32_t part, enum bench_figure first)
{
	struct bench_drive_options driving = drive_options(bench, rate);
	struct bench_driven driven = {0};
	struct bench_sales sales;
	double wanted = rate * bench->seconds;
	uint32_t count = wanted < SALES_MAX ? (uint32_t)wanted : SALES_MAX;
	int error = make_sales(bench, &sales, count > 200 ? count : 200, bus_now_us(clock),
	                       (int64_t)(1e6 / rate), part);

	if (error != ERR_NONE)
		return error;
	error = bench_drive_run(&sales, &driving, &driven);
	if (error == ERR_NONE) {
		const double values[] = {rate,
		                         bench_drive_share(&driven.acknowledged, 0.5),
		                         bench_drive_share(&driven.acknowledged, 0.99),
		                         bench_drive_share(&driven.acknowledged, 0.999),
		                         bench_drive_share(&driven.restocked, 0.5),
		                         bench_drive_share(&driven.restocked, 0.99),
		                         driven.restocks_missing,
		                         (double)driven.late_us_max};

		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			bench_set(round, (enum bench_figure)(first + i), values[i]);
	}
	bench_drive_free(&driven);
	bench_sales_free(&sales);
	return error;
}

static void set_ratio(struct bench_round *round, enum bench_figure ratio, enum bench_figure above,
                      enum bench_figure below)
{
	if (round->known[above] && round->known[below] && round->figures[below] > 0)
		bench_set(round, ratio, round->figures[above] / round->figures[below]);
}

static void set_ratios(struct bench_round *round)
{
	set_ratio(round, BENCH_RATIO_RATE, BENCH_RATE, BENCH_FLOOR_1000);
	set_ratio(round, BENCH_RATIO_SETTLED, BENCH_SETTLED_RATE, BENCH_FLOOR_1000);
	set_ratio(round, BENCH_RATIO_CPU, BENCH_CPU, BENCH_FLOOR_CPU);
	set_ratio(round, BENCH_RATIO_ACK, BENCH_CALM_ACK_P50, BENCH_FLOOR_COMMIT_P50);
	set_ratio(round, BENCH_RATIO_RESTOCK, BENCH_CALM_RESTOCK_P50, BENCH_FLOOR_COMMIT_P50);
	set_ratio(round, BENCH_RATIO_KEPT, BENCH_KEPT_BYTES, BENCH_SALE_BYTES);
}

/* Numberings of this round: a later one is a later epoch of the same tills. */
static void begin_round(struct bench *bench, const struct bus *clock)
{
	bench->stamp = (uint64_t)bus_now_us(clock);
	for (unsigned i = 0; i < BENCH_TILLS; i++) {
		bench->epochs[i] = bench->stamp;
		bench->said[i] = 0;
	}
}

static int run_round(struct bench *bench, struct bus *clock, struct bench_round *round)
{
	begin_round(bench, clock);
	int error = bench_master_apply(bench);

	if (error != ERR_NONE)
		return complain("master data", error);
	error = run_maximum(bench, clock, round);
	if (error != ERR_NONE)
		return complain("the maximum", error);
	if (bench->seconds == 0)
		return ERR_NONE;
	error = run_rate(bench, clock, round, bench->calm_rate, 1, BENCH_CALM_RATE);
	if (error != ERR_NONE)
		return complain("the steady rate", error);
	error = run_rate(bench, clock, round, BUSY_SHARE * round->figures[BENCH_RATE], 2,
	                 BENCH_BUSY_RATE);
	return error != ERR_NONE ? complain("70 % of the maximum", error) : error;
}

static int run_rounds(struct bench *bench, struct bus *clock)
{
	for (unsigned i = 0; i < bench->rounds; i++) {
		fprintf(stderr, "tributary bench: round %u of %u\n", i + 1, bench->rounds);
		int code = bench_network_begin(bench);

		bool floors = code == EXIT_DONE && !bench->no_floors &&
		              bench_floors_run(bench, &bench->round[i]);
		if (code == EXIT_DONE && run_round(bench, clock, &bench->round[i]) != ERR_NONE)
			code = EXIT_REFUSED;
		if (code == EXIT_DONE && floors) /* before and after: the machine's mood changes
		                                    within a round as well */
			(void)bench_floors_run(bench, &bench->round[i]);
		bench_network_end(bench);
		if (code != EXIT_DONE)
			return code;
		set_ratios(&bench->round[i]);
	}
	return EXIT_DONE;
}

int bench_run(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct bus *clock = NULL;
	int code = EXIT_REFUSED;

	if (bench == NULL)
		return code;
	bench->sales = 200000;
	bench->rounds = 3;
	bench->seconds = 10;
	bench->links = 4;
	bench->window = 8000;
	bench->batch = 80; /* two messages of each till fill the window: a turn has all tills, like a commit of the floor */
	bench->calm_rate = 500;
	bench->seed = 1;
	bench->tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	if (argp_parse(&argp, argc, argv, 0, NULL, bench) != 0)
		code = EXIT_USAGE;
	else if (bus_open(&clock, NULL) == ERR_NONE) {
		bench->own_network = bench->network.dir == NULL && bench->network.config == NULL;
		code = run_rounds(bench, clock);
	}
	if (code == EXIT_DONE && bench->json)
		bench_print_json(bench);
	else if (code == EXIT_DONE)
		bench_print_table(bench);
	bus_close(&clock);
	free(bench);
	return code;
}
