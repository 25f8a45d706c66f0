/* on_outlet_declared.c -- who trades, in which tier, in which currency. */
#include "events/partners.h"
#include "state.h"

/* Who supplies it, where that is an outlet: the dealer (经销商) of a shop of the second tier. */
static struct text dealer_of(const struct outlet_declared *declared)
{
	for (uint32_t i = 0; declared->has_upstreams && i < declared->upstreams.count; i++)
		if (declared->upstreams.items[i].has_outlet)
			return declared->upstreams.items[i].outlet;
	return (struct text){0};
}

/* R14: Master data holds from the moment it is heard; tickets before it are judged by what was known then. */
void on_outlet_declared(struct turn *turn, const struct outlet_declared *declared)
{
	struct outlet outlet = {.tier = (int32_t)declared->tier,
	                        .is_closed = declared->has_status &&
	                                     !text_equal(declared->status, TEXT_LITERAL("active")),
	                        .is_own = text_equal(declared->kind, TEXT_LITERAL("own_store")) ||
	                                  text_equal(declared->kind, TEXT_LITERAL("official_site")),
	                        .channel = channel_of(declared->kind),
	                        .has_point = declared->has_latitude && declared->has_longitude,
	                        .latitude = (int32_t)declared->latitude,
	                        .longitude = (int32_t)declared->longitude};

	memcpy(outlet.currency, declared->currency.data, sizeof(outlet.currency));
	CODE_PUT(outlet.area, declared->area); /* empty where not given */
	CODE_PUT(outlet.dealer, dealer_of(declared));
	outlet_put(turn, declared->outlet, &outlet);
}
