/*
 * known.h -- the book, and the rows of the scopes that were counted at lately in this turn: what counts there next need not look for them.
 *
 * Most tickets of a turn count at the same few scopes. What is known may be forgotten at any moment, for a scope that takes its place;
 * it is looked for again then.
 */
#ifndef TRIBUTARY_KPI_KNOWN_H
#define TRIBUTARY_KPI_KNOWN_H

#include "state.h"

#define KNOWN_CODE_SIZE 30 /* a scope with a longer code is looked for every time */

struct hour;

/* struct known -- a scope on one business day. Its rows are as turn_edit lent them. */
struct known {
	struct standing *standing; /* NULL: not known; else its watchers have been told of it and of the day */
	struct measures *of_day;   /* in the standing when it is its latest day, else in a row of its own; NULL: not known */
	struct hour *hour;	   /* of the slot below; NULL: not known */
	int32_t day;
	uint32_t kind; /* scope and currency */
	uint8_t slot, code_size;
	char code[KNOWN_CODE_SIZE];
};

/*
 * known_scope -- what is known of it, which the caller adds to.   owns  lends until it is asked for another one.
 *   Of a scope one day is known: that of another day, which may become its latest one, takes the place.
 */
struct known *known_scope(struct turn *turn, char scope, struct text code, struct text currency, int32_t day);

/* known_book -- the book where it lies; NULL: it has to be looked for. */
const struct book **known_book(struct turn *turn);

/* known_forget -- rows are deleted: nothing is known any more. */
void known_forget(struct turn *turn);

#endif
