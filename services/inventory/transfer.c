/* transfer.c -- proposing transfers, and closing them. */
#include "transfer.h"

#include "base/when.h"

static struct bytes number_key(uint8_t key[KEY_SIZE], uint64_t number)
{
	put_u64_be(key, number);
	return bytes_of(key, 8);
}

static struct bytes open_key(uint8_t key[KEY_SIZE], const struct transfer *transfer)
{
	return key_join(key, (const struct text[]){CODE_TEXT(transfer->from), CODE_TEXT(transfer->to), CODE_TEXT(transfer->sku)}, 3);
}

static struct bytes end_key(uint8_t key[KEY_SIZE], int64_t expires_us, uint64_t number)
{
	put_u64_be(key, (uint64_t)expires_us);
	put_u64_be(key + 8, number);
	return bytes_of(key, 16);
}

bool transfer_get(struct turn *turn, uint64_t number, struct transfer *transfer)
{
	uint8_t key[KEY_SIZE];

	return row_get(turn, TABLE_TRANSFER, number_key(key, number), transfer, sizeof(*transfer));
}

uint64_t transfer_number(struct text text)
{
	char like[NUMBER_SIZE];

	/* As a restock's number, with another letter. */
	CHECK(text.size > 0 && text.size <= sizeof(like));
	if (text.data[0] != 'X')
		return 0;
	memcpy(like, text.data, text.size);
	like[0] = 'R';
	return restock_number((struct text){like, text.size});
}

struct text transfer_state_text(uint64_t state)
{
	static const char *const names[] = {"proposed", "booked", "expired"};

	CHECK(state < sizeof(names) / sizeof(names[0]));
	return text_of(names[state]);
}

/* R110: An outlet has too much of a SKU when, at the end of a window of at least half its days, it has more than what it sells in the
   setting's days; so much it keeps. */
void surplus_note(struct turn *turn, struct text place, struct text sku, const struct window *window)
{
	struct turnover turnover = turnover_of(window);
	uint8_t key[KEY_SIZE];
	struct bytes at = key_join(key, (const struct text[]){sku, place}, 2);
	int64_t sold = window->sold.milli > 0 ? window->sold.milli : 0, keep = 0;

	if (turnover.days_e2 > 0)
		keep = (int64_t)((wide)sold * turn_setting(turn, SETTING_TRANSFER_DAYS) * 100 / turnover.days_e2);
	if (turnover.days_e2 >= turn_setting(turn, SETTING_WINDOW_DAYS) * 50 && window->closing.milli > keep &&
	    place_get(turn, place).kind == PLACE_OUTLET)
		turn_put(turn, TABLE_SURPLUS, at, bytes_of(&keep, sizeof(keep)));
	else
		turn_del(turn, TABLE_SURPLUS, at);
}

/* struct offer -- the best that was found so far. */
struct offer {
	char from[CODE_SIZE], lane_code[CODE_SIZE];
	struct lane lane;
	struct quantity quantity;
	bool found;
};

/* What an outlet can give of what is wanted, in whole packs. */
static struct quantity spare(struct turn *turn, struct text from, struct text sku, int64_t keep, struct quantity wanted)
{
	uint8_t key[KEY_SIZE];
	struct shelf shelf = shelf_get(turn, shelf_key(key, from, sku));
	int64_t pack = shelf.supply.pack.milli > 0 ? shelf.supply.pack.milli : 1000, left = shelf.stock.on_hand.milli - keep;

	if (left > wanted.milli)
		left = wanted.milli;
	return quantity_of(left > 0 ? left / pack * pack : 0);
}

static void offer_consider(struct turn *turn, struct text from, struct text to, struct quantity quantity, struct offer *offer)
{
	char code[CODE_SIZE];
	struct lane lane;

	if (quantity.milli == 0 || place_get(turn, from).closed != 0 || !lane_between(turn, from, to, &lane, code) ||
	    (offer->found && lane.cost.minor >= offer->lane.cost.minor))
		return;
	offer->found = true;
	offer->lane = lane;
	offer->quantity = quantity;
	CODE_PUT(offer->from, from);
	memcpy(offer->lane_code, code, CODE_SIZE);
}

