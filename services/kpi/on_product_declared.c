/* on_product_declared.c -- what a SKU is: its category; and what has waited to know. */
#include "category.h"
#include "stock.h"

void on_product_declared(struct turn *turn, const struct product_declared *declared)
{
	struct product product;
	bool known = product_get(turn, declared->sku, &product);

	category_change(turn, declared->sku, &product, !known,
			declared->has_category ? declared->category : (struct text){0});
	if (!known) {
		stock_prices_of(turn, declared->sku, &product);
		stock_number(turn, declared->sku, &product);
	}
	product_put(turn, declared->sku, &product);
	if (!known)
		category_release(turn, declared->sku);
}
