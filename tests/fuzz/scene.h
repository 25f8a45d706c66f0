/*
 * scene.h -- the heap of an execution: what a target prepares before it looks at its input is prepared once and stands there again before
 * each execution, byte for byte, and whatever else the last one took or changed is gone.
 *
 *	if (scene_enter(number)) {	// nobody has prepared it yet
 *		play = malloc(...);	// anything that malloc gives, and nothing else, is part of it
 *		scene_keep();
 *	}
 *	... the input ...
 *	scene_leave();			// all that was taken has been given back, else that is a finding
 *
 * An execution that needs not show that may leave as it stands: scene_drop.
 *
 * Under libFuzzer only: replayed inputs (ctest) have the sanitizer's own heap, and prepare everything for each. What is allocated outside
 * of it all, and variables of the process, stay as they are.
 */
#ifndef TRIBUTARY_TESTS_FUZZ_SCENE_H
#define TRIBUTARY_TESTS_FUZZ_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

#define SCENES_MAX 8

#if defined(FUZZ_ENGINE)
bool scene_enter(unsigned number);
void scene_keep(void);
void scene_leave(void);
void scene_drop(void);

/* scene_is_whole -- whether this input's execution is one of those that end with everything closed and looked at: every eighth. */
static inline bool scene_is_whole(struct bytes input)
{
	return hash_bytes(input) % 8 == 0;
}

extern bool scene_prints;    /* whether scene_leave makes a print */
extern uint64_t scene_print; /* of all that the execution left in its scene, before that was put back */
#else
static inline bool scene_enter(unsigned number)
{
	(void)number;
	return true;
}

static inline void scene_keep(void)
{
}

static inline void scene_leave(void)
{
}

static inline void scene_drop(void)
{
}

static inline bool scene_is_whole(struct bytes input)
{
	(void)input;
	return true;
}
#endif

#endif
