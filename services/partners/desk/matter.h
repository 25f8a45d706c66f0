/*
 * matter.h -- what somebody has to do by a moment: after-sales tickets, action items. Where it is in its flow, who has it, its time line, its deadline.
 *
 * It knows the flow of a thing and none of what it is about. A thing is found by its flow's name and its own number.
 */
#ifndef TRIBUTARY_PARTNERS_MATTER_H
#define TRIBUTARY_PARTNERS_MATTER_H

#include "flow/flow.h"
#include "state.h"

struct matter {
	int64_t opened_us, due_us; /* due 0: nothing is waited for */
	uint32_t lines, again;	   /* again: how often it was opened once more */
	uint8_t state, sort, has_until, unused[5]; /* state: its place in the flow; sort: the thing's own */
	char outlet[32], handler[64], kind[16], verdict[16], until[16]; /* verdict, until: of its warranty */
};

struct matter_line {
	int64_t time_us;
	char step[16], who[64], event[96], reason[104];
};

bool matter_get(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter);
void matter_put(struct turn *turn, const struct flow *flow, struct text thing, const struct matter *matter);
bool matter_read(struct bytes row, struct matter *matter);
bool matter_line_read(struct bytes row, struct matter_line *line);
struct bytes matter_key(uint8_t key[KEY_SIZE], const struct flow *flow, struct text thing);
struct bytes matter_line_key(uint8_t key[KEY_SIZE], const struct flow *flow, struct text thing, uint32_t number);
struct bytes matter_due_key(uint8_t key[KEY_SIZE], int64_t due_us, const struct flow *flow, struct text thing);

/* matter_state -- its state by its word. */
struct text matter_state(const struct flow *flow, const struct matter *matter);

/* matter_overdue -- whether its deadline has passed and it still is to be done. */
bool matter_overdue(const struct flow *flow, const struct matter *matter);

/* matter_due -- wait until then, in place of what was waited for; 0: wait for nothing. */
void matter_due(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter, int64_t due_us);

/* matter_note -- a line of the time line, of the present input; counts it in the matter, which is put by the caller. */
void matter_note(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter, struct text step, struct text reason);

/* matter_step -- take a step as the flow allows, with its line; false: refused, nothing has changed. */
struct matter_move {
	const struct flow *flow;
	const char *kind; /* of record, for the refusal */
	struct text thing, step, reason;
};
bool matter_step(struct turn *turn, const struct matter_move *move, struct matter *matter);

/* matter_watch -- say which things should have been done by now, each once for each deadline. */
void matter_watch(struct turn *turn, int64_t time_us);

/* ticket_overdue_say -- of a ticket, by the file that knows what it is about. */
void ticket_overdue_say(struct turn *turn, struct text ticket, const struct matter *matter, int64_t due_us);

#endif
