/* on_ticket_reopened.c -- a ticket was not resolved after all. */
#include "process.h"

void on_ticket_reopened(struct turn *turn, const struct ticket_reopened *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "reopened");
}
