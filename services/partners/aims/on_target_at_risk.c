/* on_target_at_risk.c -- a target will be missed at the present pace. */
#include "aims/red.h"
#include "events/kpi.h"

void on_target_at_risk(struct turn *turn, const struct target_at_risk *risk)
{
	struct red red = {.pace_bp = risk->pace_bp, .attained_bp = risk->attained_bp};

	CODE_PUT(red.outlet, risk->has_outlet ? risk->outlet : (struct text){0});
	red_set(turn, risk->target, &red);
}
