/*
 * process.h -- things on their way through a flow: orders, shipments, restocks, cases, tickets; how long each step takes, what waits where,
 * what comes back.
 *
 * All that is kept of a thing is when it came to which state, in the order of time; every count is a function of that. So it does not matter
 * in which order the feeds of the services that say it were heard. It moves nothing: what a flow allows is judged by whoever keeps the thing.
 */
#ifndef TRIBUTARY_KPI_PROCESS_H
#define TRIBUTARY_KPI_PROCESS_H

#include "flow/flow.h"
#include "state.h"

#define VISITS_MAX 64	     /* of one thing; the latest beyond are not measured */
#define HOP_EXACT 32u	     /* seconds that have a count of their own; longer spans share one with those within a thirty-second of it */
#define HOP_AGAIN "again"    /* for a next state: the thing had been there before */
#define THING_SIZE 96

struct visit {
	int64_t time_us;
	uint32_t state; /* its place in the flow */
	uint32_t unused;
};

struct process {
	char outlet[CODE_SIZE]; /* empty: not known */
	char order[40];		/* of a restock: the order that it stands for alone */
	uint32_t count;
	uint32_t unused;
	struct visit visits[VISITS_MAX]; /* as many as there are lie in the row */
};

/* process_visit -- a thing of a flow has come to a state, by the present input. outlet may be empty. */
void process_visit(struct turn *turn, const struct flow *flow, struct text thing, struct text outlet, const char *state);

/* process_restock -- the same of a restock, which takes the order that it stands for along (empty: none is named here). */
void process_restock(struct turn *turn, struct text restock, struct text outlet, struct text order, const char *state);

/* process_order -- the same of an outlet's order. */
void process_order(struct turn *turn, struct text outlet, struct text order, const char *state);

/* process_paid -- an order's payments are all there, or not any more. */
void process_paid(struct turn *turn, struct text outlet, struct text order, bool is_paid);

/* struct breach -- a step that was refused, as whoever refused it says it. Texts may be empty. */
struct breach {
	struct text flow, thing, outlet, from, to, code;
};
/* process_breach -- say it; nothing when the refusal was of no step. */
void process_breach(struct turn *turn, const struct breach *breach);

/* process_read -- a row taken apart; false when it is none. */
bool process_read(struct bytes row, struct process *process);

/* hop_length -- the class of a span of time; hop_seconds -- the middle of a class. */
uint32_t hop_length(int64_t us);
int64_t hop_seconds(uint32_t length);

/* process_hops -- what a thing adds to the table hop from one of its visits on, and where it waits (false: nowhere); for who keeps it and who audits it. */
void process_hops(const struct flow *flow, const struct process *process, uint32_t first, int64_t sign,
		  void (*add)(void *context, struct bytes key, int64_t count), void *context);
bool process_wait(const struct flow *flow, const struct process *process, struct text thing, uint8_t key[KEY_SIZE], struct bytes *at);

#endif
