/* stock.c -- blocks of balances, and sums that stay equal to balance times price. */
#include "stock.h"

#include "known.h"

enum { PRICES_NONE, PRICES_ONE, PRICES_MANY };

struct block {
	int64_t balances[BLOCK_SKUS];
};

static struct bytes block_key(uint8_t key[KEY_SIZE], struct text place, uint32_t number)
{
	uint8_t block[4];

	number_key(block, number / BLOCK_SKUS);
	return key_pair(key, place, block, sizeof(block));
}

int64_t stock_balance(struct bytes block, uint32_t number)
{
	int64_t balance = 0;

	if (block.size == sizeof(struct block))
		memcpy(&balance, block.data + (number % BLOCK_SKUS) * sizeof(balance), sizeof(balance));
	return balance;
}

struct bytes price_key(uint8_t key[KEY_SIZE], struct text sku, struct text currency, char scope,
		       struct text code)
{
	char rest[3 + 1 + CODE_SIZE] = {0};

	CHECK(currency.size <= 3 && code.size <= CODE_SIZE);
	memcpy(rest, currency.data, currency.size);
	rest[3] = scope;
	if (code.size > 0)
		memcpy(rest + 4, code.data, code.size);
	return key_pair(key, sku, rest, 4 + (size_t)code.size);
}

static bool price_at(const struct price_finder *finder, struct text sku, struct text currency, char scope,
		     struct text code, int64_t *price)
{
	uint8_t key[KEY_SIZE];

	return copy_row(finder->get(finder->context, price_key(key, sku, currency, scope, code)), price,
			sizeof(*price));
}

/* R11: Stock is valued at list price: the outlet's own, else its tier's, else the one for all, in the
   outlet's currency; without a price it is worth nothing, and a negative balance takes away. */
int64_t price_find(const struct price_finder *finder, const struct product *product, struct text sku,
		   struct text place, const struct outlet *outlet)
{
	struct text currency = CODE_TEXT(outlet->currency);
	int64_t price = 0;

	if (product->prices != PRICES_MANY) {
		if (product->prices == PRICES_ONE &&
		    memcmp(product->currency, outlet->currency, CURRENCY_SIZE) == 0)
			price = product->list_e4;
		return price;
	}
	if (!price_at(finder, sku, currency, SCOPE_OUTLET, place, &price) &&
	    !(outlet->tier != 0 &&
	      price_at(finder, sku, currency, SCOPE_TIER, tier_code(outlet->tier), &price)))
		(void)price_at(finder, sku, currency, SCOPE_TOTAL, TOTAL_CODE, &price);
	return price;
}

static struct bytes finder_get(void *turn, struct bytes key)
{
	return turn_get(turn, TABLE_PRICE, key);
}

static int64_t price_now(struct turn *turn, const struct product *product, struct text sku, struct text place,
			 const struct outlet *outlet)
{
	struct price_finder finder = {finder_get, turn};

	return price_find(&finder, product, sku, place, outlet);
}

/* A SKU that is not declared yet has no place in a block: its balance is kept aside, and is worth nothing. */
static int64_t stray_swap(struct turn *turn, struct text place, struct text sku, int64_t on_hand)
{
	uint8_t key_place[KEY_SIZE];
	struct bytes key = key_pair(key_place, sku, place.data, place.size);
	int64_t before;

	row_get(turn, TABLE_STRAY, key, &before, sizeof(before));
	row_put(turn, TABLE_STRAY, key, &on_hand, sizeof(on_hand));
	return before;
}

static int64_t block_swap(struct turn *turn, struct text place, uint32_t number, int64_t on_hand)
{
	uint8_t place_key[KEY_SIZE];
	struct bytes key = block_key(place_key, place, number);
	struct block *block = turn_edit(turn, TABLE_SHELF, key, sizeof(*block));

	if (block == NULL) {
		struct block fresh = {0};

		fresh.balances[number % BLOCK_SKUS] = on_hand;
		row_put(turn, TABLE_SHELF, key, &fresh, sizeof(fresh));
		return 0;
	}
	int64_t before = block->balances[number % BLOCK_SKUS];
	block->balances[number % BLOCK_SKUS] = on_hand;
	return before;
}

