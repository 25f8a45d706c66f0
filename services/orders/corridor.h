/*
 * corridor.h -- which price and which corridor count for a price that was asked, and what they say of it.
 *
 * Rows in, a verdict out. It says nothing and refuses nothing: ticket.c and on_observation_declared.c do.
 */
#ifndef TRIBUTARY_ORDERS_CORRIDOR_H
#define TRIBUTARY_ORDERS_CORRIDOR_H

#include "rules.h"

/* Where and when a price was asked. Outlet empty, tier 0: nobody of the network. */
struct asked {
	struct text outlet, currency, sku, area; /* area: where the outlet is */
	int64_t tier, day;
	bool is_own;
	uint64_t scopes; /* scopes_seen */
	struct price price;
	struct rule_memo *memo; /* of the ticket that the lines belong to; NULL: each is looked up */
};

#define RULE_SORTS 32 /* of scopes: rule_sort */

/* Corridors for all goods: what was found for one line of a ticket holds for the others. By sort of scope; a bit each. */
struct rule_memo {
	uint32_t asked, found;
	struct rule rules[RULE_SORTS];
	char codes[RULE_SORTS][CODE_SIZE];
};

/* What is said of a price outside. The bounds are those that counted. */
struct verdict {
	struct corridor bounds;
	int64_t deviation_bp, rule_version; /* 0: no corridor record counted */
	enum corridor_mode mode;
	enum severity severity;
	struct text corridor; /* its code; borrows from the turn */
};

/* corridor_judge -- whether a price is outside; the verdict then.   owns  a code taken from the turn. */
bool corridor_judge(struct turn *turn, const struct asked *asked, const struct product *product,
                    struct verdict *verdict);

/* Words of the schema and back; a word that is not known is the mildest. */
enum corridor_mode corridor_mode_of(struct text word);
enum severity severity_of(struct text word);
struct text corridor_mode_text(enum corridor_mode mode);
struct text severity_text(enum severity severity);

#endif
