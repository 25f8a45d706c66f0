/* on_carrier_declared.c -- what a carrier loads and costs. */
#include "events/partners.h"
#include "state.h"

void on_carrier_declared(struct turn *turn, const struct carrier_declared *declared)
{
	struct carrier carrier = {.capacity = declared->capacity,
	                          .per_stop = declared->cost_per_stop,
	                          .per_km = declared->cost_per_km};

	CODE_PUT(carrier.currency, declared->currency);
	ROW_PUT(turn, TABLE_CARRIER, bytes_of_text(declared->carrier), &carrier);
}
