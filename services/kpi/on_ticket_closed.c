/* on_ticket_closed.c -- a ticket is done. */
#include "process.h"

void on_ticket_closed(struct turn *turn, const struct ticket_closed *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "closed");
}
