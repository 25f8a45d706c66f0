/* on_claim_rejected.c -- a claim is rejected. */
#include "process.h"

void on_claim_rejected(struct turn *turn, const struct claim_rejected *event)
{
	process_visit(turn, &flow_claim, event->claim, event->outlet, "rejected");
}
