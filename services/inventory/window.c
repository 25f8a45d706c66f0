/* window.c -- windows of shelves, in integers. */
#include "window.h"

#include "base/when.h"
#include "score.h"

#define DAYS_PER_YEAR 365
#define BP 10000

bool throughput_read(struct bytes row, struct throughput *flow)
{
	bool is_one = row.size == sizeof(*flow) || row.size == THROUGHPUT_SIZE_BEFORE;

	*flow = (struct throughput){.since_us = 0};
	if (is_one)
		memcpy(flow, row.data, row.size);
	return is_one;
}

void window_note(const struct movement *movement, bool received)
{
	for (uint32_t i = 0; i < movement->line_count; i++) {
		const struct stock_changed_line *line = &movement->lines[i];
		uint8_t key[KEY_SIZE];
		struct bytes at = shelf_key(key, movement->place, line->sku);
		struct throughput flow;

		throughput_read(turn_get(movement->turn, TABLE_THROUGHPUT, at), &flow);
		if (flow.since_us == 0) {
			/* The first of its window: what lay there before it is its opening. */
			flow.since_us = turn_input(movement->turn)->time_us;
			flow.opening = quantity_sub(line->on_hand, line->delta);
			flow.received_then = flow.received;
			flow.sold_then = window_sold(&flow, flow.opening);
		}
		if (received)
			flow.received = balance_moved(flow.received, line->delta);
		else
			flow.adjusted = balance_moved(flow.adjusted, line->delta);
		turn_put(movement->turn, TABLE_THROUGHPUT, at, bytes_of(&flow, sizeof(flow)));
	}
}

/* R102: What a shelf has sold is what it received, more or less what counts and write-offs have changed, less what is on hand; returns and
   voids take it back. */
struct quantity window_sold(const struct throughput *flow, struct quantity on_hand)
{
	return quantity_of(flow->received.milli + flow->adjusted.milli - on_hand.milli);
}

struct window window_open(const struct throughput *flow, struct quantity on_hand, int64_t now_us)
{
	return (struct window){.from_us = flow->since_us,
	                       .until_us = now_us,
	                       .opening = flow->opening,
	                       .received = quantity_sub(flow->received, flow->received_then),
	                       .sold = quantity_sub(window_sold(flow, on_hand), flow->sold_then),
	                       .closing = on_hand};
}

/* R103: The mean stock of a window is half of what lay there at its beginning and at its end, the turnover what was sold over it, a year of
   365 days; the cover is the days that what is there lasts at the rate of the window. */
struct turnover turnover_of(const struct window *window)
{
	struct turnover turnover = {.days_e2 = divide_half_even((wide)(window->until_us - window->from_us) * 100, US_PER_DAY)};
	wide both = (wide)window->opening.milli + window->closing.milli;

	turnover.mean_stock = quantity_of(divide_half_even(both, 2));
	turnover.has_turns = both > 0 && turnover.days_e2 > 0;
	if (turnover.has_turns)
		turnover.turns_e4 = score_bounded((wide)window->sold.milli * 2 * DAYS_PER_YEAR * 100 * 10000 / (both * turnover.days_e2));
	turnover.has_cover = window->sold.milli > 0 && window->closing.milli >= 0;
	if (turnover.has_cover)
		turnover.cover_days = score_bounded((wide)window->closing.milli * turnover.days_e2 / ((wide)window->sold.milli * 100));
	return turnover;
}

/* R105: An outlet is suspected to be stuffed with a SKU when it received in a window, of at least half its days, the setting's share or more
   of what it sold in it, and what is there lasts longer than the setting's days. */
bool stuffing_suspected(const struct window *window, const struct stuffing *limits)
{
	struct turnover turnover = turnover_of(window);
	int64_t sold = window->sold.milli > 0 ? window->sold.milli : 0;

	if (window->received.milli <= 0 || window->closing.milli <= 0 || turnover.days_e2 < limits->days_min * 100)
		return false;
#if defined(MUTANT_COVER_ALONE)
	sold = 0;
#endif
	if ((wide)window->received.milli * BP < (wide)sold * limits->ratio_bp)
		return false;
	return !turnover.has_cover || turnover.cover_days > limits->cover_days;
}
