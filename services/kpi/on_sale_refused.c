/* on_sale_refused.c -- nothing was sold, but the till is alive. */
#include "till.h"

#include "count.h"
#include "metric.h"
#include "process.h"

/* R23: A refused ticket counts nothing, but its till has been heard. */
void on_sale_refused(struct turn *turn, const struct sale_refused *refused)
{
	heard(turn, 0);
	till_heard(turn, refused->terminal, refused->has_outlet ? refused->outlet : (struct text){0});
	if (refused->has_flow)
		process_breach(turn, &(struct breach){.flow = refused->flow,
						      .thing = turn_text(turn, "%.*s/%.*s", TEXT_ARGS(refused->outlet), TEXT_ARGS(refused->receipt)),
						      .outlet = refused->outlet,
						      .from = refused->from_state,
						      .to = refused->to_state,
						      .code = refused->code});
	metric_hear(turn, &sale_refused_type, refused);
}
