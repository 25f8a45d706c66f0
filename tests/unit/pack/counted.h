/*
 * counted.h -- how often memory was asked for. Linked with --wrap=malloc,... so that every call in the
 * program is seen, whichever library makes it.
 */
#ifndef TRIBUTARY_TESTS_PACK_COUNTED_H
#define TRIBUTARY_TESTS_PACK_COUNTED_H

#include <stdint.h>

/* counted_calls -- calls of the allocator so far. */
uint64_t counted_calls(void);

#endif
