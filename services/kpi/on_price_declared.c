/* on_price_declared.c -- a list price: what lies on the shelves is worth that from now on. */
#include "stock.h"

void on_price_declared(struct turn *turn, const struct price_declared *declared)
{
	uint8_t place[KEY_SIZE];
	char scope = SCOPE_TOTAL;
	struct text code = TOTAL_CODE;

	if (declared->has_from)
		return; /* for a time only: what lies on the shelves is worth its standing price */
	if (declared->has_outlet) {
		scope = SCOPE_OUTLET;
		code = declared->outlet;
	} else if (declared->has_tier) {
		scope = SCOPE_TIER;
		code = tier_code(declared->tier);
	}
	stock_price(turn, declared->sku, price_key(place, declared->sku, declared->currency, scope, code),
		    declared->list.e4);
}
