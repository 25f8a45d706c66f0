/* on_assortment_breach_detected.c -- goods that may not be sold there may be a case. */
#include "channel/channel.h"
#include "channel/conflict.h"
#include "events/orders.h"

void on_assortment_breach_detected(struct turn *turn, const struct assortment_breach_detected *detected)
{
	/* R71: What may not be sold there weighs what its assortment says; without a severity it weighs nothing. */
	if (detected->has_severity)
		conflict_note(turn, &(struct finding){.kind = CONFLICT_ASSORTMENT,
		                                      .severity = severity_rank(detected->severity),
		                                      .outlet = detected->outlet,
		                                      .rule = detected->assortment,
		                                      .rule_version = detected->assortment_version});
}
