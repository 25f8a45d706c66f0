/* on_restock_requested.c -- an outlet needs goods from a warehouse. */
#include "events/inventory.h"
#include "wave.h"

void on_restock_requested(struct turn *turn, const struct restock_requested *wanted)
{
	struct restock restock = {.asked = wanted->quantity};
	struct pending pending = {.quantity = wanted->quantity,
	                          .need_by_us = wanted->has_need_by ? wanted->need_by : 0};

	wave_close_due(turn, turn_input(turn)->time_us);
	if (wanted->quantity.milli <= 0)
		return;
	CODE_PUT(restock.warehouse, wanted->from);
	CODE_PUT(restock.outlet, wanted->place);
	CODE_PUT(restock.sku, wanted->sku);
	CODE_PUT(pending.sku, wanted->sku);
	ROW_PUT(turn, TABLE_RESTOCK, bytes_of_text(wanted->restock), &restock);
	wave_add(turn, wanted->from, wanted->place, wanted->restock, &pending);
	wave_plan_full(turn, wanted->from, wanted->place);
}
