/* on_product_submitted.c -- staff says what is sold. */
#include "rebates/goods.h"
#include "record.h"
#include "rules.h"

void on_product_submitted(struct turn *turn, const struct product_submitted *product)
{
	if (product->has_pack && product->pack.milli <= 0) {
		(void)record_refuse(turn, TABLE_PRODUCT, product->sku, "bad_pack",
		                    "a pack holds more than nothing");
		return;
	}
	/* R263: A product's cost is no less than nothing and has its currency. */
	if (product->has_cost != product->has_cost_currency || (product->has_cost && product->cost.e4 < 0)) {
		(void)record_refuse(turn, TABLE_PRODUCT, product->sku, "bad_cost",
		                    "a cost is no less than nothing and has its currency");
		return;
	}
	if (product->has_cost_currency && !record_currency(turn, TABLE_PRODUCT, product->sku, product->cost_currency))
		return;
	record_submit(turn, TABLE_PRODUCT, bytes_of_text(product->sku), product);
	if (record_known(turn, TABLE_PRODUCT, product->sku))
		goods_declare(turn, product);
}