static void propose(struct turn *turn, const struct offer *offer, struct text to, struct text sku)
{
	uint64_t number = turn_next_seq(turn);
	struct transfer transfer = {.quantity = offer->quantity,
	                            .expires_us = turn_input(turn)->time_us + turn_setting(turn, SETTING_TRANSFER_HOURS) * US_PER_HOUR};
	struct transfer_proposed proposed = {.transfer = turn_text(turn, "X-%llu", (unsigned long long)number),
	                                     .sku = sku,
	                                     .from = CODE_TEXT(offer->from),
	                                     .to = to,
	                                     .lane = CODE_TEXT(offer->lane_code),
	                                     .quantity = offer->quantity,
	                                     .expires = transfer.expires_us};
	struct product product;
	uint8_t key[KEY_SIZE];

	CODE_PUT(transfer.sku, sku);
	CODE_PUT(transfer.from, CODE_TEXT(offer->from));
	CODE_PUT(transfer.to, to);
	product_get(turn, sku, &product);
	proposed.currency = CODE_TEXT(product.currency);
	proposed.has_currency = proposed.currency.size > 0;
	proposed.has_saving = proposed.has_currency && money_of_line(offer->quantity, product.cost, currency_exponent(proposed.currency),
	                                                             &proposed.saving);
	emit_transfer_proposed(turn, &proposed);
	turn_put(turn, TABLE_TRANSFER, number_key(key, number), bytes_of(&transfer, sizeof(transfer)));
	turn_put(turn, TABLE_TRANSFER_OPEN, open_key(key, &transfer), bytes_of(&number, sizeof(number)));
	turn_put(turn, TABLE_TRANSFER_END, end_key(key, transfer.expires_us, number), bytes_of(NULL, 0));
}

/* R111: When an outlet asks for a restock and another one that a lane leads from has too much of the SKU, a transfer of what that can spare,
   in whole packs, is proposed, over the cheapest lane; between two outlets there is at most one open for a SKU. */
void transfer_look(struct turn *turn, struct text place, struct text sku, struct quantity wanted)
{
	uint8_t at[KEY_SIZE], key[KEY_SIZE];
	size_t prefix = key_join(at, (const struct text[]){sku, {0}}, 2).size, size = prefix;
	struct offer offer = {.found = false};
	int64_t keep;

	for (unsigned seen = 0; seen < DONORS_MAX && rows_walk(turn, TABLE_SURPLUS, prefix, at, &size); seen++) {
		struct text from = {(const char *)at + prefix, (uint32_t)(size - 1 - prefix)};
		struct bytes open = key_join(key, (const struct text[]){from, place, sku}, 3);

		if (text_equal(from, place) || !row_get(turn, TABLE_SURPLUS, bytes_of(at, size - 1), &keep, sizeof(keep)))
			continue;
#if defined(MUTANT_PROPOSED_TWICE)
		open = bytes_of("", 1);
#endif
		if (turn_get(turn, TABLE_TRANSFER_OPEN, open).size > 0)
			continue;
		offer_consider(turn, from, place, spare(turn, from, sku, keep, wanted), &offer);
	}
	if (offer.found)
		propose(turn, &offer, place, sku);
}

void transfer_close(struct turn *turn, uint64_t number, struct transfer *transfer, enum transfer_state state)
{
	uint8_t key[KEY_SIZE];

	transfer->state = state;
	turn_put(turn, TABLE_TRANSFER, number_key(key, number), bytes_of(transfer, sizeof(*transfer)));
	turn_del(turn, TABLE_TRANSFER_OPEN, open_key(key, transfer));
	turn_del(turn, TABLE_TRANSFER_END, end_key(key, transfer->expires_us, number));
}

/* R112: A transfer that was not accepted by its moment expires, and that is said. */
void transfers_tick(struct turn *turn, int64_t time_us)
{
	uint8_t at[KEY_SIZE];
	size_t size = 0;

	for (unsigned said = 0; said < TRANSFERS_PER_TICK && rows_walk(turn, TABLE_TRANSFER_END, 0, at, &size); said++) {
		uint64_t number = get_u64_be(at + 8);
		struct transfer transfer;

		if ((int64_t)get_u64_be(at) > time_us || !transfer_get(turn, number, &transfer))
			return;
		transfer_close(turn, number, &transfer, TRANSFER_EXPIRED);
		emit_transfer_expired(turn, &(struct transfer_expired){.transfer = turn_text(turn, "X-%llu", (unsigned long long)number),
		                                                       .sku = CODE_TEXT(transfer.sku),
		                                                       .from = CODE_TEXT(transfer.from),
		                                                       .to = CODE_TEXT(transfer.to),
		                                                       .quantity = transfer.quantity});
	}
}
