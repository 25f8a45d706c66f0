/* on_product_declared.c -- what an SKU is: its pack, its brand, its category. */
#include "events/partners.h"
#include "state.h"

void on_product_declared(struct turn *turn, const struct product_declared *declared)
{
	struct product product = {.pack = declared->has_pack ? declared->pack : quantity_of(0),
	                          .is_service = !declared->goods};

	if (declared->has_brand)
		CODE_PUT(product.brand, declared->brand);
	if (declared->has_category)
		CODE_PUT(product.category, declared->category);
	/* A cost of a currency that nobody knows the decimals of is none. */
	if (declared->has_cost && declared->has_cost_currency && currency_exponent(declared->cost_currency) >= 0) {
		product.cost = declared->cost;
		CODE_PUT(product.currency, declared->cost_currency);
	}
	product_put(turn, declared->sku, &product);
	generation_raise(turn);
}
