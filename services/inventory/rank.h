/*
 * rank.h -- what sold most in the last closed windows, of each outlet and of all outlets together (ABC).
 *
 * Rows of the table rank stand in the order of what they sold; those of the network have an empty place.
 */
#ifndef TRIBUTARY_INVENTORY_RANK_H
#define TRIBUTARY_INVENTORY_RANK_H

#include "window.h"

#define RANK_VALUE_SIZE 8

/* struct shared -- what all outlets sold of a SKU in their last closed windows, at cost, and how many shelves that is. */
struct shared {
	int64_t sold_e4;
	int64_t shelves;
};

/* rank_note -- a window of a shelf is closed: it takes its place among the goods of its outlet, and of the network. Changes *flow. */
void rank_note(struct turn *turn, struct text place, struct text sku, struct throughput *flow);

/* rank_value -- what a key of the table rank says: how much was sold at cost; its place, currency and SKU are parts of it. */
int64_t rank_value(struct bytes key, struct text *sku);

/* shared_key -- of the table shared. */
struct bytes shared_key(uint8_t key[KEY_SIZE], struct text currency, struct text sku);

#endif
