/* on_listing_deviation_detected.c -- an offer outside a corridor may be a case, where we know whose it is. */
#include "channel/channel.h"
#include "channel/conflict.h"
#include "events/orders.h"

void on_listing_deviation_detected(struct turn *turn, const struct listing_deviation_detected *detected)
{
	/* R57: An offer of somebody who is no outlet of the network is no case: there is nobody to talk to. */
	if (detected->has_outlet && detected->has_severity && detected->has_corridor)
		conflict_note(turn, &(struct finding){.kind = CONFLICT_LISTING,
		                                      .severity = severity_rank(detected->severity),
		                                      .outlet = detected->outlet,
		                                      .rule = detected->corridor,
		                                      .rule_version = detected->corridor_version,
		                                      .counterpart = detected->platform});
}
