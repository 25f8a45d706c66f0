/*
 * suspect.h -- the event that a process died of: left by a signal handler, read by the next start.
 *
 * A bug of ours (failed CHECK, bad memory access) kills the process while it works on one event. The handler writes which, with how
 * often that event has killed before, into the file `suspect` of the store's folder. One process has one guard.
 */
#ifndef TRIBUTARY_KERNEL_SUSPECT_H
#define TRIBUTARY_KERNEL_SUSPECT_H

#include <stdbool.h>

#include "base/bytes.h"

struct engine;

#define SUSPECT_DEATHS_MAX 2 /* an event that killed this often is quarantined */

void suspect_load(struct engine *engine, const char *folder);
void suspect_release(struct engine *engine);

/* suspect_note -- this event is being worked on.   suspect_is_poison -- whether it has killed often enough. */
void suspect_note(struct engine *engine, struct text source, uint64_t epoch, uint64_t seq);
bool suspect_is_poison(const struct engine *engine, struct text source, uint64_t epoch, uint64_t seq);

/* suspect_clear -- a turn is over: no event is worked on; the one that killed before is forgotten when it has been taken. */
void suspect_clear(struct engine *engine);

#endif
