/*
 * corridor.h -- which price and which corridor count for a price that was asked, and what they say of it.
 *
 * Rows in, a verdict out. It says nothing and refuses nothing: ticket.c and on_observation_declared.c do.
 */
#ifndef TRIBUTARY_ORDERS_CORRIDOR_H
#define TRIBUTARY_ORDERS_CORRIDOR_H

#include "promotion.h"

/* What is said of a price outside. The bounds are those that counted. */
struct verdict {
	struct corridor bounds;
	int64_t deviation_bp, rule_version; /* 0: no corridor record counted */
	enum corridor_mode mode;
	enum severity severity;
	struct text corridor; /* its code; borrows from the turn */
	struct offer offer;   /* the promotion that counts, also for a price inside */
};

/* corridor_judge -- whether a price is outside; the verdict then, and its offer in any case.   owns  codes taken from the turn. */
bool corridor_judge(struct turn *turn, const struct asked *asked, const struct product *product,
                    struct verdict *verdict);

/* mode_for -- what a rule does where it meets an own store (一网) or a reseller. */
enum corridor_mode mode_for(enum corridor_mode mode, bool resellers, bool is_own);
/* corridor_list -- the list price that counts for what was asked; false: there is none. */
bool corridor_list(struct turn *turn, const struct asked *asked, const struct product *product, struct price *price);

/* Words of the schema and back; a word that is not known is the mildest. */
enum corridor_mode corridor_mode_of(struct text word);
enum severity severity_of(struct text word);
struct text corridor_mode_text(enum corridor_mode mode);
struct text severity_text(enum severity severity);

#endif
