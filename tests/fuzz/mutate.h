/*
 * mutate.h -- hostile neighbours of good msgpack: values taken apart into a list of nodes, changed at one place, written again, often
 * with a lie in it.
 *
 * What cannot be taken apart stays in the list as raw bytes, so any input has neighbours.
 */
#ifndef TRIBUTARY_TESTS_FUZZ_MUTATE_H
#define TRIBUTARY_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* mutate_roll -- the next number below `below` of these dice. */
uint32_t mutate_roll(uint64_t *dice, uint32_t below);

/* mutate_values -- change msgpack values one after the other in place; returns the new size, at most size_max. */
size_t mutate_values(uint8_t *data, size_t size, size_t size_max, uint64_t *dice);

#endif
