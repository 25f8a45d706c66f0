/*
 * scrub.h -- a slow walk through journal and intake, so that damage is found while there are still backups from before it.
 *
 * The store's thread looks at a few entries each second, between turns; the whole takes 100 / percent minutes. What is damaged is
 * told once in each round, and counted.
 */
#ifndef TRIBUTARY_KERNEL_SCRUB_H
#define TRIBUTARY_KERNEL_SCRUB_H

#include <stdatomic.h>

#include "kernel/engine.h"

struct scrub {
	struct log_walk walk;
	_Atomic uint64_t entries, rounds, damaged; /* since the start; read by anybody */
};

/* engine_scrub -- one second's part of it, between turns.   units  percent of both logs in a minute; 0: nothing. */
void engine_scrub(struct engine *engine, uint32_t percent);

struct scrub *engine_scrubbed(struct engine *engine);

#endif
