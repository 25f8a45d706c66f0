/* fuzz.h -- what libFuzzer calls, and replay.c when there is no libFuzzer. */
#ifndef TRIBUTARY_TESTS_FUZZ_FUZZ_H
#define TRIBUTARY_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * FUZZ_SHAPE of a target says where its msgpack is. VALUES: all of it. CHOICE: behind a first byte that chooses. SCRIPT: behind a first
 * byte, in steps (script.h). TEXT: nowhere.
 */
#define TEXT 0
#define VALUES 1
#define CHOICE 2
#define SCRIPT 3

/* LLVMFuzzerTestOneInput -- one input; aborts when something is wrong, else returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerCustomMutator -- a neighbour of an input, in its place; returns its size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed);

#endif
