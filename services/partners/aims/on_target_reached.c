/* on_target_reached.c -- a target is no concern of a meeting any more. */
#include "aims/red.h"
#include "events/kpi.h"

void on_target_reached(struct turn *turn, const struct target_reached *reached)
{
	red_set(turn, reached->target, NULL);
}
