/*
 * flow.h -- a declared state machine: the states of a thing, and from which one may come to which other.
 *
 * A flow is a table; whoever keeps a state asks here before it changes. It does not keep any state.
 */
#ifndef TRIBUTARY_PARTNERS_FLOW_H
#define TRIBUTARY_PARTNERS_FLOW_H

#include "partners.h"

struct flow_step {
	const char *from, *to;
};

/* Where a flow begins, at a state that is not known yet, is anywhere. */
struct flow {
	const char *name;
	const struct flow_step *steps; /* ends with NULL */
};

/* flow_partner -- the stages of a partner. */
extern const struct flow flow_partner;

/* flow_allows -- whether one comes from this state to that one; to stay is allowed, and so is every first state. Texts may be empty: no state. */
bool flow_allows(const struct flow *flow, struct text from, struct text to);

#endif
