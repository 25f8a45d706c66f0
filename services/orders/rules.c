/* rules.c -- exact money. */
#include "rules.h"

enum line_fault line_amount(const struct ticket_sold_line *line, int exponent, struct money *amount)
{
	struct money worked;

	/* R6: A ticket line has a quantity of zero or more, and a unit price, an amount, or both. */
	if (line->quantity.milli < 0)
		return LINE_NEGATIVE;
	if (!line->has_unit_price && !line->has_amount)
		return LINE_NO_PRICE;
	if (!line->has_unit_price) {
		*amount = line->amount;
		return LINE_FINE;
	}
	/* R7: A line's amount is quantity times unit price, rounded half to even to the currency's minor
	 * unit. */
	if (!money_of_line(line->quantity, line->unit_price, exponent, &worked))
		return LINE_TOO_LARGE;
	if (line->has_amount && line->amount.minor != worked.minor)
		return LINE_MISMATCH;
	*amount = worked;
	return LINE_FINE;
}

bool line_unit_price(const struct ticket_sold_line *line, int exponent, struct money amount,
                     struct price *price)
{
	static const int64_t per_minor[] = {10000, 1000, 100, 10, 1};

	if (line->has_unit_price) {
		*price = line->unit_price;
		return true;
	}
	if (line->quantity.milli <= 0)
		return false;
	/* What a till says may be absurd; it is recorded and flagged at the price that an event can still
	 * carry. */
	wide worth = (wide)amount.minor * per_minor[exponent] * 1000;
	wide most = (wide)NUMBER_MAX * line->quantity.milli;
	if (worth > most || worth < -most)
		worth = worth > 0 ? most : -most;
	price->e4 = divide_half_even(worth, line->quantity.milli);
	return true;
}

int64_t corridor_deviation(const struct corridor *corridor, struct price price)
{
	int64_t bound = 0;

	if (corridor->has_floor && price.e4 < corridor->floor_e4)
		bound = corridor->floor_e4;
	else if (corridor->has_ceiling && price.e4 > corridor->ceiling_e4)
		bound = corridor->ceiling_e4;
	else
		return 0;
	if (bound <= 0)
		return price.e4 < bound ? -10000 : 10000;
	wide deviation = ((wide)price.e4 - bound) * 10000 / bound;
	if (deviation > NUMBER_MAX || deviation < -NUMBER_MAX)
		deviation = deviation > 0 ? NUMBER_MAX : -NUMBER_MAX;
	return deviation != 0 ? (int64_t)deviation : price.e4 < bound ? -1 : 1;
}
