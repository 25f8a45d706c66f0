/* on_lane_declared.c -- a way from a warehouse to an outlet. */
#include "events/partners.h"
#include "state.h"

void on_lane_declared(struct turn *turn, const struct lane_declared *declared)
{
	struct lane lane = {.cost = declared->cost,
	                    .lead_minutes = declared->lead_time,
	                    .metres = declared->has_distance ? declared->distance : -1};

	CODE_PUT(lane.from, declared->from);
	CODE_PUT(lane.to, declared->to);
	if (declared->has_carrier)
		CODE_PUT(lane.carrier, declared->carrier);
	CODE_PUT(lane.currency, declared->currency);
	lane_put(turn, declared->lane, &lane);
}
