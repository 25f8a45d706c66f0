/* on_conflict_appealed.c -- a case is to be decided again. */
#include "process.h"

void on_conflict_appealed(struct turn *turn, const struct conflict_appealed *event)
{
	process_visit(turn, &flow_conflict, event->conflict, event->outlet, "appealed");
}
