/* on_ticket_resolved.c -- what a ticket asked for is done. */
#include "process.h"

void on_ticket_resolved(struct turn *turn, const struct ticket_resolved *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "resolved");
}
