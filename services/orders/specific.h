/*
 * specific.h -- the most specific rule of a family for goods that were asked for somewhere.
 *
 * Rows in, a row out. It does not know what a rule says.
 */
#ifndef TRIBUTARY_ORDERS_SPECIFIC_H
#define TRIBUTARY_ORDERS_SPECIFIC_H

#include "rules.h"
#include "territory.h"

/* Rules for all goods: what was found for one line of a ticket holds for the others. By sort of scope; a bit each. */
struct rule_memo {
	uint32_t asked, found;
	_Alignas(8) uint8_t rows[RULE_SORTS][RULE_BYTES];
	char codes[RULE_SORTS][CODE_SIZE];
};

/* Where and when goods were asked for. Outlet empty, tier 0: nobody of the network. */
struct asked {
	struct text outlet, channel, currency, sku;
	struct somewhere where; /* where the outlet is */
	int64_t tier, day;
	bool is_own;
	struct scopes scopes; /* scopes_seen */
	struct price price;
	struct rule_memo *memos[RULE_FAMILIES]; /* of the ticket that the lines belong to; NULL: each is looked up */
};

/* specific_find -- the row of the most specific rule and its code, which is lent until the next look at rows; false: there is none. */
bool specific_find(struct turn *turn, const struct asked *asked, const struct product *product, enum rule_family family, void *rule,
                   struct text *code);

#endif
