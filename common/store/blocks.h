/*
 * blocks.h -- memory for many small things of mixed sizes: cut from slabs, taken and given back without the
 * heap.
 *
 * A block that is given back serves the next taker of its size class. Slabs return to the heap all at once.
 */
#ifndef TRIBUTARY_STORE_BLOCKS_H
#define TRIBUTARY_STORE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_CLASSES 48

struct blocks {
	struct slab *slabs;
	uint8_t *at;	/* the unused rest of the newest slab */
	size_t left;
	size_t held;	/* bytes of all slabs */
	struct free_block *free[BLOCKS_CLASSES];
};

/*
 * blocks_take -- at least size bytes (1 or more), aligned to 16.
 *   units   *granted: bytes that the block really has.   owns  lends until blocks_give or blocks_drop.
 *   errors  NULL: out of memory.
 */
void *blocks_take(struct blocks *blocks, size_t size, size_t *granted);

/* blocks_give -- take back a block of `granted` bytes. */
void blocks_give(struct blocks *blocks, void *block, size_t granted);

/* blocks_drop -- every block is void, the heap has its slabs back. */
void blocks_drop(struct blocks *blocks);

#endif
