/* on_ticket_assigned.c -- somebody has a ticket. */
#include "process.h"

void on_ticket_assigned(struct turn *turn, const struct ticket_assigned *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "assigned");
}
