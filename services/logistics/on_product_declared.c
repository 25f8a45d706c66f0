/* on_product_declared.c -- in which packs an SKU travels. */
#include "events/partners.h"
#include "state.h"

void on_product_declared(struct turn *turn, const struct product_declared *product)
{
	struct quantity pack = product->has_pack ? product->pack : quantity_of(0);

	ROW_PUT(turn, TABLE_PACK, bytes_of_text(product->sku), &pack);
}
