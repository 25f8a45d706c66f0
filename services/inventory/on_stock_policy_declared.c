/* on_stock_policy_declared.c -- the principal sets reorder point and order-up-to level itself. */
#include "events/partners.h"
#include "restock.h"

/* R22: What the master data says takes effect at a shelf's next movement; a stock policy for one SKU at one
   outlet takes effect at once. */
void on_stock_policy_declared(struct turn *turn, const struct stock_policy_declared *policy)
{
	struct rule rule = {.reorder_point = policy->reorder_point,
	                    .order_up_to = policy->order_up_to,
	                    .version = (uint64_t)policy->version};
	static const struct text nothing = {"", 0};

#if defined(MUTANT_FIRST_VERSION)
	rule.version = 1;
#endif
#if !defined(MUTANT_STALE_POLICY)
	generation_raise(turn);
#endif
	if (policy->has_sku && policy->has_outlet) {
		rule_put(turn, 'p', policy->sku, policy->outlet, &rule);
		restock_consider(turn, policy->outlet, policy->sku);
	} else if (policy->has_sku) {
		rule_put(turn, 's', policy->sku, nothing, &rule);
	} else if (policy->has_category && !policy->has_outlet) {
		rule_put(turn, 'c', policy->category, nothing, &rule);
	}
}
