/*
 * blocks.c -- size classes in steps of 32 bytes up to 1 KiB, then doubling: at most half of a block is air.
 */
#include "store/blocks.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/check.h"

#define STEP 32u
#define STEPPED 1024u		/* the largest size that is rounded in steps */
#define SLAB_BYTES (256u << 10)
#define ALONE (SLAB_BYTES / 4)	/* a block this large has a slab of its own */
#define MANY (1u << 20)		/* who has this much is likely to want much more */
#define LARGE_SLAB_BYTES (8u << 20)
#define LARGE_PAGE ((uintptr_t)2 << 20)
#define LINE ((uintptr_t)64)	/* of the processor's cache */

struct slab {
	struct slab *next;
};

struct free_block {
	struct free_block *next;
};

static unsigned class_of(size_t size, size_t *granted)
{
	unsigned class = STEPPED / STEP;

	CHECK(size > 0);
	if (size <= STEPPED) {
		class = (unsigned)((size - 1) / STEP);
		*granted = (size_t)(class + 1) * STEP;
		return class;
	}
	for (*granted = STEPPED * 2; *granted < size; *granted *= 2)
		class++;
	CHECK(class < BLOCKS_CLASSES);
	return class;
}

/* What lies all over much memory is found sooner in large pages; a system that has none says so, and it is as well. */
static void use_large_pages(const uint8_t *bytes, size_t size)
{
	uintptr_t start = ((uintptr_t)bytes + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);

	(void)madvise((void *)start, (uintptr_t)bytes + size - start, MADV_HUGEPAGE);
}

/* From the start of a line on, so that a small block is in as few lines as can be. */
static uint8_t *slab_new(struct blocks *blocks, size_t size)
{
	struct slab *slab = malloc(sizeof(*slab) + LINE + size);

	if (slab == NULL)
		return NULL;
	slab->next = blocks->slabs;
	blocks->slabs = slab;
	blocks->held += size;
	return (uint8_t *)(((uintptr_t)(slab + 1) + LINE - 1) & ~(LINE - 1));
}

static bool cut_from_new(struct blocks *blocks)
{
	size_t size = blocks->held < MANY ? SLAB_BYTES : LARGE_SLAB_BYTES;
	uint8_t *fresh = slab_new(blocks, size);

	if (fresh == NULL)
		return false;
	if (size == LARGE_SLAB_BYTES)
		use_large_pages(fresh, size);
	blocks->at = fresh;
	blocks->left = size;
	return true;
}

void *blocks_take(struct blocks *blocks, size_t size, size_t *granted)
{
	unsigned class = class_of(size, granted);
	struct free_block *given = blocks->free[class];

	if (given != NULL) {
		blocks->free[class] = given->next;
		return given;
	}
	if (*granted >= ALONE)
		return slab_new(blocks, *granted);
	if (*granted > blocks->left && !cut_from_new(blocks))
		return NULL;
	void *block = blocks->at;
	blocks->at += *granted;
	blocks->left -= *granted;
	return block;
}

void blocks_give(struct blocks *blocks, void *block, size_t granted)
{
	size_t same;
	unsigned class = class_of(granted, &same);
	struct free_block *given = block;

	CHECK(same == granted);
	given->next = blocks->free[class];
	blocks->free[class] = given;
}

void blocks_drop(struct blocks *blocks)
{
	for (struct slab *slab = blocks->slabs, *next; slab != NULL; slab = next) {
		next = slab->next;
		free(slab);
	}
	*blocks = (struct blocks){0};
}
