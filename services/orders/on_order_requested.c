/* on_order_requested.c -- an outlet asks its principal for goods. */
#include "credit.h"
#include "events/terminals.h"
#include "ticket.h"

_Static_assert(sizeof(struct order_placed_line) == sizeof(struct order_requested_line), "the lines are passed on");

/* Always false, so that a check can end with it. */
static bool reject(struct turn *turn, const struct order_requested *request, const char *code,
                   struct text message)
{
	struct order_rejected rejected = {
	    .outlet = request->outlet, .order = request->order, .code = text_of(code), .message = message};

	turn_refuse(turn, code, message);
	emit_order_rejected(turn, &rejected);
	return false;
}

static bool line_valid(struct turn *turn, const struct order_requested *request, uint32_t index)
{
	const struct order_requested_line *line = &request->lines.items[index];
	struct product product;

	if (!product_get(turn, line->sku, &product))
		return reject(
		    turn, request, "unknown_product",
		    turn_text(turn, "line %u: product %.*s is not known", index + 1, TEXT_ARGS(line->sku)));
	if (!product.is_goods)
		return reject(
		    turn, request, "not_goods",
		    turn_text(turn, "line %u: %.*s moves no stock", index + 1, TEXT_ARGS(line->sku)));
	return line->quantity.milli > 0 ||
	       reject(turn, request, "bad_quantity", turn_text(turn, "line %u wants nothing", index + 1));
}

/* R12: An order is placed and accepted when its outlet trades, its day is a date, its number is new there and
 * every line wants some known goods; else it is rejected. */
static bool request_valid(struct turn *turn, const struct order_requested *request, struct outlet *outlet, int64_t *day)
{
	struct order_row known;

	if (!outlet_get(turn, request->outlet, outlet))
		return reject(turn, request, "unknown_outlet",
		              turn_text(turn, "outlet %.*s is not known", TEXT_ARGS(request->outlet)));
	if (outlet->is_closed)
		return reject(turn, request, "outlet_closed",
		              turn_text(turn, "outlet %.*s does not trade", TEXT_ARGS(request->outlet)));
	if (!day_number(request->day, day))
		return reject(turn, request, "bad_day", TEXT_LITERAL("the business day is not a date"));
	if (order_get(turn, request->outlet, request->order, &known))
		return reject(turn, request, "duplicate_order",
		              turn_text(turn, "order %.*s is placed already", TEXT_ARGS(request->order)));
	for (uint32_t i = 0; i < request->lines.count; i++)
		if (!line_valid(turn, request, i))
			return false;
	return true;
}

void on_order_requested(struct turn *turn, const struct order_requested *request)
{
	struct credit credit = credit_get(turn, request->outlet);
	struct outlet outlet;
	int64_t day;

	if (!request_valid(turn, request, &outlet, &day))
		return;
	int64_t amount = credit_worth(turn, request, &outlet, day);
	if (amount > NUMBER_MAX - credit.ordered) {
		(void)reject(turn, request, "amount_out_of_range", TEXT_LITERAL("with it, its outlet's orders are worth too much"));
		return;
	}
	bool fits = credit_fits(&credit, amount);
	if (!fits && credit.held >= HELD_MAX) {
		(void)reject(turn, request, "too_many_held", turn_text(turn, "%d orders of it wait already", HELD_MAX));
		return;
	}
	struct order_placed placed = {
	    .outlet = request->outlet,
	    .order = request->order,
	    .day = request->day,
	    .has_need_by = request->has_need_by,
	    .need_by = request->need_by,
	    .lines = {(const struct order_placed_line *)(const void *)request->lines.items, request->lines.count},
	    .has_amount = amount > 0,
	    .amount = money_of(amount),
	    .has_currency = amount > 0,
	    .currency = {outlet.currency, sizeof(outlet.currency)}};
	struct order_row row = {.seq = emit_order_placed(turn, &placed), .amount = amount, .day = day > 0 ? (int32_t)day : 0};

	if (fits)
		credit_accept(turn, &placed, &row);
	else
		credit_hold(turn, &placed, &row);
	order_put(turn, request->outlet, request->order, &row);
}
