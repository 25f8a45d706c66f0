/* on_stock_written_off.c -- an outlet has lost goods: no sale, no money. */
#include "events/terminals.h"
#include "ticket.h"

_Static_assert(sizeof(struct writeoff_recorded_line) == sizeof(struct stock_written_off_line),
               "the lines are passed on");

static bool lines_valid(struct turn *turn, const struct stock_written_off *off)
{
	for (uint32_t i = 0; i < off->lines.count; i++) {
		const struct stock_written_off_line *line = &off->lines.items[i];
		struct product product;

		if (!product_get(turn, line->sku, &product))
			return ticket_refuse(turn, off->outlet, off->reference, "unknown_product",
			                     "line %u: product %.*s is not known", i + 1,
			                     TEXT_ARGS(line->sku));
		if (line->quantity.milli < 0)
			return ticket_refuse(turn, off->outlet, off->reference, "negative_quantity",
			                     "line %u has a negative quantity", i + 1);
	}
	return true;
}

void on_stock_written_off(struct turn *turn, const struct stock_written_off *off)
{
	struct text terminal = turn_input(turn)->source;
	struct outlet outlet;
	int64_t day;

	if (!ticket_outlet(turn, off->outlet, off->reference, &outlet))
		return;
	if (!day_number(off->day, &day)) {
		(void)ticket_refuse(turn, off->outlet, off->reference, "bad_day",
		                    "the business day is not a date");
		return;
	}
	/* R11: A write-off is recorded once per terminal, day and reference, and is no sale. */
	if (writeoff_known(turn, terminal, off->day, off->reference)) {
		(void)ticket_refuse(turn, off->outlet, off->reference, "duplicate_receipt",
		                    "write-off %.*s is recorded already", TEXT_ARGS(off->reference));
		return;
	}
	if (!lines_valid(turn, off))
		return;
	struct writeoff_recorded recorded = {
	    .outlet = off->outlet,
	    .terminal = terminal,
	    .reference = off->reference,
	    .day = off->day,
	    .has_reason = off->has_reason,
	    .reason = off->reason,
	    .lines = {(const struct writeoff_recorded_line *)(const void *)off->lines.items,
	              off->lines.count}};
	emit_writeoff_recorded(turn, &recorded);
	writeoff_put(turn, terminal, off->day, off->reference);
}
