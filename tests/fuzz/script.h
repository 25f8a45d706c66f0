/*
 * script.h -- an input that is a play: steps of one byte who acts, two bytes size (big-endian), and what it says. The last step takes
 * what is left.
 */
#ifndef TRIBUTARY_TESTS_FUZZ_SCRIPT_H
#define TRIBUTARY_TESTS_FUZZ_SCRIPT_H

#include <stdbool.h>

#include "base/bytes.h"

#define SCRIPT_STEPS_MAX 64
#define SCRIPT_HEAD 3

struct step {
	uint8_t who;
	uint16_t number;	/* the size as it was written */
	struct bytes bytes;
};

/* script_next -- take the first step off the rest; false: it is over. */
static inline bool script_next(struct bytes *rest, struct step *step)
{
	if (rest->size < SCRIPT_HEAD)
		return false;
	step->who = rest->data[0];
	step->number = (uint16_t)(rest->data[1] << 8 | rest->data[2]);
	size_t left = rest->size - SCRIPT_HEAD, size = step->number < left ? step->number : left;
	step->bytes = bytes_of(rest->data + SCRIPT_HEAD, size);
	*rest = bytes_of(rest->data + SCRIPT_HEAD + size, left - size);
	return true;
}

#endif
