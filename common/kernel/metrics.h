/*
 * metrics.h -- what an operator watches: counters of this process, gauges of this moment, and how long commits take.
 *
 * The query `metrics` answers with a row for each figure of metrics.def: its name, kind, unit, sentence, label and value. No figure
 * walks a table: all are counted as they happen or read from a single row, so that asking every few seconds costs nothing. Counters
 * begin at 0 with the process. It does not know how the figures are written for whoever collects them.
 */
#ifndef TRIBUTARY_KERNEL_METRICS_H
#define TRIBUTARY_KERNEL_METRICS_H

#include <stdatomic.h>

#include "kernel/kernel.h"

#define TALLY_MAX 64	    /* different labels of one figure; beyond them they are counted as `other` */
#define METRICS_LINKS_MAX 8 /* services that a service follows */

/* struct tally -- one figure by label: written by one thread, read by any. What a turn counts is true with its commit. */
struct tally {
	_Atomic(const char *) labels[TALLY_MAX]; /* in the order of their first use; NULL behind the last */
	_Atomic uint64_t counts[TALLY_MAX];
	uint64_t in_turn[TALLY_MAX];
	const char *lately; /* the label that a turn counted under last, */
	unsigned place;	    /* and where it is */
};

/* tally_add -- count under a label at once.   tally_turn -- with the open turn.   owns  keeps the label, which is static text. */
void tally_add(struct tally *tally, const char *label, uint64_t count);
void tally_turn(struct tally *tally, const char *label, uint64_t count);

/* tally_keep -- the turn is true: what it counted is.   tally_undo -- it never happened. */
void tally_keep(struct tally *tally);
void tally_undo(struct tally *tally);

/* What an engine counts. */
struct engine_counts {
	struct tally heard, said; /* events by type: admitted and handled, published */
	struct tally refused;	  /* events of sources outside, by code */
	struct tally inputs;	  /* of the door and the links: new, duplicate, gap, fenced, quarantined */
	_Atomic int64_t quarantine; /* records there, as of the last commit */
	int64_t quarantine_turn;    /* more of them by the open turn */
};

/* engine_counts_begin -- what is known to come begins at 0: a collector that never saw the 0 does not see the first of them happen. */
void engine_counts_begin(struct engine_counts *counts, const struct service *service);

/* engine_counts_keep, engine_counts_undo -- all of the above, when a turn ends. */
void engine_counts_keep(struct engine_counts *counts);
void engine_counts_undo(struct engine_counts *counts);

/* What only the node knows. */
struct metrics_link {
	const char *source;	/* the service that is followed */
	uint64_t head;		/* its, as last heard */
	uint64_t epoch;		/* that this head is of */
	bool is_live;		/* subscribed, and heard within the last seconds */
	bool is_forked;
};

struct metrics_node {
	uint64_t sessions, subscriptions, queued_bytes, turns;
	uint64_t storage_refusals; /* messages refused because the storage is full */
	bool storage_full;
	int64_t started_us;
	const struct tally *door; /* refusals at the door by code; NULL: there is no door */
	struct metrics_link links[METRICS_LINKS_MAX];
	unsigned link_count;
};

struct engine;

/* engine_observe -- whom to ask for the node's part, on the thread that runs queries. NULL: nobody, its figures are 0. */
void engine_observe(struct engine *engine, void (*look)(void *context, struct metrics_node *out), void *context);

/* answer_metrics -- the query. */
void answer_metrics(struct query *query);

#endif
