/* on_partner_stage_changed.c -- a dealer has come a stage further, or back. */
#include "process.h"

void on_partner_stage_changed(struct turn *turn, const struct partner_stage_changed *event)
{
	char stage[CODE_SIZE] = {0};

	CODE_PUT(stage, event->to_stage);
	if (flow_state(&flow_partner, event->to_stage) >= 0)
		process_visit(turn, &flow_partner, event->outlet, event->outlet, stage);
}
