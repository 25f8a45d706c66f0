/* on_ticket_opened.c -- an after-sales ticket is there. */
#include "process.h"

void on_ticket_opened(struct turn *turn, const struct ticket_opened *event)
{
	process_visit(turn, &flow_ticket, event->ticket, event->outlet, "opened");
}
