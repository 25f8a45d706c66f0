/* on_submission_refused.c -- a step of what staff moves was not taken. */
#include "process.h"

void on_submission_refused(struct turn *turn, const struct submission_refused *event)
{
	if (event->has_flow)
		process_breach(turn, &(struct breach){.flow = event->flow,
						      .thing = event->key,
						      .outlet = text_equal(event->flow, text_of(flow_partner.name)) ? event->key : (struct text){0},
						      .from = event->from_state,
						      .to = event->to_state,
						      .code = event->code});
}
