/*
 * count.h -- adding what was heard to the scopes it belongs to.
 *
 * A scope in one currency is one row, struct standing: running sums and the latest day. count_* changes that
 * row, the rows of earlier days, and tells watchers.
 */
#ifndef TRIBUTARY_KPI_COUNT_H
#define TRIBUTARY_KPI_COUNT_H

#include "state.h"

/* struct ticket_line -- what counts of a line of a ticket. */
struct ticket_line {
	struct text sku;
	struct money amount;
	struct quantity units; /* goods only */
};

/* struct ticket -- a sale or a return, or the undoing of one. Borrows from the event. */
struct ticket {
	struct text outlet, terminal, currency;
	struct text person; /* at the till; empty: not said */
	int64_t tier;
	int32_t day;
	uint16_t slot; /* its hour, see hour.h */
	bool is_return, is_void;
	struct money total;
	struct quantity units;
	struct ticket_line *lines;
	uint32_t line_count;
};

/* count_ticket -- everything that a ticket changes. */
void count_ticket(struct turn *turn, const struct ticket *ticket);

/* ticket_measures -- what an amount and a quantity of this ticket add to a scope, as one ticket; negative for
 * a void. */
struct measures ticket_measures(const struct ticket *ticket, struct money amount, struct quantity units);

/* count_scope -- add measures to one scope, and goods (NULL: none) to its level. */
void count_scope(struct turn *turn, char scope, struct text code, struct text currency, int32_t day,
		 const struct measures *add, const struct level *goods);

/* count_sold -- what a ticket adds to one scope, and to its hour there. */
void count_sold(struct turn *turn, const struct book *book, char scope, struct text code, const struct ticket *ticket,
		const struct measures *add);

/* count_outlet -- add to an outlet, and, where it is declared, to its tier and the whole. */
void count_outlet(struct turn *turn, struct text code, const struct outlet *outlet, int32_t day,
		  const struct measures *add, const struct level *goods);

/* heard -- the watermark and the latest business day follow what was heard; day 0: it has none. Returns the
 * book. */
struct book heard(struct turn *turn, int32_t day);

#endif
