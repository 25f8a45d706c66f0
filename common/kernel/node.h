/*
 * node.h -- a service at work: its engine, its door, its links to the services it follows, and the thread that runs the turns.
 *
 * The loop's thread talks and never blocks; the store's thread runs turns and commits. Whatever arrives while a commit waits for the
 * disk forms the next turn: group commit without a timer. In a simulated network (inline_turns) both are the loop's thread.
 *
 * A node promises: nothing is acknowledged, answered or published before the commit that made it true.
 */
#ifndef TRIBUTARY_KERNEL_NODE_H
#define TRIBUTARY_KERNEL_NODE_H

#include "bus/bus.h"
#include "guard/guard.h"
#include "kernel/engine.h"

struct node;

struct node_options {
	struct engine_options engine;
	const char *endpoint;		/* of the door */
	const char *const *upstreams;	/* endpoints, in the order of service->follows */
	uint32_t turn_events_max;	/* soft limits of one turn; a message is never cut */
	uint32_t turn_bytes_max;
	uint64_t disk_keep_bytes;	/* below this much free disk new sales are refused with disk_full */
	uint32_t scrub_percent;		/* of journal and intake looked through in a minute; 0: none */
	struct guard *guard;		/* who may what, the caller's; NULL: everybody is the local operator */
	const char *audit_dir;		/* where an operator's decisions are noted; NULL: nowhere (simulation) */
	bool inline_turns;		/* run turns on the loop's thread (simulation) */
	void (*on_fatal)(void *context, int error); /* the disk failed: stop the process; NULL: _exit */
	void *context;
};

/* node_open -- open the store, bind the door, follow the upstreams.   errors  those of engine_open and bus_bind. */
int node_open(struct node **node, const struct service *service, struct bus *bus, const struct node_options *options) must_check;

/* node_close -- finish the turn in work, stop the thread, close everything. In flight and not committed: sent again by its source. */
void node_close(struct node **node);

struct engine *node_engine(struct node *node);

struct node_usage {
	uint64_t turns, inputs, sessions, subscriptions, queued_bytes;
	uint64_t storage_refusals;	/* messages refused because the storage is full */
	bool storage_full;		/* and they still are */
};

/* node_usage -- on the loop's thread. */
void node_usage(struct node *node, struct node_usage *usage);

#endif
