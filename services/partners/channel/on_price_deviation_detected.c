/* on_price_deviation_detected.c -- a price outside a corridor may be a case. */
#include "channel/channel.h"
#include "channel/conflict.h"
#include "events/orders.h"

void on_price_deviation_detected(struct turn *turn, const struct price_deviation_detected *detected)
{
	/* R56: A price weighs what its corridor's ladder says; without a corridor and a ladder it weighs nothing. */
	if (detected->has_severity && detected->has_corridor)
		conflict_note(turn, &(struct finding){.kind = CONFLICT_PRICE,
		                                      .severity = severity_rank(detected->severity),
		                                      .outlet = detected->outlet,
		                                      .rule = detected->corridor,
		                                      .rule_version = detected->corridor_version});
}
