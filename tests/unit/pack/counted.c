/* counted.c -- the linker sends the allocator's callers here. */
#include "counted.h"

#include <stddef.h>

static uint64_t calls; /* of this test program */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

uint64_t counted_calls(void)
{
	return calls;
}

void *__wrap_malloc(size_t size)
{
	calls++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	calls++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	calls++;
	return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	calls++;
	return __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	calls++;
	return __real_strdup(text);
}
