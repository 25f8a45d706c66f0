/*
 * bench.h -- what the files of `tributary bench` share: the network under test, one round's
 * figures.
 */
#ifndef TRIBUTARY_COMMAND_BENCH_H
#define TRIBUTARY_COMMAND_BENCH_H

#include "bench_drive.h"
#include "command.h"
#include "scratch.h"

#define BENCH_ROUNDS_MAX 25

enum bench_figure {
#define FIGURE(name, key, unit, group, sentence) BENCH_##name,
#include "bench_figures.def"
#undef FIGURE
	BENCH_FIGURES
};

struct bench_round {
	double figures[BENCH_FIGURES];
	bool known[BENCH_FIGURES];
};

struct bench {
	struct network network;
	const char *tmp; /* where the network's own folder is made */
	uint32_t sales, rounds, seconds, links, window, batch, calm_rate;
	uint64_t seed;
	bool json, keep, no_floors, rules, own_network;

	struct scratch scratch; /* own network */
	uint64_t stamp;    /* of this round */
	uint64_t epochs[BENCH_TILLS], said[BENCH_TILLS];
	struct bench_round round[BENCH_ROUNDS_MAX];
};

static inline void bench_set(struct bench_round *round, enum bench_figure figure, double value)
{
	round->figures[figure] = value;
	round->known[figure] = true;
}

/* ---- bench_network.c: a fresh network in a folder of its own ---- */

/* bench_network_begin -- start it and load its configuration; says on stderr why not; an exit code.
 * bench_network_end -- stop and remove it. */
int bench_network_begin(struct bench *bench);
void bench_network_end(struct bench *bench);

/* ---- bench_master.c ---- */

/* bench_master_apply -- outlets, products, tills, a warehouse with lanes, policies, targets,
 * opening counts; until all have heard. errors  those of a client. */
int bench_master_apply(struct bench *bench) must_check;

/* ---- bench_load.c: what the services take of the machine ---- */

/* struct bench_load -- counters of one service at one moment. */
struct bench_load {
	double cpu_s;
	uint64_t switches, disk_bytes, device_bytes, memory_kib;
	int64_t head, commits;
};

struct bench_asked { /* who is asked during a round */
	struct client *clients[PARAMS_SERVICES];
};

int bench_load_open(const struct bench *bench, struct bench_asked *asked) must_check;
void bench_load_close(struct bench_asked *asked);

/* bench_load_read -- of every service, in the order of params_services.   errors  those of a query.
 */
int bench_load_read(const struct bench *bench, struct bench_asked *asked,
                    struct bench_load loads[PARAMS_SERVICES]) must_check;

/* bench_load_wait -- until follower has applied all that source has said up to now.   errors
 * ERR_TIMEOUT and those of a query. */
int bench_load_wait(struct bench_asked *asked, const char *source, const char *follower,
                    uint64_t timeout_ms) must_check;

/* bench_load_cpu -- CPU seconds that a process has used; 0: gone. */
double bench_load_cpu(pid_t pid);

/* ---- bench_floors.c ---- */

/*
 * bench_floors_run -- run the program of the floors in the network's folder and take its figures;
 * the mean with those of an earlier run of the same round. Says on stderr why not; false: there are
 * none.
 */
bool bench_floors_run(const struct bench *bench, struct bench_round *round);

/* ---- bench_print.c ---- */

void bench_print_table(const struct bench *bench);
void bench_print_json(const struct bench *bench);

/* bench_print_known -- the figure with this key; BENCH_FIGURES: none.   bench_print_key -- back. */
unsigned bench_print_known(const char *key);

#endif
