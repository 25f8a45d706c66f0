/* on_order_requested.c -- an outlet asks its principal for goods. */
#include "events/terminals.h"
#include "ticket.h"

_Static_assert(sizeof(struct order_placed_line) == sizeof(struct order_requested_line) &&
                   sizeof(struct order_accepted_line) == sizeof(struct order_requested_line),
               "the lines are passed on");

static void reject(struct turn *turn, const struct order_requested *request, const char *code,
                   struct text message)
{
	struct order_rejected rejected = {
	    .outlet = request->outlet, .order = request->order, .code = text_of(code), .message = message};

	turn_refuse(turn, code, message);
	emit_order_rejected(turn, &rejected);
}

/* R12: An order is placed and accepted when its outlet and all its products are known and its number is new
 * there, else rejected. */
static bool request_valid(struct turn *turn, const struct order_requested *request)
{
	struct outlet outlet;
	struct order_row known;

	if (!outlet_get(turn, request->outlet, &outlet)) {
		reject(turn, request, "unknown_outlet",
		       turn_text(turn, "outlet %.*s is not known", TEXT_ARGS(request->outlet)));
		return false;
	}
	if (order_get(turn, request->outlet, request->order, &known)) {
		reject(turn, request, "duplicate_order",
		       turn_text(turn, "order %.*s is placed already", TEXT_ARGS(request->order)));
		return false;
	}
	for (uint32_t i = 0; i < request->lines.count; i++) {
		const struct order_requested_line *line = &request->lines.items[i];
		struct product product;

		if (product_get(turn, line->sku, &product) && product.is_goods && line->quantity.milli > 0)
			continue;
		reject(turn, request, "unknown_product",
		       turn_text(turn, "line %u: %.*s is not known goods, or nothing is wanted of it", i + 1,
		                 TEXT_ARGS(line->sku)));
		return false;
	}
	return true;
}

void on_order_requested(struct turn *turn, const struct order_requested *request)
{
	if (!request_valid(turn, request))
		return;
	struct order_placed placed = {
	    .outlet = request->outlet,
	    .order = request->order,
	    .day = request->day,
	    .has_need_by = request->has_need_by,
	    .need_by = request->need_by,
	    .lines = {(const struct order_placed_line *)(const void *)request->lines.items,
	              request->lines.count}};
	struct order_accepted accepted = {
	    .outlet = placed.outlet,
	    .order = placed.order,
	    .day = placed.day,
	    .has_need_by = placed.has_need_by,
	    .need_by = placed.need_by,
	    .lines = {(const struct order_accepted_line *)(const void *)request->lines.items,
	              request->lines.count}};
	struct order_row row = {.seq = emit_order_placed(turn, &placed), .state = ORDER_ACCEPTED};

	emit_order_accepted(turn, &accepted);
	order_put(turn, request->outlet, request->order, &row);
}
