/* on_outlet_declared.c -- what an outlet is: its tier, its currency, its calendar. */
#include "stock.h"
#include "territory.h"
#include "till.h"

static bool is_closed(const struct outlet_declared *declared)
{
	return declared->has_status && !text_equal(declared->status, TEXT_LITERAL("active"));
}

void on_outlet_declared(struct turn *turn, const struct outlet_declared *declared)
{
	struct outlet before, outlet = {.offset = (int32_t)declared->tz_offset,
					.tier = (uint32_t)declared->tier,
					.closed = is_closed(declared)};

	CODE_PUT(outlet.currency, declared->currency);
	territory_outlet(turn, declared);
	outlet_get(turn, declared->outlet, &before);
	stock_outlet(turn, declared->outlet, &outlet);
	if (before.tier != outlet.tier || before.closed != outlet.closed)
		till_outlet_changed(turn, declared->outlet);
}
