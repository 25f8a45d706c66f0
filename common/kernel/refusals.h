/*
 * refusals.h -- what a source is told of its refused events, now and again after a resend.
 *
 * A refusal is kept in KERNEL_REFUSED in the same turn as its effects, so that a terminal that never got the answer hears the same
 * code when it sends the event again.
 */
#ifndef TRIBUTARY_KERNEL_REFUSALS_H
#define TRIBUTARY_KERNEL_REFUSALS_H

#include "kernel/engine.h"

/* refusals_keep -- write the row.   refusals_add -- list it in the answer; copies the texts into the turn's arena. */
void refusals_keep(struct engine *engine, const struct run *run, const struct refusal *refusal);
void refusals_add(struct engine *engine, struct admission *admission, const struct refusal *refusal);

/* refusals_again -- note a duplicate, and repeat its refusal when it was refused. */
void refusals_again(struct engine *engine, const struct cursor *cursor, const struct run *run, uint64_t seq,
		    struct admission *admission);

#endif
