/*
 * rules.h -- the arithmetic of stock: positions, policies, restock quantities, smoothed demand.
 *
 * Values in, values out: no rows, no turn, no clock, no floating point. Whatever a merchant wants to change
 * about replenishment (补货) is changed here. Quantities are thousandths of the base unit and stay within
 * +-BALANCE_MAX, so that no sum below can leave what an event may carry.
 */
#ifndef TRIBUTARY_INVENTORY_RULES_H
#define TRIBUTARY_INVENTORY_RULES_H

#include "base/units.h"

/* A million million base units; four of them still fit an event's number. */
#define BALANCE_MAX (INT64_C(1) << 50)

/* The most that one restock asks for: a whole wave of such restocks still fits an event's number. */
#define RESTOCK_MAX (BALANCE_MAX / 128)

/* A lead time that stands for "nobody supplies this". */
#define LEAD_NONE UINT32_MAX

/* struct stock -- what is known of the goods of one SKU at one place. */
struct stock {
	struct quantity on_hand;    /* may be negative: sold before it was known to be there */
	struct quantity in_transit; /* left a warehouse, not arrived */
	struct quantity on_order;   /* restocked, not left yet */
	struct quantity reserved;   /* at a warehouse: what open restocks still want from it */
	struct quantity backlog;    /* ordered by the outlet, waiting for the open restock to close */
};

/*
 * stock_position -- what there will be when everything under way has arrived and everything promised has
 * left.
 */
struct quantity stock_position(const struct stock *stock);

/*
 * balance_moved -- the balance after a movement; stops at +-BALANCE_MAX.
 *   units   the movement that took place is the difference of the two balances.
 */
struct quantity balance_moved(struct quantity balance, struct quantity delta);

/* shortfall_begins -- whether a movement takes a balance from zero or above to below zero. */
bool shortfall_begins(struct quantity before, struct quantity after);

/* ---- demand ---- */

/* struct demand -- what the sales of one SKU at one place have taught so far. All zero: never sold. */
struct demand {
	int64_t level;         /* smoothed demand of a day, in millionths of the base unit */
	int64_t deviation;     /* smoothed absolute deviation from it, same unit */
	struct quantity today; /* sold on the open day */
	int32_t day;           /* the open day, days since 1970-01-01; 0: never sold */
	uint32_t days;         /* days closed so far, counted up to the smoothing */
};

/* struct tuning -- the settings that the model uses. */
struct tuning {
	int64_t smoothing_days, safety_percent, review_days, handling_minutes;
};

/*
 * demand_add -- a sale of `sold` on business day `day`.
 *   shape   closes every day before `day`, silent ones included; a day that is closed already counts into
 *           the open one.
 *   units   returns whether the smoothed figures may have changed (a day closed, or the first sale).
 */
bool demand_add(struct demand *demand, int64_t day, struct quantity sold, const struct tuning *tuning);

/*
 * demand_take_back -- a sale of the open day did not happen; an older day's cannot be taken back any more.
 */
void demand_take_back(struct demand *demand, int64_t day, struct quantity sold);

/* ---- policy ---- */

enum policy_origin { POLICY_NONE, POLICY_MASTER, POLICY_COMPUTED, POLICY_ORDER };

/* struct rule -- a stock policy of the master data. */
struct rule {
	struct quantity reorder_point, order_up_to;
	uint64_t version;
};

/* struct supply -- how goods come to a shelf. */
struct supply {
	struct quantity pack;  /* order multiple, > 0 */
	uint32_t lead_minutes; /* of the lane that supplies it; LEAD_NONE: no lane does */
	uint32_t generation;   /* of the master data that all of this was looked up in */
};

/* struct policy -- the two figures that decide about restocks, and where they come from. */
struct policy {
	struct quantity reorder_point, order_up_to;
	uint32_t version;  /* of the rule, or the count of computed policies of this shelf */
	uint32_t computed; /* policies computed for this shelf so far */
	uint32_t origin;   /* enum policy_origin */
	uint32_t zero;
};

/*
 * policy_of -- the policy of a shelf from now on: the rule of the master data where there is one, else
 * computed from its demand.
 *   shape   before is the policy in use: the version rises only when the figures change.
 *   source  SCIENCE of this house: any stronger model replaces the inside of this function and nothing
 *           else.
 */
struct policy policy_of(const struct policy *before, const struct rule *rule, const struct demand *demand,
                        const struct supply *supply, const struct tuning *tuning);

/* policy_text -- "master", "computed", "order", "none". */
struct text policy_text(uint32_t origin);

/* restock_due -- whether the position calls for a restock.   restock_quantity -- how much; 0: nothing. */
bool restock_due(struct quantity position, const struct policy *policy);
struct quantity restock_quantity(struct quantity position, const struct policy *policy,
                                 struct quantity pack);

/* whole_packs -- a quantity rounded up to whole packs, at most RESTOCK_MAX. */
struct quantity whole_packs(struct quantity quantity, struct quantity pack);

/* root_floor -- the integer square root. */
uint64_t root_floor(uint64_t number);

#endif
