/* on_price_declared.c -- between which prices something may be sold, and where. */
#include "events/partners.h"
#include "state.h"

void on_price_declared(struct turn *turn, const struct price_declared *declared)
{
	const struct text anywhere = {0};
	struct corridor corridor = {.has_floor = declared->has_floor,
	                            .floor_e4 = declared->has_floor ? declared->floor.e4 : 0,
	                            .has_ceiling = declared->has_ceiling,
	                            .ceiling_e4 = declared->has_ceiling ? declared->ceiling.e4 : 0,
	                            .version = declared->version};
	struct product product;

	corridor_put(turn, declared->sku, declared->has_outlet ? declared->outlet : anywhere,
	             declared->has_tier ? declared->tier : 0, declared->currency, &corridor);
	if (product_get(turn, declared->sku, &product) && !product.has_prices &&
	    (declared->has_floor || declared->has_ceiling)) {
		product.has_prices = 1;
		product_put(turn, declared->sku, &product);
	}
}
