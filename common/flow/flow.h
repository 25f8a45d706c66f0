/*
 * flow.h -- declared state machines: the states of a thing, by which steps it comes from one to another, and where it may rest.
 *
 * A flow is a table. Whoever keeps a state asks here before it changes; whoever measures how long things stay asks here what the states
 * are. It keeps no state itself. States and steps are words of the schemas; texts may be empty: no state.
 */
#ifndef TRIBUTARY_FLOW_FLOW_H
#define TRIBUTARY_FLOW_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* step is NULL where the state that it leads to says it all. */
struct flow_step {
	const char *from, *step, *to;
};

struct flow {
	const char *name, *rule;	/* rule: where it is written, "partners R50" */
	const char *const *states;	/* ends with NULL; new ones at the end: their places are kept in rows */
	const char *const *rests;	/* ends with NULL: there nobody is waited for */
	const struct flow_step *steps;	/* ends with NULLs */
	bool is_once;			/* a state is come to once: when it is said again, the latest counts */
};

extern const struct flow flow_partner;	   /* stages of a dealer (经销商) */
extern const struct flow flow_conflict;	   /* cases of the conflict desk (协调) */
extern const struct flow flow_shipment;	   /* from planned to received */
extern const struct flow flow_order;	   /* what an outlet orders (订单) */
extern const struct flow flow_restock;	   /* what is procured for a shelf (采购, 补货) */
extern const struct flow flow_ticket;	   /* after sales (售后) */
extern const struct flow flow_action_item; /* what was agreed to be done */
extern const struct flow flow_meeting;
extern const struct flow flow_claim; /* on a fund (核销) */
extern const struct flow flow_enrolment; /* who is to take a course (培训报名) */

/* flows -- all of them, NULL behind the last; new ones at the end.   flow_find -- the place of one by its name, -1: none. */
extern const struct flow *const flows[];
int flow_find(struct text name);

/* flow_states -- how many states it has. */
unsigned flow_states(const struct flow *flow);

/* flow_leads -- whether a step leads from one state to another. */
bool flow_leads(const struct flow *flow, struct text from, struct text to);

/* flow_next -- the state that a step leads to from there; NULL: it cannot be taken. */
const char *flow_next(const struct flow *flow, struct text from, struct text step);

/* flow_state -- the place of a state among the flow's, -1: it has no such state.   flow_rests -- whether a thing may stay there. */
int flow_state(const struct flow *flow, struct text state);
bool flow_rests(const struct flow *flow, struct text state);

#endif
