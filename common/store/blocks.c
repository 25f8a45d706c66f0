/*
 * blocks.c -- size classes in steps of 32 bytes up to 1 KiB, then doubling: at most half of a block is air.
 */
#include "store/blocks.h"

#include <stdlib.h>

#include "base/check.h"

#define STEP 32u
#define STEPPED 1024u		/* the largest size that is rounded in steps */
#define SLAB_BYTES (256u << 10)
#define ALONE (SLAB_BYTES / 4)	/* a block this large has a slab of its own */

struct slab {
	struct slab *next;
	_Alignas(16) uint8_t bytes[];
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

static uint8_t *slab_new(struct blocks *blocks, size_t size)
{
	struct slab *slab = malloc(sizeof(*slab) + size);

	if (slab == NULL)
		return NULL;
	slab->next = blocks->slabs;
	blocks->slabs = slab;
	return slab->bytes;
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
	if (*granted > blocks->left) {
		uint8_t *fresh = slab_new(blocks, SLAB_BYTES);

		if (fresh == NULL)
			return NULL;
		blocks->at = fresh;
		blocks->left = SLAB_BYTES;
	}
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
