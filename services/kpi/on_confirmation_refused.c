/* on_confirmation_refused.c -- a step of a shipment was not taken. */
#include "process.h"

void on_confirmation_refused(struct turn *turn, const struct confirmation_refused *event)
{
	if (event->has_flow)
		process_breach(turn, &(struct breach){.flow = event->flow,
						      .thing = event->shipment,
						      .outlet = event->outlet,
						      .from = event->from_state,
						      .to = event->to_state,
						      .code = event->code});
}
