/* on_claim_opened.c -- an outlet claims something of a fund. */
#include "process.h"

void on_claim_opened(struct turn *turn, const struct claim_opened *event)
{
	process_visit(turn, &flow_claim, event->claim, event->outlet, "opened");
}
