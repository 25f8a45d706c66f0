/*
 * fair.h -- published rules by which scarce goods are shared (分货) between the tiers and their outlets.
 *
 * fair_find looks a rule up; share_fairly is arithmetic alone.
 */
#ifndef TRIBUTARY_LOGISTICS_FAIR_H
#define TRIBUTARY_LOGISTICS_FAIR_H

#include "state.h"

#define FAIR_TIERS 2

struct fair {
	int64_t version, from, until; /* days since 1970, both included */
	int64_t reserve_bp[FAIR_TIERS];
	struct quantity minimum;
	uint64_t is_equal;
};

/* Where a rule lies: one of SKU, category and brand at most; warehouse empty: all. */
struct fair_scope {
	struct text sku, category, brand, warehouse;
};

/* fair_place -- put the row of a rule where it now belongs; NULL: take it away. */
void fair_place(struct turn *turn, struct text code, const struct fair_scope *scope, const struct fair *fair);

/* fair_find -- the rule that counts for a SKU at a warehouse on a day; false: none.   owns  a code taken from the turn. */
bool fair_find(struct turn *turn, struct text warehouse, struct text sku, int64_t day, struct fair *fair, struct text *code);

/*
 * share_fairly -- give `available` to the claims by a rule.
 *   shape   as share_scarce; guaranteed and reserved are filled as well.
 */
void share_fairly(const struct fair *fair, struct quantity available, struct quantity unit, struct claim *claims, uint32_t count);

#endif
