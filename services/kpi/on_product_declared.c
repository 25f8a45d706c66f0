/* on_product_declared.c -- what a SKU is: its category and brand; and what has waited to know. */
#include "category.h"
#include "stock.h"
#include "target.h"

void on_product_declared(struct turn *turn, const struct product_declared *declared)
{
	struct product product;
	struct class class = {0};
	bool known = product_get(turn, declared->sku, &product);

	if (declared->has_category)
		CODE_PUT(class.category, declared->category);
	if (declared->has_brand)
		CODE_PUT(class.brand, declared->brand);
	category_change(turn, declared->sku, &product, !known, &class);
	if (!known) {
		product.aimed = target_names(turn, declared->sku);
		stock_prices_of(turn, declared->sku, &product);
		stock_number(turn, declared->sku, &product);
	}
	product_put(turn, declared->sku, &product);
	if (!known)
		category_release(turn, declared->sku);
}
