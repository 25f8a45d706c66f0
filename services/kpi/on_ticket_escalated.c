/* on_ticket_escalated.c -- a ticket needs more than its handler can do. */
#include "process.h"

void on_ticket_escalated(struct turn *turn, const struct ticket_escalated *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "escalated");
}
