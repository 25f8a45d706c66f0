/* on_product_declared.c -- in which packs an SKU travels, what it is worth on the way, and what it counts among. */
#include "events/partners.h"
#include "state.h"

void on_product_declared(struct turn *turn, const struct product_declared *product)
{
	struct quantity pack = product->has_pack ? product->pack : quantity_of(0);
	struct class class = {0};

	ROW_PUT(turn, TABLE_PACK, bytes_of_text(product->sku), &pack);
	if (product->has_cost && product->has_cost_currency) {
		struct worth worth = {.cost = product->cost};

		CODE_PUT(worth.currency, product->cost_currency);
		ROW_PUT(turn, TABLE_WORTH, bytes_of_text(product->sku), &worth);
	} else {
		turn_del(turn, TABLE_WORTH, bytes_of_text(product->sku));
	}
	CODE_PUT(class.brand, product->brand); /* empty where not given */
	CODE_PUT(class.category, product->category);
	ROW_PUT(turn, TABLE_CLASS, bytes_of_text(product->sku), &class);
}
