/* flow.c -- the flows of the rulebook, and what they allow. */
#include "flow.h"

static const struct flow_step partner_steps[] = {{"prospect", "qualified"},
						 {"prospect", "ended"},
						 {"qualified", "contracted"},
						 {"qualified", "ended"},
						 {"contracted", "onboarding"},
						 {"contracted", "ended"},
						 {"onboarding", "active"},
						 {"onboarding", "ended"},
						 {"active", "exiting"},
						 {"exiting", "active"},
						 {"exiting", "ended"},
						 {"ended", "prospect"},
						 {NULL, NULL}};

const struct flow flow_partner = {"partner", partner_steps};

bool flow_allows(const struct flow *flow, struct text from, struct text to)
{
	if (from.size == 0 || text_equal(from, to))
		return true;
	for (const struct flow_step *step = flow->steps; step->from != NULL; step++)
		if (text_equal(from, text_of(step->from)) && text_equal(to, text_of(step->to)))
			return true;
	return false;
}
