/* on_dispatch_confirmed.c -- a shipment has left its warehouse. */
#include "events/warehouses.h"
#include "progress.h"

/* What was loaded goes into the lines; false after refusing. Lines of the same restock add up. */
static bool load_lines(struct progress *progress, const struct dispatch_confirmed *dispatch,
                       struct line *lines)
{
	for (uint32_t i = 0; i < progress->shipment.lines; i++)
		lines[i].dispatched = dispatch->has_lines ? quantity_of(0) : lines[i].planned;
	for (uint32_t i = 0; dispatch->has_lines && i < dispatch->lines.count; i++) {
		const struct dispatch_confirmed_line *loaded = &dispatch->lines.items[i];
		uint32_t at = progress_line(progress, lines, loaded->restock);

		if (at == progress->shipment.lines) {
			progress_refuse(progress->turn, progress->name, "unknown_restock",
			                turn_text(progress->turn, "restock %.*s is not in shipment %.*s",
			                          TEXT_ARGS(loaded->restock), TEXT_ARGS(progress->name)));
			return false;
		}
		int64_t room = lines[at].planned.milli - lines[at].dispatched.milli;
		if (loaded->quantity.milli < 0 || loaded->quantity.milli > room) {
			progress_refuse(progress->turn, progress->name, "more_than_planned",
			                turn_text(progress->turn,
			                          "restock %.*s: %lld is not between 0 and what is planned",
			                          TEXT_ARGS(loaded->restock),
			                          (long long)loaded->quantity.milli));
			return false;
		}
		lines[at].dispatched = quantity_add(lines[at].dispatched, loaded->quantity);
	}
	return true;
}

/* R17: What was planned and not loaded is no longer promised; its restock comes short. */
static void release(struct turn *turn, struct text warehouse, const struct line *line)
{
	struct supply supply = supply_get(turn, warehouse, CODE_TEXT(line->sku));
	int64_t left = supply.committed.milli - (line->planned.milli - line->dispatched.milli);

	supply.committed = quantity_of(left > 0 ? left : 0);
	supply_put(turn, warehouse, CODE_TEXT(line->sku), &supply);
}

static void say(struct progress *progress, const struct line *lines)
{
	struct shipment_dispatched_line *said =
	    turn_take(progress->turn, progress->shipment.lines * sizeof(*said));
	struct shipment_dispatched event = {.shipment = progress->name,
	                                    .warehouse = CODE_TEXT(progress->shipment.warehouse),
	                                    .outlet = CODE_TEXT(progress->shipment.outlet),
	                                    .carrier = CODE_TEXT(progress->shipment.carrier),
	                                    .promised = progress->shipment.promised_us};

	for (uint32_t i = 0; i < progress->shipment.lines; i++)
		said[i] = (struct shipment_dispatched_line){.restock = CODE_TEXT(lines[i].restock),
		                                            .sku = CODE_TEXT(lines[i].sku),
		                                            .quantity = lines[i].dispatched};
	event.lines.items = said;
	event.lines.count = progress->shipment.lines;
	emit_shipment_dispatched(progress->turn, &event);
}

void on_dispatch_confirmed(struct turn *turn, const struct dispatch_confirmed *dispatch)
{
	struct progress progress;

	if (!progress_begin(&progress, turn, dispatch->shipment, dispatch->warehouse, SHIPMENT_DISPATCHED))
		return;
	struct line *lines = progress_lines(&progress);
	if (!load_lines(&progress, dispatch, lines))
		return;
	for (uint32_t i = 0; i < progress.shipment.lines; i++) {
		release(turn, dispatch->warehouse, &lines[i]);
		line_put(turn, progress.number, i, &lines[i]);
	}
	progress_end(&progress, SHIPMENT_DISPATCHED);
	say(&progress, lines);
}
