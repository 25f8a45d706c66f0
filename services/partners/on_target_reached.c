/* on_target_reached.c -- a target is no concern of a meeting any more. */
#include "events/kpi.h"
#include "red.h"

void on_target_reached(struct turn *turn, const struct target_reached *reached)
{
	red_set(turn, reached->target, NULL);
}
