/*
 * procure.h -- procurement policies and budgets: when a due restock may be asked for, in which quantity, and whether its budgets allow it.
 *
 * It knows nothing of sources and lanes (supply.h) nor of what is due (rules.h). Where no policy and no budget was ever declared it costs
 * a restock one look, and a sale nothing.
 */
#ifndef TRIBUTARY_INVENTORY_PROCURE_H
#define TRIBUTARY_INVENTORY_PROCURE_H

#include "state.h"

#define BUDGETS_MAX 16	   /* that one restock draws on */
#define HELD_PER_TICK 100 /* looked at again by one tick; the others by the next */

enum source_choice { SOURCE_UPSTREAM, SOURCE_LANDED_COST };
enum method { METHOD_CONTINUOUS, METHOD_PERIODIC, METHOD_VENDOR };

#define BREAKS_MAX 8 /* of a ladder of prices */

struct price_break {
	struct quantity from;
	struct price price;
};

/* struct procure -- a declared policy. Days: numbers, 0: that side is open. */
struct procure {
	struct quantity min_order, multiple; /* 0: none */
	int64_t from, until;
	uint64_t version;
	uint32_t method;   /* enum method */
	uint32_t weekdays; /* of review: bit 0 is Monday */
	uint32_t source;   /* enum source_choice; a row from before sources were chosen ends here */
	uint32_t zero;
	int64_t otif_floor;	 /* basis points; 0: none */
	int64_t defects_ceiling; /* parts per million; NUMBER_MAX: none; a row from before prices had breaks ends here */
	int64_t holding_bp;	 /* what holding goods costs a year */
	char currency[CURRENCY_SIZE]; /* of the breaks */
	uint64_t break_count;
	struct price_break breaks[BREAKS_MAX];
};

/* struct budget -- what restocks may cost, and what they have cost so far. */
struct budget {
	char outlet[CODE_SIZE], category[CODE_SIZE];
	char currency[CURRENCY_SIZE];
	int64_t from, until;
	struct money amount, spent;
	uint64_t version;
};

/* struct held -- why a due restock waits. */
struct held {
	char budget[CODE_SIZE]; /* empty: for its review day */
	uint64_t version;
	struct quantity quantity;
};

#define PROCURE_SIZE_BEFORE 48	/* as it was before sources were chosen */
#define PROCURE_SIZE_UNBROKEN 72 /* as it was before prices had breaks */
_Static_assert(sizeof(struct procure) == PROCURE_SIZE_UNBROKEN + 16 + CURRENCY_SIZE + BREAKS_MAX * sizeof(struct price_break), "no padding");
_Static_assert(sizeof(struct budget) == 112, "no padding");
_Static_assert(sizeof(struct held) == 48, "no padding");

/* struct terms -- what holds for one shelf now. */
struct terms {
	bool any; /* a policy or a budget was declared, of whatever; false: all else is empty */
	char code[CODE_SIZE]; /* of the policy; empty: none */
	struct procure policy;
	int64_t day; /* in the outlet's calendar */
	struct product product;
};

/* terms_of -- the policy that holds for a SKU at a place now. */
struct terms terms_of(struct turn *turn, struct text place, struct text sku);

/* terms_is_review -- whether a policy's restock may be asked for today. */
bool terms_is_review(const struct terms *terms);

/* terms_quantity -- so much as the policy lets it be: at least the least, in whole multiples (else packs). */
struct quantity terms_quantity(const struct terms *terms, struct quantity quantity, struct quantity pack);

/* budgets_allow -- whether every budget has so much left; else the restock is held and, when that is news, said. */
bool budgets_allow(struct turn *turn, const struct terms *terms, struct text place, struct text sku, struct quantity quantity);

/* budgets_fit -- the same without a word and without being held. */
bool budgets_fit(struct turn *turn, const struct terms *terms, struct text place, struct quantity quantity);

/* budgets_charge -- a restock takes its cost from its budgets.   budgets_release -- a part of what was asked will never leave. */
void budgets_charge(struct turn *turn, const struct terms *terms, uint64_t number, const struct restock *restock);
void budgets_release(struct turn *turn, uint64_t number, struct quantity part, struct quantity whole);

/* held_until_review -- it waits for its review day.   held_forget -- it waits no more. */
void held_until_review(struct turn *turn, struct text place, struct text sku);
void held_forget(struct turn *turn, struct text place, struct text sku);

/* procure_declared -- procurement policies or budgets exist from now on. */
void procure_declared(struct turn *turn);

/* method_text -- "continuous", "periodic", "vendor_managed". */
struct text method_text(uint32_t method);

#endif
