/* on_stock_counted.c -- somebody has looked: the balance becomes what was found. */
#include "events/warehouses.h"
#include "count.h"
#include "layer.h"
#include "movement.h"
#include "window.h"

/* R21: A count or a receipt that names an unknown place or SKU, or less than nothing, is refused as a
   whole. */
static bool is_refused(struct turn *turn, const struct stock_counted *count, enum place_kind kind)
{
	struct product product;

	if (kind == PLACE_UNKNOWN) {
		count_refuse(turn, count->place, count->reference, "unknown_place",
		             turn_text(turn, "place %.*s is not known here", TEXT_ARGS(count->place)));
		return true;
	}
	for (uint32_t i = 0; i < count->lines.count; i++) {
		const struct stock_counted_line *line = &count->lines.items[i];

		if (!product_get(turn, line->sku, &product)) {
			count_refuse(turn, count->place, count->reference, "unknown_sku",
			             turn_text(turn, "SKU %.*s is not known here", TEXT_ARGS(line->sku)));
			return true;
		}
		if (line->counted.milli < 0) {
			count_refuse(
			    turn, count->place, count->reference, "negative_quantity",
			    turn_text(turn, "SKU %.*s is counted below zero", TEXT_ARGS(line->sku)));
			return true;
		}
	}
	return false;
}

/*~ 6. A count is a movement like any other: the difference between what was believed and what was found. So
 *~    the ledger still adds up, and the loss has a line of its own. */

/* R19: A count sets the balance, the difference is a movement, said even when it is zero. */
void on_stock_counted(struct turn *turn, const struct stock_counted *count)
{
	enum place_kind kind = place_get(turn, count->place).kind;
	struct movement movement;

	if (is_refused(turn, count, kind))
		return;
	movement_begin(&movement, turn, count->place, TEXT_LITERAL("count"), count->lines.count);
	movement.warehouse = kind == PLACE_WAREHOUSE;
	movement.says_all = true;
	for (uint32_t i = 0; i < count->lines.count; i++)
		movement_count(&movement, count->lines.items[i].sku, count->lines.items[i].counted);
	window_note(&movement, false);
	layers_note(&movement);
	movement_end(&movement);
}
