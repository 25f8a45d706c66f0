/* on_action_item_assigned.c -- somebody is to do something. */
#include "process.h"

void on_action_item_assigned(struct turn *turn, const struct action_item_assigned *event)
{
	process_visit(turn, &flow_action_item, event->action_item, (struct text){0}, "assigned");
}
