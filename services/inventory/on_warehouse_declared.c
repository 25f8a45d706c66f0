/* on_warehouse_declared.c -- a warehouse is known: it may be counted, filled and drawn from. */
#include "events/partners.h"
#include "state.h"

void on_warehouse_declared(struct turn *turn, const struct warehouse_declared *warehouse)
{
	place_put(turn, warehouse->warehouse, &(struct place){.kind = PLACE_WAREHOUSE});
	generation_raise(turn);
}
