/* on_price_declared.c -- between which prices something may be sold, where and when. */
#include "events/partners.h"
#include "state.h"

static void note_at_product(struct turn *turn, const struct price_declared *declared)
{
	struct product product;

	if (!product_get(turn, declared->sku, &product))
		return;
	struct product now = product;
	now.has_list |= declared->has_outlet ? LIST_OF_OUTLET : declared->has_tier ? LIST_OF_TIER : LIST_OF_ALL;
	now.has_prices |= declared->has_floor || declared->has_ceiling;
	now.has_windows |= declared->has_from;
	if (memcmp(&now, &product, sizeof(now)) != 0)
		product_put(turn, declared->sku, &now);
}

void on_price_declared(struct turn *turn, const struct price_declared *declared)
{
	struct price_place place = {.sku = declared->sku,
	                            .outlet = declared->outlet, /* empty where none is given */
	                            .tier = declared->tier,
	                            .currency = declared->currency,
	                            .from = DAY_MIN};
	struct corridor corridor = {.has_floor = declared->has_floor,
	                            .floor_e4 = declared->floor.e4,
	                            .has_ceiling = declared->has_ceiling,
	                            .ceiling_e4 = declared->ceiling.e4,
	                            .has_recommended = declared->has_recommended,
	                            .recommended_e4 = declared->recommended.e4,
	                            .list_e4 = declared->list.e4,
	                            .version = declared->version};

	if (declared->has_from && !day_number(declared->from, &place.from))
		return; /* partners declares none such */
	corridor.has_until = declared->has_until && day_number(declared->until, &corridor.until);
	corridor_put(turn, &place, &corridor);
	note_at_product(turn, declared);
}
