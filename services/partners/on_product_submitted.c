/* on_product_submitted.c -- staff says what is sold. */
#include "goods.h"
#include "record.h"
#include "rules.h"

void on_product_submitted(struct turn *turn, const struct product_submitted *product)
{
	if (product->has_pack && product->pack.milli <= 0) {
		(void)record_refuse(turn, TABLE_PRODUCT, product->sku, "bad_pack",
		                    "a pack holds more than nothing");
		return;
	}
	record_submit(turn, TABLE_PRODUCT, bytes_of_text(product->sku), product);
	if (record_known(turn, TABLE_PRODUCT, product->sku))
		goods_declare(turn, product);
}
