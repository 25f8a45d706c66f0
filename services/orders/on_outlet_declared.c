/* on_outlet_declared.c -- who trades, in which tier, in which currency. */
#include "events/partners.h"
#include "state.h"

/* R14: Master data holds from the moment it is heard; tickets before it are judged by what was known then. */
void on_outlet_declared(struct turn *turn, const struct outlet_declared *declared)
{
	struct outlet outlet = {.tier = (int32_t)declared->tier,
	                        .is_closed = declared->has_status &&
	                                     !text_equal(declared->status, TEXT_LITERAL("active"))};

	memcpy(outlet.currency, declared->currency.data, sizeof(outlet.currency));
	outlet_put(turn, declared->outlet, &outlet);
}
