/* on_conflict_closed.c -- a case is done. */
#include "process.h"

void on_conflict_closed(struct turn *turn, const struct conflict_closed *event)
{
	process_visit(turn, &flow_conflict, event->conflict, event->outlet, "closed");
}
