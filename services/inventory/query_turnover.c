/* query_turnover.c -- `get turnover`: what went through every shelf in its open window, or, in state closed, in the last one that is over;
   `get stuffing`: those that were pushed more than they can sell. Arguments: outlet, sku, state. */
#include "kernel/engine.h"
#include "kernel/query.h"
#include "score.h"
#include "window.h"

static void row_money(struct query *query, const struct window *window, const struct turnover *turnover, const struct product *product)
{
	int exponent = currency_exponent(CODE_TEXT(product->currency));
	struct money sold, stock;

	if (product->currency[0] == 0 || !money_of_line(window->sold, product->cost, exponent, &sold) ||
	    !money_of_line(turnover->mean_stock, product->cost, exponent, &stock))
		return;
	query_text(query, "currency", CODE_TEXT(product->currency));
	query_int(query, "sold_cost_minor", sold.minor);
	query_int(query, "mean_stock_cost_minor", stock.minor);
}

static void row_window(struct query *query, struct bytes key, const struct window *window)
{
	struct turnover turnover = turnover_of(window);

	query_text(query, "outlet", key_part(key, 0));
	query_text(query, "sku", key_part(key, 1));
	query_int(query, "from_us", window->from_us);
	query_int(query, "until_us", window->until_us);
	query_int(query, "opening_milli", window->opening.milli);
	query_int(query, "received_milli", window->received.milli);
	query_int(query, "sold_milli", window->sold.milli);
	query_int(query, "on_hand_milli", window->closing.milli);
	query_int(query, "mean_stock_milli", turnover.mean_stock.milli);
	if (turnover.has_turns)
		query_int(query, "turns_e4", turnover.turns_e4);
	if (turnover.has_cover)
		query_int(query, "cover_days", turnover.cover_days);
}

static int64_t now_of(struct query *query)
{
	struct bytes row = query_get(query, TABLE_BOOK, bytes_of("now", 3));
	int64_t now_us = 0;

	if (row.size == sizeof(now_us))
		memcpy(&now_us, row.data, sizeof(now_us));
	return now_us;
}

/* What of a shelf is asked for; false: it has no such window. */
static bool window_of(struct query *query, struct bytes key, bool closed, struct window *window)
{
	struct bytes row = query_get(query, TABLE_THROUGHPUT, key);
	struct shelf shelf;
	struct throughput flow;

	if (!throughput_read(row, &flow))
		return false;
	(void)shelf_read(query_get(query, TABLE_SHELF, key), &shelf);
	*window = closed ? flow.closed : window_open(&flow, shelf.stock.on_hand, now_of(query));
	return closed ? flow.closed.until_us != 0 : flow.since_us != 0;
}

static bool is_wanted(const struct query *query, struct bytes key)
{
	struct text outlet = query_argument(query, "outlet"), sku = query_argument(query, "sku");

	return (outlet.size == 0 || text_equal(outlet, key_part(key, 0))) && (sku.size == 0 || text_equal(sku, key_part(key, 1)));
}

static void product_row(struct query *query, struct text sku, struct product *product)
{
	struct bytes row = query_get(query, TABLE_PRODUCT, bytes_of_text(sku));

	*product = (struct product){0};
	if (row.size == sizeof(*product))
		memcpy(product, row.data, sizeof(*product));
}

void query_turnover(struct query *query)
{
	bool closed = text_equal(query_argument(query, "state"), TEXT_LITERAL("closed"));
	struct bytes key;

	(void)query_seek(query, TABLE_THROUGHPUT, query_from(query), &key);
	for (; key.data != NULL; (void)query_next(query, TABLE_THROUGHPUT, &key)) {
		struct turnover turnover;
		struct window window;
		struct product product;

		if (!is_wanted(query, key) || !window_of(query, key, closed, &window))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_window(query, key, &window);
		product_row(query, key_part(key, 1), &product);
		turnover = turnover_of(&window);
		row_money(query, &window, &turnover, &product);
	}
}

void query_stuffing(struct query *query)
{
	struct engine *engine = query_engine(query);
	struct stuffing limits = {engine_setting(engine, SETTING_STUFFING_BP), engine_setting(engine, SETTING_STUFFING_DAYS),
	                          engine_setting(engine, SETTING_WINDOW_DAYS) / 2};
	struct bytes key;

	(void)query_seek(query, TABLE_THROUGHPUT, query_from(query), &key);
	for (; key.data != NULL; (void)query_next(query, TABLE_THROUGHPUT, &key)) {
		struct bytes place = query_get(query, TABLE_PLACE, bytes_of_text(key_part(key, 0)));
		struct window window;

		if (!is_wanted(query, key) || place.size < 4 || place.data[0] != PLACE_OUTLET || !window_of(query, key, true, &window) ||
		    !stuffing_suspected(&window, &limits))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_window(query, key, &window);
	}
}
