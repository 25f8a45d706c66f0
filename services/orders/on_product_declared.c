/* on_product_declared.c -- what is sold, and whether it lies on a shelf. */
#include "events/partners.h"
#include "state.h"

void on_product_declared(struct turn *turn, const struct product_declared *declared)
{
	struct product product;

	(void)product_get(turn, declared->sku, &product); /* its prices, if any, stay */
	product.is_goods = declared->goods;
	CODE_PUT(product.brand, declared->brand); /* empty where not given */
	CODE_PUT(product.category, declared->category);
	product_put(turn, declared->sku, &product);
	struct warranty warranty = {declared->has_warranty_days ? declared->warranty_days : 0, declared->version};
	warranty_put(turn, declared->sku, &warranty);
}