static void product_is_stocked(struct turn *turn, struct text sku, const struct product *product)
{
	struct product stocked = *product;

	stocked.stocked = 1;
	product_put(turn, sku, &stocked);
}

void stock_line(struct arrival *arrival, struct text sku, int64_t on_hand)
{
	struct turn *turn = arrival->turn;
	const struct product *product = product_look(turn, sku);
	int64_t before, delta, price = 0;

	if (product != NULL) {
		price = price_now(turn, product, sku, arrival->place, &arrival->outlet);
		before = block_swap(turn, arrival->place, product->number, on_hand);
		if (!product->stocked)
			product_is_stocked(turn, sku, product);
	} else {
		before = stray_swap(turn, arrival->place, sku, on_hand);
	}
	delta = shown((wide)on_hand - before);
	level_move(&arrival->goods, delta, (wide)delta * price, turn_input(turn)->time_us);
	/* R7: A line of goods that a sale takes from a shelf is served when the balance stays at zero or
	   above, else short; a balance that falls from above zero to zero or below is a stock-out. */
	arrival->measures.lines += arrival->is_sale;
	arrival->measures.short_lines += arrival->is_sale && on_hand < 0;
	arrival->measures.stock_outs += stock_runs_out(before, on_hand);
}

void stock_prices_of(struct turn *turn, struct text sku, struct product *product)
{
	uint8_t key[KEY_SIZE];
	size_t prefix = key_pair(key, sku, NULL, 0).size;
	struct walk walk;

	product->prices = PRICES_NONE;
	product->list_e4 = 0;
	memset(product->currency, 0, CURRENCY_SIZE);
	walk_begin(&walk, turn, TABLE_PRICE, bytes_of(key, prefix));
	while (product->prices != PRICES_MANY && walk_next(&walk)) {
		bool is_for_all = walk.key.data[prefix + 3] == SCOPE_TOTAL;

		product->prices = product->prices == PRICES_NONE && is_for_all ? PRICES_ONE : PRICES_MANY;
		memcpy(&product->list_e4, walk.value.data, sizeof(product->list_e4));
		memcpy(product->currency, walk.key.data + prefix, 3);
	}
	if (product->prices == PRICES_MANY) {
		product->list_e4 = 0;
		memset(product->currency, 0, CURRENCY_SIZE);
	}
}

/* Adds to an outlet's sums what its balance of one product is worth, times sign. */
static void revalue(struct turn *turn, struct text place, const struct outlet *outlet, struct text sku,
		    const struct product *product, int sign)
{
	uint8_t key[KEY_SIZE];
	int64_t balance = stock_balance(turn_get(turn, TABLE_SHELF, block_key(key, place, product->number)),
					product->number);
	struct level goods = {.value = (wide)sign * balance * price_now(turn, product, sku, place, outlet)};

	if (goods.value != 0)
		count_outlet(turn, place, outlet, 0, NULL, &goods);
}

static void revalue_everywhere(struct turn *turn, struct text sku, const struct product *product, int sign)
{
	struct outlet outlet;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_OUTLET, bytes_of(NULL, 0));
	while (product->stocked && walk_next(&walk))
		if (copy_row(walk.value, &outlet, sizeof(outlet)))
			revalue(turn, (struct text){(const char *)walk.key.data, (uint32_t)walk.key.size},
				&outlet, sku, product, sign);
}

void stock_price(struct turn *turn, struct text sku, struct bytes key, int64_t list_e4)
{
	struct product product;
	bool known = product_get(turn, sku, &product);

	if (known)
		revalue_everywhere(turn, sku, &product, -1);
	row_put(turn, TABLE_PRICE, key, &list_e4, sizeof(list_e4));
	if (!known)
		return;
	stock_prices_of(turn, sku, &product);
	product_put(turn, sku, &product);
	revalue_everywhere(turn, sku, &product, 1);
}

