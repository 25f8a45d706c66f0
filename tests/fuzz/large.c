/*
 * large.c -- for targets that open a whole service or client for each input: its large blocks are kept and lent again, since a sanitizer
 * spends more time on fresh ones than the service on the input.
 *
 * What is beyond a block's end is still poisoned, and so is its beginning after it was given back. Blocks that are smaller, as those of
 * everything that an input says, stay with the sanitizer; inputs that are replayed (ctest) have nothing of this.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>

#define LARGE_BYTES ((size_t)16 << 10)
#define BLANK_BY_KERNEL ((size_t)128 << 10) /* of blocks of this size pages are blanked that were written, not all */
#define POISONED_BYTES ((size_t)32 << 10)
#define PAGE ((uintptr_t)4096)
#define KEPT_MAX 64
#define PLACES 1024

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

struct kept {
	uint8_t *block;
	size_t size;
	struct kept *next; /* free ones, the one given back last in front */
	int blank;	   /* it was asked for so */
};

static struct kept kept[KEPT_MAX], *waiting; /* of the process, as the heap is */
static unsigned kept_count;
static uint8_t places[PLACES]; /* by address: number of the block, 0: none */

static unsigned place_of(const void *block)
{
	unsigned at = (unsigned)(((uintptr_t)block >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 54);

	while (places[at] != 0 && kept[places[at] - 1].block != block)
		at = (at + 1) % PLACES;
	return at;
}

static struct kept *find(const void *block)
{
	unsigned at = place_of(block);

	return places[at] != 0 ? &kept[places[at] - 1] : NULL;
}

static size_t poisoned_of(const struct kept *k)
{
	return k->size < POISONED_BYTES ? k->size : POISONED_BYTES;
}

/* NULL: as many as can be are kept. */
static struct kept *keep(size_t size)
{
	if (kept_count == KEPT_MAX)
		return NULL;
	struct kept *k = &kept[kept_count];
	*k = (struct kept){.block = __real_calloc(1, size), .size = size};
	if (k->block == NULL)
		return NULL;
	places[place_of(k->block)] = (uint8_t)++kept_count;
	return k;
}

static void *lend(size_t size, int blank)
{
	struct kept **at = &waiting, *k;

	while (*at != NULL && ((*at)->size != size || (*at)->blank != blank))
		at = &(*at)->next;
	k = *at;
	if (k != NULL) {
		*at = k->next;
		ASAN_UNPOISON_MEMORY_REGION(k->block, poisoned_of(k));
	} else {
		k = keep(size);
		if (k == NULL)
			return blank ? __real_calloc(1, size) : __real_malloc(size);
		k->blank = blank;
	}
	return k->block;
}

/* Zeroes; what nobody has written to costs nothing. */
static void make_blank(const struct kept *k)
{
	uintptr_t from = ((uintptr_t)k->block + PAGE - 1) & ~(PAGE - 1), end = ((uintptr_t)k->block + k->size) & ~(PAGE - 1);

	if (k->size < BLANK_BY_KERNEL || madvise((void *)from, end - from, MADV_DONTNEED) != 0) {
		memset(k->block, 0, k->size);
		return;
	}
	memset(k->block, 0, from - (uintptr_t)k->block);
	memset((void *)end, 0, (uintptr_t)k->block + k->size - end);
}

void *__wrap_malloc(size_t size)
{
	return size < LARGE_BYTES ? __real_malloc(size) : lend(size, 0);
}

void *__wrap_calloc(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return bytes < LARGE_BYTES ? __real_calloc(count, size) : lend(bytes, 1);
}

void *__wrap_realloc(void *block, size_t size)
{
	struct kept *k = block != NULL ? find(block) : NULL;

	if (k == NULL)
		return block == NULL && size >= LARGE_BYTES ? lend(size, 0) : __real_realloc(block, size);
	void *moved = __wrap_malloc(size);
	if (moved == NULL)
		return NULL;
	memcpy(moved, block, size < k->size ? size : k->size);
	__wrap_free(block);
	return moved;
}

void __wrap_free(void *block)
{
	struct kept *k = find(block);

	if (k == NULL) {
		__real_free(block);
		return;
	}
	if (k->blank)
		make_blank(k);
	ASAN_POISON_MEMORY_REGION(k->block, poisoned_of(k));
	k->next = waiting;
	waiting = k;
}
