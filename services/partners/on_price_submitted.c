/* on_price_submitted.c -- staff says what a product costs, and between which prices it may be sold. */
#include "record.h"
#include "rules.h"

static bool price_valid(struct turn *turn, const struct price_submitted *price)
{
	if (!record_currency(turn, TABLE_PRICE, price->sku, price->currency))
		return false;
	if (!record_known(turn, TABLE_PRODUCT, price->sku))
		return record_refuse(turn, TABLE_PRICE, price->sku, "unknown_product",
		                     "product %.*s is not known", TEXT_ARGS(price->sku));
	if (price->has_outlet && !record_known(turn, TABLE_OUTLET, price->outlet))
		return record_refuse(turn, TABLE_PRICE, price->sku, "unknown_outlet",
		                     "outlet %.*s is not known", TEXT_ARGS(price->outlet));
	/* R8: A price is for one outlet, for one tier, or for all. */
	if (price->has_outlet && price->has_tier)
		return record_refuse(turn, TABLE_PRICE, price->sku, "bad_scope",
		                     "give an outlet or a tier, not both");
	/* R5: A price corridor is ordered and nowhere negative: floor, list, ceiling. */
	return price_ordered(price) ||
	       record_refuse(turn, TABLE_PRICE, price->sku, "bad_corridor",
	                     "floor, list and ceiling are not in this order, or negative");
}

void on_price_submitted(struct turn *turn, const struct price_submitted *price)
{
	uint8_t key[KEY_SIZE];
	char tier[2] = {price->has_tier ? (char)('0' + price->tier) : 0, 0};
	const struct text none = {0};
	const struct text codes[] = {price->sku,
	                             price->has_outlet ? price->outlet : none,
	                             {tier, price->has_tier ? 1 : 0},
	                             price->currency};

	if (price_valid(turn, price))
		record_submit(turn, TABLE_PRICE, key_join(key, codes, 4), price);
}
