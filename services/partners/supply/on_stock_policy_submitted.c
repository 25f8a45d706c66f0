/* on_stock_policy_submitted.c -- staff fixes a reorder point and an order-up-to level. */
#include "record.h"
#include "rules.h"

static bool policy_valid(struct turn *turn, const struct stock_policy_submitted *policy)
{
	struct text key = policy->has_sku        ? policy->sku
	                  : policy->has_category ? policy->category
	                                         : TEXT_LITERAL("-");

	/* R6: A stock policy is for a SKU at an outlet, a SKU, or a category, and orders up to no less than
	 * it reorders at. */
	if (policy->has_sku == policy->has_category || (policy->has_outlet && !policy->has_sku))
		return record_refuse(turn, TABLE_STOCK_POLICY, key, "bad_scope",
		                     "give sku, sku and outlet, or category");
	if ((policy->has_sku && !record_names(turn, TABLE_STOCK_POLICY, key, TABLE_PRODUCT, policy->sku)) ||
	    (policy->has_outlet && !record_names(turn, TABLE_STOCK_POLICY, key, TABLE_OUTLET, policy->outlet)))
		return false;
	return policy->reorder_point.milli <= policy->order_up_to.milli ||
	       record_refuse(turn, TABLE_STOCK_POLICY, key, "bad_levels",
	                     "the reorder point is above the order-up-to level");
}

void on_stock_policy_submitted(struct turn *turn, const struct stock_policy_submitted *policy)
{
	uint8_t key[KEY_SIZE];
	const struct text none = {0};
	const struct text codes[] = {policy->has_sku ? policy->sku : none,
	                             policy->has_outlet ? policy->outlet : none,
	                             policy->has_category ? policy->category : none};

	if (policy_valid(turn, policy))
		record_submit(turn, TABLE_STOCK_POLICY, key_join(key, codes, 3), policy);
}
