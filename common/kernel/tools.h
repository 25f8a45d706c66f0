/*
 * tools.h -- looks at a store from outside: does it hold together, and do its recorded inputs give the same state again?
 *
 * The tools open stores read-only, beside a running service if there is one, and compare with what one view showed at the start.
 * Such a view pins pages while it lasts: on a large store the file of a busy service may grow meanwhile.
 */
#ifndef TRIBUTARY_KERNEL_TOOLS_H
#define TRIBUTARY_KERNEL_TOOLS_H

#include <stdio.h>

#include "kernel/engine.h"

struct tool_options {
	const char *dir;	/* the run folder: stores are DIR/<service> */
	uint64_t map_bytes_max;
	const int64_t *settings;
	bool replace;		/* rebuild: what was rebuilt takes the place of the store */
	FILE *out;		/* findings, one JSON object per line */
};

/*
 * tool_check -- contiguity and checksums of the journal and the intake, cursors against heads, the service's own audit.
 * Returns how many wrongs were found, or a negative error.
 */
int tool_check(const struct service *service, const struct tool_options *options);

/*
 * tool_audit -- what tool_check asks of one store alone, of an engine that is open and between turns. Returns how many wrongs were
 * found, or a negative error.
 */
int tool_audit(struct engine *engine, FILE *out);

/*
 * tool_replay -- run every recorded input of `old` through the handlers again, into the new and empty engine `fresh`, and compare.
 *   shape   upstreams stand in the order of the service's follows; all are open and between turns; fresh was opened for replay.
 *   errors  0 equal, 1 different (out says where), else a negative error.
 */
int tool_replay(struct engine *old, struct engine *const *upstreams, struct engine *fresh, FILE *out);

/*
 * tool_rebuild -- run every recorded input through the handlers again, into a store beside, and compare state hash and
 * journal bytes. Returns 0 equal, 1 different, or a negative error. With options->replace, of a service that does not run: where every
 * entry of the old journal that can be read is in the new one, the new store takes the place of the old one, which is set aside as
 * DIR/<service>.damaged-<time>; 0 then says that this was done.
 */
int tool_rebuild(const struct service *service, const struct tool_options *options);

/* tool_guard -- from now on this process, when it dies of what it reads, says so on stdout as a finding and ends with 1. */
void tool_guard(const struct service *service);

#endif
