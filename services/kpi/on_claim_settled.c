/* on_claim_settled.c -- a claim is paid. */
#include "process.h"

void on_claim_settled(struct turn *turn, const struct claim_settled *event)
{
	process_visit(turn, &flow_claim, event->claim, event->outlet, "settled");
}
