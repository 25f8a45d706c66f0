/*
 * conflict_rows.h -- cases and their time lines as rows.
 *
 * The only file that knows their layout. It does not know which step may follow which.
 */
#ifndef TRIBUTARY_PARTNERS_CONFLICT_ROWS_H
#define TRIBUTARY_PARTNERS_CONFLICT_ROWS_H

#include "state.h"

enum conflict_kind { CONFLICT_PRICE, CONFLICT_TERRITORY, CONFLICT_LISTING, CONFLICT_ASSORTMENT,
		     CONFLICT_CUSTOMER, CONFLICT_STOCK, CONFLICT_LEAD, CONFLICT_KINDS };
enum conflict_state { STATE_OPENED, STATE_ASSIGNED, STATE_DECIDED, STATE_APPEALED, STATE_CLOSED, CONFLICT_STATES };
enum conflict_step { STEP_OPEN, STEP_EVIDENCE, STEP_ASSIGN, STEP_DECIDE, STEP_APPEAL, STEP_CLOSE, STEP_OVERDUE, CONFLICT_STEPS };

struct conflict {
	int64_t opened_us, due_us; /* due 0: nothing is waited for */
	int64_t rule_version, penalty;
	uint32_t lines, evidence, more, appeals; /* more: events that are counted and not kept */
	uint8_t kind, state, severity, has_penalty;
	char currency[4], outlet[32], rule[32], counterpart[64], handler[64], decision[16];
	uint8_t found, unused[7]; /* found: the severity that was decided; 0: none */
};

struct conflict_line {
	int64_t time_us;
	uint8_t step, severity, unused[6];
	char who[64], event[96], reason[104];
};

bool conflict_get(struct turn *turn, struct text code, struct conflict *conflict);
void conflict_put(struct turn *turn, struct text code, const struct conflict *conflict);
bool conflict_read(struct bytes row, struct conflict *conflict);
bool conflict_line_read(struct bytes row, struct conflict_line *line);

/* conflict_line_key -- of a line from 1; conflict_line_add -- the next line, of the present input; counts it in the case. */
struct bytes conflict_line_key(uint8_t key[KEY_SIZE], struct text code, uint32_t number);
void conflict_line_add(struct turn *turn, struct text code, struct conflict *conflict, enum conflict_step step, unsigned severity,
                       struct text reason);

/* conflict_line_of -- the same, of another event. */
struct conflict_entry {
	enum conflict_step step;
	unsigned severity;
	struct text event, reason;
};
void conflict_line_of(struct turn *turn, struct text code, struct conflict *conflict, const struct conflict_entry *entry);

/* The ways to find a case: by what it is about, by its deadline, by its rule when it was decided. */
struct bytes open_key(uint8_t key[KEY_SIZE], const struct conflict *conflict);
struct bytes due_key(uint8_t key[KEY_SIZE], int64_t due_us, struct text code);
struct bytes precedent_key(uint8_t key[KEY_SIZE], const struct conflict *conflict, struct text code);

/* evidence_key -- of an event that staff has laid before a case. */
struct bytes evidence_key(uint8_t key[KEY_SIZE], struct text code, struct text event);

/* conflict_due_set -- wait until then, in place of what was waited for; 0: wait for nothing. */
void conflict_due_set(struct turn *turn, struct text code, struct conflict *conflict, int64_t due_us);

/* Words of the schema and back; count is one beyond the last: no such word. */
extern const char *const conflict_kinds[CONFLICT_KINDS];
extern const char *const conflict_states[CONFLICT_STATES];
extern const char *const conflict_steps[CONFLICT_STEPS];
struct text severity_word(unsigned rank); /* rank 1 to 3 */

#endif
