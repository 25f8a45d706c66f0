/* rank.c -- the order of what sells, kept as windows are closed. */
#include "rank.h"

#include "score.h"

static struct bytes rank_key(uint8_t key[KEY_SIZE], struct text place, struct text currency, int64_t sold_e4, struct text sku)
{
	struct bytes prefix = key_join(key, (const struct text[]){place, currency, {0}}, 3);

	/* What sold most comes first. */
	put_u64_be(key + prefix.size, ~(uint64_t)sold_e4);
	memcpy(key + prefix.size + RANK_VALUE_SIZE, sku.data, sku.size);
	return bytes_of(key, prefix.size + RANK_VALUE_SIZE + sku.size);
}

int64_t rank_value(struct bytes key, struct text *sku)
{
	size_t at = key_part(key, 0).size + key_part(key, 1).size + 2;

	*sku = (struct text){0};
	if (key.size <= at + RANK_VALUE_SIZE)
		return 0;
	*sku = (struct text){(const char *)key.data + at + RANK_VALUE_SIZE, (uint32_t)(key.size - at - RANK_VALUE_SIZE)};
	return (int64_t)~get_u64_be(key.data + at);
}

struct bytes shared_key(uint8_t key[KEY_SIZE], struct text currency, struct text sku)
{
	return key_join(key, (const struct text[]){currency, sku}, 2);
}

/* R119: The goods of all outlets together are ranked in the same way, by what each outlet sold of them in its last closed window. */
static void share(struct turn *turn, struct text currency, struct text sku, int64_t sold_e4, int64_t shelves)
{
	static const struct text everywhere = {"", 0};
	uint8_t name[KEY_SIZE], key[KEY_SIZE];
	struct bytes at = shared_key(name, currency, sku);
	struct shared shared;

	if (row_get(turn, TABLE_SHARED, at, &shared, sizeof(shared)))
		turn_del(turn, TABLE_RANK, rank_key(key, everywhere, currency, shared.sold_e4, sku));
	shared.shelves += shelves;
	shared.sold_e4 = score_bounded((wide)shared.sold_e4 + sold_e4);
	if (shared.sold_e4 < 0) /* a sum that had stopped at the largest number */
		shared.sold_e4 = 0;
	if (shared.shelves <= 0) {
		turn_del(turn, TABLE_SHARED, at);
		return;
	}
	turn_put(turn, TABLE_SHARED, at, bytes_of(&shared, sizeof(shared)));
	turn_put(turn, TABLE_RANK, rank_key(key, everywhere, currency, shared.sold_e4, sku), bytes_of(NULL, 0));
}

static void rank_forget(struct turn *turn, struct text place, struct text sku, struct throughput *flow)
{
	struct text currency = CODE_TEXT(flow->currency);
	uint8_t key[KEY_SIZE];

	if (flow->ranked_e4 != 0)
		turn_del(turn, TABLE_RANK, rank_key(key, place, currency, flow->ranked_e4 - 1, sku));
#if !defined(MUTANT_WINDOWS_PILE_UP)
	if (flow->shared_e4 != 0)
		share(turn, currency, sku, 1 - flow->shared_e4, -1);
#endif
	flow->ranked_e4 = flow->shared_e4 = 0;
}

/* R104: The goods of an outlet are ranked by what they sold in the last closed window at their cost: those that begin within the first 80 %
   of it are A, within 95 % B, the others C. */
void rank_note(struct turn *turn, struct text place, struct text sku, struct throughput *flow)
{
	struct product product;
	uint8_t key[KEY_SIZE];

	rank_forget(turn, place, sku, flow);
	product_get(turn, sku, &product);
	if (product.currency[0] == 0)
		return;
	int64_t value = flow->closed.sold.milli > 0 ? score_bounded(score_value(flow->closed.sold, product.cost)) : 0;
	flow->ranked_e4 = value + 1;
	memcpy(flow->currency, product.currency, CURRENCY_SIZE);
	turn_put(turn, TABLE_RANK, rank_key(key, place, CODE_TEXT(flow->currency), value, sku), bytes_of(NULL, 0));
	if (place_get(turn, place).kind != PLACE_OUTLET)
		return;
	flow->shared_e4 = value + 1;
	share(turn, CODE_TEXT(flow->currency), sku, value, 1);
}
