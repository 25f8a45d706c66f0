/* on_price_submitted.c -- staff says what a product costs, and between which prices it may be sold. */
#include "record.h"
#include "rules.h"

#define WINDOWS_MAX 366

static bool price_valid(struct turn *turn, const struct price_submitted *price)
{
	if (!record_currency(turn, TABLE_PRICE, price->sku, price->currency) ||
	    !record_names(turn, TABLE_PRICE, price->sku, TABLE_PRODUCT, price->sku) ||
	    (price->has_outlet && !record_names(turn, TABLE_PRICE, price->sku, TABLE_OUTLET, price->outlet)))
		return false;
	/* R8: A price is for one outlet, for one tier, or for all. */
	if (price->has_outlet && price->has_tier)
		return record_refuse(turn, TABLE_PRICE, price->sku, "bad_scope",
		                     "give an outlet or a tier, not both");
	/* R40: Days of a rule are dates, the first not after the last. */
	if (!record_days(turn, TABLE_PRICE, price->sku, price->has_from, price->from, price->has_until, price->until))
		return false;
	/* R5: A price corridor is ordered and nowhere negative: floor, list, ceiling. */
	return price_ordered(price) ||
	       record_refuse(turn, TABLE_PRICE, price->sku, "bad_corridor",
	                     "floor, list and ceiling are not in this order, or negative");
}

/* R41: A price with a first day is a record of its own; at most 366 of them stand beside the standing one. */
static bool windows_few(struct turn *turn, const struct price_submitted *price, struct bytes key)
{
	size_t prefix = key.size - price->from.size;
	uint8_t at[KEY_SIZE];
	struct bytes found, seek = {at, prefix};
	unsigned others = 0;

	if (record_get(turn, TABLE_PRICE, key).version > 0)
		return true;
	memcpy(at, key.data, prefix);
	for (;;) {
		(void)turn_seek(turn, TABLE_PRICE, seek, &found);
		if (found.data == NULL || found.size < prefix || memcmp(found.data, at, prefix) != 0)
			return true;
		if (++others == WINDOWS_MAX)
			return record_refuse(turn, TABLE_PRICE, price->sku, "too_many_windows",
			                     "%d prices with a first day stand for it already", WINDOWS_MAX);
		memcpy(at, found.data, found.size);
		at[found.size] = 0; /* the next key is behind this one */
		seek = bytes_of(at, found.size + 1);
	}
}

void on_price_submitted(struct turn *turn, const struct price_submitted *price)
{
	uint8_t place[KEY_SIZE];
	char tier[2] = {price->has_tier ? (char)('0' + price->tier) : 0, 0};
	const struct text none = {0};
	const struct text codes[] = {price->sku,
	                             price->has_outlet ? price->outlet : none,
	                             {tier, price->has_tier ? 1 : 0},
	                             price->currency,
	                             price->from};

	if (!price_valid(turn, price))
		return;
	struct bytes key = key_join(place, codes, price->has_from ? 5 : 4);
	if (!price->has_from || windows_few(turn, price, key))
		record_submit(turn, TABLE_PRICE, key, price);
}
