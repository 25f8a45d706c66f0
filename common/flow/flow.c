/* flow.c -- the flows, and what they allow. */
#include "flow/flow.h"

#include <stddef.h>

#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}
#define STEPS(...)                                                                                                                             \
	(const struct flow_step[])                                                                                                             \
	{                                                                                                                                      \
		__VA_ARGS__, {NULL, NULL, NULL}                                                                                                \
	}

const struct flow flow_partner = {
    .name = "partner",
    .rule = "partners R18",
    .states = WORDS("prospect", "qualified", "contracted", "onboarding", "active", "exiting", "ended"),
    .rests = WORDS("active", "ended"),
    .steps = STEPS({"prospect", NULL, "qualified"}, {"prospect", NULL, "ended"}, {"qualified", NULL, "contracted"}, {"qualified", NULL, "ended"},
		   {"contracted", NULL, "onboarding"}, {"contracted", NULL, "ended"}, {"onboarding", NULL, "active"}, {"onboarding", NULL, "ended"},
		   {"active", NULL, "exiting"}, {"exiting", NULL, "active"}, {"exiting", NULL, "ended"}, {"ended", NULL, "prospect"}),
};

const struct flow flow_conflict = {
    .name = "conflict",
    .rule = "partners R50",
    .states = WORDS("opened", "assigned", "decided", "appealed", "closed"),
    .rests = WORDS("closed"),
    .steps = STEPS({"opened", "assign", "assigned"}, {"opened", "close", "closed"}, {"assigned", "assign", "assigned"},
		   {"assigned", "decide", "decided"}, {"decided", "appeal", "appealed"}, {"decided", "close", "closed"},
		   {"appealed", "assign", "appealed"}, {"appealed", "decide", "decided"}),
};

const struct flow flow_shipment = {
    .name = "shipment",
    .rule = "logistics R9",
    .states = WORDS("planned", "picked", "dispatched", "delivered", "received"),
    .rests = WORDS("received"),
    .steps = STEPS({"planned", NULL, "picked"}, {"planned", NULL, "dispatched"}, {"picked", NULL, "dispatched"},
		   {"dispatched", NULL, "delivered"}, {"dispatched", NULL, "received"}, {"delivered", NULL, "received"}),
};

/* What waits for credit is held before it is accepted; goods, the invoice (发票) and the payment follow what was accepted. The invoice may go with
 * the goods; what is paid before both are there is prepaid (款到发货), whenever that is. */
const struct flow flow_order = {
    .name = "order",
    .rule = "orders R73",
    .states = WORDS("placed", "held", "accepted", "rejected", "cancelled", "allocated", "shipped", "received", "invoiced", "paid", "prepaid"),
    .rests = WORDS("rejected", "cancelled", "received", "paid"),
    .steps = STEPS({"placed", NULL, "accepted"}, {"placed", NULL, "rejected"}, {"placed", NULL, "held"}, {"rejected", NULL, "placed"},
		   {"held", NULL, "accepted"}, {"held", NULL, "rejected"}, {"held", NULL, "cancelled"}, {"accepted", NULL, "held"},
		   {"accepted", NULL, "cancelled"}, {"accepted", NULL, "allocated"}, {"allocated", NULL, "cancelled"}, {"allocated", NULL, "shipped"},
		   {"shipped", NULL, "received"}, {"shipped", NULL, "invoiced"}, {"invoiced", NULL, "received"}, {"received", NULL, "invoiced"},
		   {"invoiced", NULL, "paid"}, {"received", NULL, "paid"}, {"accepted", NULL, "prepaid"}, {"allocated", NULL, "prepaid"},
		   {"shipped", NULL, "prepaid"}, {"received", NULL, "prepaid"}, {"invoiced", NULL, "prepaid"}, {"prepaid", NULL, "allocated"},
		   {"prepaid", NULL, "shipped"}, {"prepaid", NULL, "received"}, {"prepaid", NULL, "invoiced"}),
    .is_once = true,
};

const struct flow flow_restock = {
    .name = "restock",
    .rule = "inventory R18",
    .states = WORDS("requested", "planned", "dispatched", "received", "cancelled"),
    .rests = WORDS("received", "cancelled"),
    .steps = STEPS({"requested", NULL, "planned"}, {"requested", NULL, "cancelled"}, {"planned", NULL, "dispatched"},
		   {"planned", NULL, "cancelled"}, {"dispatched", NULL, "received"}),
    .is_once = true,
};

