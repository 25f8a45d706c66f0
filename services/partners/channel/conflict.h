/*
 * conflict.h -- cases of the conflict desk: opened and extended by what orders has found, moved by staff, watched by the clock.
 *
 * A case says that something is to be looked at. It does not judge: people decide, and what they decide is an event.
 */
#ifndef TRIBUTARY_PARTNERS_CONFLICT_H
#define TRIBUTARY_PARTNERS_CONFLICT_H

#include "channel/conflict_rows.h"

/* What a case may be opened for. Texts may borrow from the event. */
struct finding {
	enum conflict_kind kind;
	unsigned severity; /* severity_rank; 0: weighs nothing */
	struct text outlet, rule, counterpart;
	int64_t rule_version;
	struct text event; /* that shows it; empty: the present one */
};

/* conflict_note -- open a case for a finding, or keep it with the one that is open. */
void conflict_note(struct turn *turn, const struct finding *finding);

/* conflict_lay -- the same by staff, however light: an event that is kept with the case already is passed over. */
void conflict_lay(struct turn *turn, const struct finding *finding);

/* conflict_next -- the state that a step leads to; false: the step cannot be taken from there. */
bool conflict_next(enum conflict_state state, enum conflict_step step, enum conflict_state *next);

/* conflict_watch -- say which cases should have been decided by now, each once. */
void conflict_watch(struct turn *turn, int64_t time_us);

#endif
