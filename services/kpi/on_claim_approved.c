/* on_claim_approved.c -- a claim is approved. */
#include "process.h"

void on_claim_approved(struct turn *turn, const struct claim_approved *event)
{
	process_visit(turn, &flow_claim, event->claim, event->outlet, "approved");
}
