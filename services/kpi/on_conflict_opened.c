/* on_conflict_opened.c -- a case is there. */
#include "process.h"

void on_conflict_opened(struct turn *turn, const struct conflict_opened *event)
{
	process_visit(turn, &flow_conflict, event->conflict, event->outlet, "opened");
}
