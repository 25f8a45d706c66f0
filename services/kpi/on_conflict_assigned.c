/* on_conflict_assigned.c -- somebody has a case; one that was appealed against stays so. */
#include "process.h"

void on_conflict_assigned(struct turn *turn, const struct conflict_assigned *event)
{
	bool stays = event->has_state && text_equal(event->state, TEXT_LITERAL("appealed"));

	process_visit(turn, &flow_conflict, event->conflict, event->outlet, stays ? "appealed" : "assigned");
}
