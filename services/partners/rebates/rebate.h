/*
 * rebate.h -- rebates move: with tickets, with new versions of their schemes, with violations; and every move is said.
 *
 * What a period is due is a function of what it stands on (ladder.h). Here that is carried from one footing to the next, and the
 * difference is said as an accrual or an adjustment, each with its cause, chained by hashes.
 */
#ifndef TRIBUTARY_PARTNERS_REBATE_H
#define TRIBUTARY_PARTNERS_REBATE_H

#include "rebates/goods.h"

/* Why a rebate moves. */
enum cause {
	CAUSE_SALE,
	CAUSE_STEP,
	CAUSE_RETURN,
	CAUSE_VOID,
	CAUSE_LATE,
	CAUSE_POLICY,
	CAUSE_BASE,
	CAUSE_VIOLATION,
	CAUSE_DISPLAY,
	CAUSE_CASE,
	CAUSE_PAYMENT
};

/* struct move -- one entry of a period. Borrows. */
struct move {
	enum cause cause;
	struct text sale; /* empty: it follows from no ticket */
	int32_t day;	  /* of the ticket; 0: none */
	const struct rebate_accrued_line *lines;
	uint32_t line_count;
	int64_t amount;
};

/* rebate_count -- a ticket is heard: the schemes of its outlet count its lines. lines may be of any of the three events. */
void rebate_count(struct turn *turn, struct ticket *ticket, struct text day, const struct sale_recorded_line *lines, uint32_t count);

/* rebate_open -- the standing of a period, made when it is not there yet. */
void rebate_open(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing);

/*
 * rebate_say -- put the standing, with one more entry in its chain, and say what has moved.
 *   shape   the standing holds what the period stands on after the move, its sums as they were before.
 */
void rebate_say(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing, const struct move *move);

/* rebate_settle_footing -- after its basis, base, share or scheme has changed: say the difference, if there is one. */
void rebate_settle_footing(struct turn *turn, const struct place *place, const struct scheme *scheme, struct standing *standing,
			   enum cause cause);

/* rebate_lock -- lock the periods whose end and grace are over, so many at most, those that ended first before the others. */
void rebate_lock(struct turn *turn, int64_t time_us, unsigned most);

/* rebate_footing -- what a standing stands on. */
struct footing rebate_footing(const struct standing *standing);
int64_t rebate_balance(const struct standing *standing);

#endif
