/* on_stock_changed.c -- goods have moved at an outlet: its stock, what it is worth, what has run out. */
#include "stock.h"

void on_stock_changed(struct turn *turn, const struct stock_changed *changed)
{
	struct arrival arrival = {.turn = turn,
				  .place = changed->place,
				  .is_sale = text_equal(changed->reason, TEXT_LITERAL("sale"))};

	for (uint32_t i = 0; i < changed->lines.count; i++)
		product_expect(turn, changed->lines.items[i].sku);
	heard(turn, 0);
	outlet_get(turn, changed->place, &arrival.outlet);
	for (uint32_t i = 0; i < changed->lines.count; i++)
		stock_line(&arrival, changed->lines.items[i].sku, changed->lines.items[i].on_hand.milli);
	count_outlet(turn, changed->place, &arrival.outlet,
		     day_at(turn_input(turn)->time_us, arrival.outlet.offset), &arrival.measures,
		     &arrival.goods);
}
