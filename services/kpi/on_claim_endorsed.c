/* on_claim_endorsed.c -- a first person has approved a claim. */
#include "process.h"

void on_claim_endorsed(struct turn *turn, const struct claim_endorsed *event)
{
	process_visit(turn, &flow_claim, event->claim, event->outlet, "endorsed");
}
