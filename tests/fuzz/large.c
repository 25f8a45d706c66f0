/*
 * large.c -- for targets that open a whole service for each input: blocks of a megabyte and more are kept and lent again. A sanitizer
 * spends more time on fresh ones than the service on the input. Small blocks stay with it, so what is written beyond them is still seen.
 */
#include <stdlib.h>

#define LARGE_BYTES ((size_t)1 << 20)
#define KEPT_MAX 16

void *__real_malloc(size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void __wrap_free(void *block);

static struct {
	void *block;
	size_t size;
	int lent;
} kept[KEPT_MAX]; /* of the process, as the heap is */

void *__wrap_malloc(size_t size)
{
	if (size < LARGE_BYTES)
		return __real_malloc(size);
	for (int i = 0; i < KEPT_MAX; i++) {
		if (kept[i].block == NULL) {
			kept[i].block = __real_malloc(size);
			kept[i].size = size;
		}
		if (!kept[i].lent && kept[i].size == size && kept[i].block != NULL) {
			kept[i].lent = 1;
			return kept[i].block;
		}
	}
	return __real_malloc(size);
}

void __wrap_free(void *block)
{
	for (int i = 0; i < KEPT_MAX && block != NULL; i++)
		if (kept[i].block == block) {
			kept[i].lent = 0;
			return;
		}
	__real_free(block);
}
