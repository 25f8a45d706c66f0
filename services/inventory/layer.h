/*
 * layer.h -- how old what lies on a shelf is (库龄): receipts as layers, the first in taken to be the first out.
 *
 * A sale does not touch them: what is on hand is what came last. So the layers are read from the newest one backwards until the balance is
 * reached, and what lies before them is older than all of them.
 */
#ifndef TRIBUTARY_INVENTORY_LAYER_H
#define TRIBUTARY_INVENTORY_LAYER_H

#include "movement.h"

#define LAYERS_MAX 12

/* struct layers -- the latest receipts of a shelf, the oldest first. */
struct layers {
	uint64_t count;
	struct {
		int64_t day;
		struct quantity quantity;
	} layer[LAYERS_MAX];
};

_Static_assert(sizeof(struct layers) == 8 + LAYERS_MAX * 16, "layers have no padding");

/* layers_note -- what a movement that is not a sale has brought; before movement_end or movement_say. */
void layers_note(const struct movement *movement);

/* layers_add -- so much came on this day, and so much lies there now.   shape  pure. */
void layers_add(struct layers *layers, int64_t day, struct quantity came, struct quantity on_hand);

enum { AGE_30, AGE_60, AGE_90, AGE_180, AGE_OLDER, AGE_UNKNOWN, AGES };

/* struct ages -- what lies there by its age in days; unknown: from before the first layer. */
struct ages {
	struct quantity quantity[AGES];
	int64_t oldest; /* days; of the layers */
};

/* layers_ages -- of what is on hand, on a day.   shape  pure; the quantities add up to on_hand where that is above zero. */
struct ages layers_ages(const struct layers *layers, struct quantity on_hand, int64_t today);

#endif
