/* window_round.c -- a window is over: shelf by shelf it is closed, ranked, and looked at for stuffing (压货). */
#include "base/when.h"
#include "rank.h"
#include "score.h"
#include "transfer.h"

/* struct round -- how far the closing of windows has come. */
struct round {
	int64_t window; /* number of the one that all shelves are in */
	uint64_t size;
	uint8_t key[KEY_SIZE]; /* where it goes on; size 0: at the first shelf */
	/* The outlet that it is at, as far as its shelves were closed; in the currency of the first of them that has a cost. */
	char place[CODE_SIZE], currency[CURRENCY_SIZE];
	int64_t from_us, sold_e4, mean_e4;
};

static const char round_name[] = "round";

static void look_for_stuffing(struct turn *turn, struct text place, struct text sku, const struct window *window)
{
	struct stuffing limits = {turn_setting(turn, SETTING_STUFFING_BP), turn_setting(turn, SETTING_STUFFING_DAYS),
	                          turn_setting(turn, SETTING_WINDOW_DAYS) / 2};
	struct turnover turnover = turnover_of(window);

	if (place_get(turn, place).kind != PLACE_OUTLET || !stuffing_suspected(window, &limits))
		return;
	emit_channel_stuffing_suspected(turn, &(struct channel_stuffing_suspected){.outlet = place,
	                                                                           .sku = sku,
	                                                                           .from = window->from_us,
	                                                                           .until = window->until_us,
	                                                                           .sell_in = window->received,
	                                                                           .sell_through = window->sold,
	                                                                           .on_hand = window->closing,
	                                                                           .has_cover_days = turnover.has_cover,
	                                                                           .cover_days = turnover.cover_days,
	                                                                           .limit_bp = limits.ratio_bp,
	                                                                           .limit_days = limits.cover_days});
}

static void said_day(int64_t time_us, int64_t offset_minutes, char day[DAY_TEXT_SIZE])
{
	day_text((time_us + offset_minutes * US_PER_MINUTE) / US_PER_DAY, day);
}

static struct money minor_of(int64_t e4, const char *currency)
{
	int64_t unit = 10000;

	for (int i = currency_exponent(code_text(currency, CURRENCY_SIZE)); i > 0; i--)
		unit /= 10;
	return money_of(divide_half_even(e4, unit));
}

/* R107: When all shelves of an outlet have closed their window, what was sold there and what lay there on average is said at its cost, in
   the currency of the first of its goods that has one. */
static void say_assessed(struct turn *turn, struct round *round, int64_t now_us)
{
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct place place = {.kind = PLACE_UNKNOWN};

	if (round->currency[0] != 0)
		place = place_get(turn, CODE_TEXT(round->place));
	if (place.kind == PLACE_OUTLET) {
		said_day(round->from_us, place.offset_minutes, from);
		said_day(now_us - US_PER_DAY, place.offset_minutes, until);
		emit_stock_assessed(turn, &(struct stock_assessed){.outlet = CODE_TEXT(round->place),
		                                                   .currency = CODE_TEXT(round->currency),
		                                                   .from = text_of(from),
		                                                   .until = text_of(until),
		                                                   .sold_cost = minor_of(round->sold_e4, round->currency),
		                                                   .mean_stock_cost = minor_of(round->mean_e4, round->currency)});
	}
	*round = (struct round){.window = round->window, .size = round->size};
}

static void assess(struct turn *turn, struct text place, struct text sku, const struct window *window, struct round *round)
{
	struct turnover turnover = turnover_of(window);
	struct product product;

	if (round->place[0] != 0 && !text_equal(CODE_TEXT(round->place), place))
		say_assessed(turn, round, window->until_us);
	CODE_PUT(round->place, place);
	product_get(turn, sku, &product);
	if (product.currency[0] == 0)
		return;
	if (round->currency[0] == 0) {
		memcpy(round->currency, product.currency, CURRENCY_SIZE);
		round->from_us = window->from_us;
	}
	if (memcmp(round->currency, product.currency, CURRENCY_SIZE) != 0)
		return;
	if (window->from_us < round->from_us)
		round->from_us = window->from_us;
	round->sold_e4 = score_bounded((wide)round->sold_e4 + score_value(window->sold, product.cost));
	round->mean_e4 = score_bounded((wide)round->mean_e4 + score_value(turnover.mean_stock, product.cost));
}

static int64_t window_number(const struct turn *turn, int64_t time_us)
{
	return time_us / US_PER_DAY / turn_setting(turn, SETTING_WINDOW_DAYS);
}

/* A shelf whose first goods came after the window had begun is in it already. */
static void close_window(struct turn *turn, struct bytes at, int64_t now_us, struct round *round)
{
	struct text place = key_part(at, 0), sku = key_part(at, 1);
	struct shelf shelf = shelf_get(turn, at);
	struct throughput flow;

	throughput_read(turn_get(turn, TABLE_THROUGHPUT, at), &flow);
	if (flow.since_us != 0 && window_number(turn, flow.since_us) == window_number(turn, now_us))
		return;
	if (flow.since_us != 0) {
		flow.closed = window_open(&flow, shelf.stock.on_hand, now_us);
		rank_note(turn, place, sku, &flow);
		assess(turn, place, sku, &flow.closed, round);
		surplus_note(turn, place, sku, &flow.closed);
		look_for_stuffing(turn, place, sku, &flow.closed);
	}
	flow.since_us = now_us;
	flow.opening = shelf.stock.on_hand;
	flow.received_then = flow.received;
	flow.sold_then = window_sold(&flow, shelf.stock.on_hand);
	turn_put(turn, TABLE_THROUGHPUT, at, bytes_of(&flow, sizeof(flow)));
}

void windows_tick(struct turn *turn, int64_t time_us)
{
	struct bytes name = bytes_of(round_name, sizeof(round_name) - 1);
	int64_t window = window_number(turn, time_us);
	struct round round;
	uint8_t at[KEY_SIZE];
	size_t size;

	row_get(turn, TABLE_BOOK, name, &round, sizeof(round));
	if (round.window == window)
		return;
	size = round.size;
	CHECK(size < KEY_SIZE);
	memcpy(at, round.key, size);
	for (unsigned seen = 0; seen < ROUND_PER_TICK; seen++) {
		if (!rows_walk(turn, TABLE_SHELF, 0, at, &size)) {
			say_assessed(turn, &round, time_us);
			round = (struct round){.window = window};
			turn_put(turn, TABLE_BOOK, name, bytes_of(&round, sizeof(round)));
			return;
		}
		close_window(turn, bytes_of(at, size - 1), time_us, &round);
	}
	round.size = size;
	memcpy(round.key, at, size);
	turn_put(turn, TABLE_BOOK, name, bytes_of(&round, sizeof(round)));
}
