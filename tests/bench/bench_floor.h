/*
 * bench_floor.h -- the floors under the bench: the least that the same sales must cost on this
 * machine, this disk, now.
 *
 * None of this is the network: no replay, no reconnects, no operations, no rules beyond the work
 * itself. It is what to divide by.
 */
#ifndef TRIBUTARY_BENCH_FLOOR_H
#define TRIBUTARY_BENCH_FLOOR_H

#include "../../services/tributary/bench_sales.h"
#include "base/arena.h"
#include "events/terminals.h"
#include "pack/envelope.h"

/* bench_floor_ticket -- the next ticket of a till's bytes, taken apart; false at their end. */
bool bench_floor_ticket(struct reader *reader, struct arena *arena, struct envelope *envelope,
                        struct ticket_sold *sold);

double bench_floor_seconds(void);     /* a clock for durations */
double bench_floor_cpu_seconds(void); /* of this process */

/* bench_floor_share -- the time below which this share lies; sorts. */
double bench_floor_share(double *times, unsigned count, double share);

/* ---- bench_floor_lmdb.c ---- */

struct bench_floor_commits {
	double per_s, cpu_s_per_100k, kept_bytes, commit_us_p50, commit_us_p99;
	uint64_t duplicates, refused, restocks, shipments;
	int64_t checksum; /* of all tables: equal work, equal sums */
};

/* bench_floor_commit -- the four stages in one process and one environment, one synced commit per
 * so many sales; exits on failure. */
void bench_floor_commit(const struct bench_sales *sales, const char *folder, unsigned per_commit,
                        unsigned most, struct bench_floor_commits *result);

/* ---- bench_floor_wire.c ---- */

/* bench_floor_wire -- sales per second from one process to another over ZeroMQ, so many in a frame;
 * exits on failure. */
double bench_floor_wire(const struct bench_sales *sales, const char *folder, unsigned per_frame,
                        unsigned most);

#endif
