/*
 * ladder.h -- ladders of prices (阶梯价): what a base unit of a restock costs, and whether a quantity is worth rounding up to the next break.
 *
 * Values in, values out, in integers: no rows, no turn. Which ladder holds is procure.h's.
 */
#ifndef TRIBUTARY_INVENTORY_LADDER_H
#define TRIBUTARY_INVENTORY_LADDER_H

#include "procure.h"

/* What became of a quantity below a break. */
enum rise_verdict { RISE_NONE, RISE_ROUNDED_UP, RISE_NOT_WORTH_IT, RISE_UNKNOWN_DEMAND, RISE_OVER_BUDGET };

/* struct rise -- both alternatives. verdict RISE_NONE: there was nothing to weigh, all else is empty. */
struct rise {
	enum rise_verdict verdict;
	struct quantity wanted, rounded;
	struct price wanted_price, rounded_price;
	struct money wanted_cost, rounded_cost, saving, holding;
	struct quantity daily; /* sold a day; 0: nobody knows */
	int64_t days;	       /* that a unit of the surplus lies */
};

/* struct priced -- what a base unit costs. currency empty: it has no cost. */
struct priced {
	struct price price;
	const char *currency; /* belongs to the terms */
};

/* terms_priced -- of a restock of so much.   ladder_weigh -- it and the next break, in whole multiples, else packs; level as in struct demand. */
struct priced terms_priced(const struct terms *terms, struct quantity quantity);
struct rise ladder_weigh(const struct terms *terms, struct quantity wanted, struct quantity pack, int64_t level);

struct text rise_text(enum rise_verdict verdict);

#endif