void stock_number(struct turn *turn, struct text sku, struct product *product)
{
	uint8_t number[4], key[KEY_SIZE];
	struct book book = book_get(turn);
	struct walk walk;
	int64_t balance;

	product->number = ++book.products;
	book_put(turn, &book);
	row_put(turn, TABLE_NUMBER, number_key(number, product->number), sku.data, sku.size);
	walk_begin(&walk, turn, TABLE_STRAY, key_pair(key, sku, NULL, 0));
	while (walk_next(&walk)) {
		struct text place = {(const char *)walk.key.data + sku.size + 1,
				     (uint32_t)(walk.key.size - sku.size - 1)};
		struct outlet outlet;

		copy_row(walk.value, &balance, sizeof(balance));
		turn_del(turn, TABLE_STRAY, walk.key);
		outlet_get(turn, place, &outlet);
		(void)block_swap(turn, place, product->number, balance);
		product->stocked = 1; /* put by the caller */
		revalue(turn, place, &outlet, sku, product, 1);
	}
}

/* What all balances of an outlet are worth to it. */
static wide outlet_value(struct turn *turn, struct text place, const struct outlet *outlet)
{
	uint8_t key[KEY_SIZE], number[4];
	struct product product;
	char sku[CODE_SIZE];
	struct block block;
	struct walk walk;
	wide value = 0;

	walk_begin(&walk, turn, TABLE_SHELF, key_pair(key, place, NULL, 0));
	while (walk_next(&walk)) {
		uint32_t first = number_of_key(walk.key.data + walk.key.size - 4) * BLOCK_SKUS;

		copy_row(walk.value, &block, sizeof(block));
		for (uint32_t i = 0; i < BLOCK_SKUS; i++) {
			if (block.balances[i] == 0)
				continue;
			struct bytes found = turn_get(turn, TABLE_NUMBER, number_key(number, first + i));
			CODE_PUT(sku, ((struct text){(const char *)found.data, (uint32_t)found.size}));
			if (product_get(turn, CODE_TEXT(sku), &product))
				value += (wide)block.balances[i] *
					 price_now(turn, &product, CODE_TEXT(sku), place, outlet);
		}
	}
	return value;
}

/* The days that were kept apart while the outlet was not declared join those of its tier and its currency. */
static void days_settle(struct turn *turn, struct text place, const struct outlet *outlet)
{
	uint8_t prefix[KEY_SIZE];
	size_t size = measure_key(prefix, SCOPE_OUTLET, place, CURRENCY_UNKNOWN, 0).size - 4;
	struct standing standing = {0};
	struct measure_parts parts;
	struct measures day;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_MEASURE, bytes_of(prefix, size));
	while (walk_next(&walk)) {
		CHECK(measure_parts(walk.key, &parts));
		if (parts.day == 0) {
			copy_row(walk.value, &standing, sizeof(standing));
		} else {
			if (!copy_row(walk.value, &day, sizeof(day)))
				day = standing.today;
			count_outlet(turn, place, outlet, parts.day, &day, NULL);
		}
		turn_del(turn, TABLE_MEASURE, walk.key);
	}
	known_forget(turn);
}

static struct level outlet_level(struct turn *turn, struct text place, const struct outlet *outlet)
{
	uint8_t key[KEY_SIZE];
	struct standing standing;

	row_get(turn, TABLE_MEASURE, measure_key(key, SCOPE_OUTLET, place, CODE_TEXT(outlet->currency), 0),
		&standing, sizeof(standing));
	return standing.stock;
}

/* R13: When an outlet is declared in another tier or currency its stock moves there at the prices that count
   there; what was measured until then stays. */
void stock_outlet(struct turn *turn, struct text place, const struct outlet *outlet)
{
	struct outlet before;
	bool known = outlet_get(turn, place, &before);
	struct level level = outlet_level(turn, place, &before), gone = {0};

	outlet_put(turn, place, outlet);
	if (known && before.tier == outlet->tier &&
	    memcmp(before.currency, outlet->currency, CURRENCY_SIZE) == 0)
		return;
	if (level.since_us != 0) {
		level_add(&gone, &level, -1);
		count_outlet(turn, place, &before, 0, NULL, &gone);
		level.value = outlet_value(turn, place, outlet);
		count_outlet(turn, place, outlet, 0, NULL, &level);
	}
	if (!known)
		days_settle(turn, place, outlet);
}