const struct flow flow_ticket = {
    .name = "ticket",
    .rule = "partners R201",
    .states = WORDS("opened", "assigned", "escalated", "resolved", "reopened", "closed"),
    .rests = WORDS("closed"),
    .steps = STEPS({"opened", "assign", "assigned"}, {"opened", "escalate", "escalated"}, {"opened", "close", "closed"},
		   {"assigned", "assign", "assigned"}, {"assigned", "escalate", "escalated"}, {"assigned", "resolve", "resolved"},
		   {"escalated", "assign", "assigned"}, {"escalated", "resolve", "resolved"}, {"resolved", "reopen", "reopened"},
		   {"resolved", "close", "closed"}, {"reopened", "assign", "assigned"}, {"reopened", "escalate", "escalated"},
		   {"closed", "reopen", "reopened"}),
};

const struct flow flow_action_item = {
    .name = "action_item",
    .rule = "partners R178",
    .states = WORDS("assigned", "closed"),
    .rests = WORDS("closed"),
    .steps = STEPS({"assigned", "assign", "assigned"}, {"assigned", "close", "closed"}, {"closed", "assign", "assigned"}),
};

const struct flow flow_meeting = {
    .name = "meeting",
    .rule = "partners R176",
    .states = WORDS("planned", "held", "cancelled"),
    .rests = WORDS("held", "cancelled"),
    .steps = STEPS({"planned", NULL, "held"}, {"planned", NULL, "cancelled"}, {"cancelled", NULL, "planned"}),
};

/* From the amount on that a fund says, a first approval endorses a claim and a second one approves it. */
const struct flow flow_claim = {
    .name = "claim",
    .rule = "partners R162",
    .states = WORDS("opened", "endorsed", "approved", "rejected", "settled"),
    .rests = WORDS("rejected", "settled"),
    .steps = STEPS({"opened", NULL, "endorsed"}, {"opened", "approve", "approved"}, {"opened", "reject", "rejected"},
		   {"endorsed", "approve", "approved"}, {"endorsed", "reject", "rejected"}, {"approved", "settle", "settled"}),
};

/* A result that is replaced opens again what it had done; with other words it is assigned anew, wherever it was. */
const struct flow flow_enrolment = {
    .name = "enrolment",
    .rule = "partners R191",
    .states = WORDS("assigned", "completed", "withdrawn"),
    .rests = WORDS("completed", "withdrawn"),
    .steps = STEPS({"assigned", "assign", "assigned"}, {"assigned", "complete", "completed"}, {"assigned", "withdraw", "withdrawn"},
		   {"completed", "complete", "completed"}, {"completed", "reopen", "assigned"}, {"completed", "withdraw", "withdrawn"},
		   {"withdrawn", "assign", "assigned"}, {"withdrawn", "withdraw", "withdrawn"}),
};

const struct flow *const flows[] = {&flow_partner, &flow_conflict, &flow_shipment, &flow_order, &flow_restock,
				    &flow_ticket, &flow_action_item, &flow_meeting, &flow_claim, &flow_enrolment, NULL};

int flow_find(struct text name)
{
	for (int i = 0; flows[i] != NULL; i++)
		if (text_equal(name, text_of(flows[i]->name)))
			return i;
	return -1;
}

static int word_find(const char *const *words, struct text word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (text_equal(word, text_of(words[i])))
			return i;
	return -1;
}

int flow_state(const struct flow *flow, struct text state)
{
	return word_find(flow->states, state);
}

bool flow_rests(const struct flow *flow, struct text state)
{
	return word_find(flow->rests, state) >= 0;
}

unsigned flow_states(const struct flow *flow)
{
	unsigned count = 0;

	while (flow->states[count] != NULL)
		count++;
	return count;
}

bool flow_leads(const struct flow *flow, struct text from, struct text to)
{
	for (const struct flow_step *step = flow->steps; step->from != NULL; step++)
		if (text_equal(from, text_of(step->from)) && text_equal(to, text_of(step->to)))
			return true;
#if defined(MUTANT_ANY_STEP)
	return true;
#endif
	return false;
}

const char *flow_next(const struct flow *flow, struct text from, struct text word)
{
	for (const struct flow_step *step = flow->steps; step->from != NULL; step++)
		if (step->step != NULL && text_equal(from, text_of(step->from)) && text_equal(word, text_of(step->step)))
			return step->to;
	return NULL;
}
