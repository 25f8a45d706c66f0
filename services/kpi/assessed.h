/*
 * assessed.h -- what an outlet's goods cost in its last window, as inventory said it.
 */
#ifndef TRIBUTARY_KPI_ASSESSED_H
#define TRIBUTARY_KPI_ASSESSED_H

#include "state.h"

/* struct assessed -- days: numbers, both inclusive. */
struct assessed {
	int64_t from, until;
	struct money sold_cost, mean_stock_cost;
};

_Static_assert(sizeof(struct assessed) == 32, "no padding");

#endif
