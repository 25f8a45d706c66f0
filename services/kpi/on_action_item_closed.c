/* on_action_item_closed.c -- what somebody was to do is done. */
#include "process.h"

void on_action_item_closed(struct turn *turn, const struct action_item_closed *event)
{
	process_visit(turn, &flow_action_item, event->action_item, (struct text){0}, "closed");
}
