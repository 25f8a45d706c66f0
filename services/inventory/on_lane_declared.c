/* on_lane_declared.c -- a way from one place to another, with its time and its cost. */
#include "events/partners.h"
#include "state.h"

void on_lane_declared(struct turn *turn, const struct lane_declared *declared)
{
	struct lane lane = {.lead_minutes = declared->lead_time, .cost = declared->cost};

	CODE_PUT(lane.from, declared->from);
	CODE_PUT(lane.to, declared->to);
	CODE_PUT(lane.currency, declared->currency);
	lane_put(turn, declared->lane, &lane);
	generation_raise(turn);
}
