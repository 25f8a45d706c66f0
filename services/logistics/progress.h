/*
 * progress.h -- moving a shipment on, as its warehouse and its outlet confirm.
 *
 * A confirmation comes from outside: what does not fit is refused with a code, told to its source and said
 * as confirmation.refused.
 */
#ifndef TRIBUTARY_LOGISTICS_PROGRESS_H
#define TRIBUTARY_LOGISTICS_PROGRESS_H

#include "state.h"

/* struct progress -- a shipment that may take its next step. */
struct progress {
	struct turn *turn;
	struct text name; /* "S-17" */
	uint64_t number;
	struct shipment shipment;
};

/*
 * progress_begin -- find the shipment that the confirmation names and check the step.
 *   shape   place must be the shipment's outlet for what happens there, its warehouse for what happens
 *           before.
 *   errors  returns false after refusing the input: unknown_shipment, foreign_warehouse, foreign_outlet,
 *           illegal_transition.
 */
bool progress_begin(struct progress *progress, struct turn *turn, struct text name, struct text place,
                    enum shipment_state step);

/* progress_refuse -- refuse the present confirmation. code is static text. */
void progress_refuse(struct turn *turn, struct text name, const char *code, struct text message);

/* progress_end -- write the shipment with its new state. */
void progress_end(struct progress *progress, enum shipment_state state);

/* progress_deliver -- the shipment has reached its outlet: say so, and whether the promise was kept. */
void progress_deliver(struct progress *progress);

/* progress_line -- number of the line of a restock; shipment.lines when it is not in the shipment. */
uint32_t progress_line(const struct progress *progress, const struct line *lines, struct text restock);

/* progress_lines -- all lines of the shipment in the turn's memory. */
struct line *progress_lines(const struct progress *progress);

struct text progress_state_text(enum shipment_state state);

#endif
