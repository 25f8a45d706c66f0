/* fuzz.h -- what libFuzzer calls, and replay.c when there is no libFuzzer. */
#ifndef TRIBUTARY_TESTS_FUZZ_FUZZ_H
#define TRIBUTARY_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* LLVMFuzzerTestOneInput -- one input; aborts when something is wrong, else returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
