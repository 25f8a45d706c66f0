/* bench_master.h -- what the files that write the bench's master data share. */
#ifndef TRIBUTARY_COMMAND_BENCH_MASTER_H
#define TRIBUTARY_COMMAND_BENCH_MASTER_H

#include "base/when.h"
#include "bench.h"
#include "events/staff.h"

#define BENCH_CATEGORIES 20

struct master {
	struct client *client;
	const struct bench *bench;
	const char *source;
	int64_t now_us;
	int error;
};

/* bench_submit -- one event of the source; nothing after an error. */
void bench_submit(struct master *master, const struct event_type *type, const void *event);

/* bench_rules_submit -- bench_rules.c: prices with corridors, rebate schemes, territories, a calendar, more targets. */
void bench_rules_submit(struct master *master);

#endif
