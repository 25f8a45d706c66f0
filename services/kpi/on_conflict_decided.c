/* on_conflict_decided.c -- a case is decided. */
#include "process.h"

void on_conflict_decided(struct turn *turn, const struct conflict_decided *event)
{
	process_visit(turn, &flow_conflict, event->conflict, event->outlet, "decided");
}
