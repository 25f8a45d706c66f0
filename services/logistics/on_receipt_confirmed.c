/* on_receipt_confirmed.c -- an outlet has taken a shipment in and counted it. */
#include "events/warehouses.h"
#include "progress.h"

static bool is_sound(const struct line *line, const struct receipt_confirmed_line *found,
                     struct quantity damaged)
{
	return found->quantity.milli >= 0 && damaged.milli >= 0 && damaged.milli <= found->quantity.milli &&
	       found->quantity.milli <= line->dispatched.milli - line->arrived.milli;
}

/* What arrived goes into the lines; false after refusing. Lines of the same restock add up. */
static bool unload_lines(struct progress *progress, const struct receipt_confirmed *receipt,
                         struct line *lines)
{
	for (uint32_t i = 0; i < progress->shipment.lines; i++)
		lines[i].arrived = receipt->has_lines ? quantity_of(0) : lines[i].dispatched;
	for (uint32_t i = 0; receipt->has_lines && i < receipt->lines.count; i++) {
		const struct receipt_confirmed_line *found = &receipt->lines.items[i];
		struct quantity damaged = found->has_damaged ? found->damaged : quantity_of(0);
		uint32_t at = progress_line(progress, lines, found->restock);

		if (at == progress->shipment.lines) {
			progress_refuse(progress->turn, progress->name, "unknown_restock",
			                turn_text(progress->turn, "restock %.*s is not in shipment %.*s",
			                          TEXT_ARGS(found->restock), TEXT_ARGS(progress->name)));
			return false;
		}
		if (!is_sound(&lines[at], found, damaged)) {
			progress_refuse(
			    progress->turn, progress->name, "more_than_dispatched",
			    turn_text(progress->turn,
			              "restock %.*s: %lld with %lld damaged do not fit what left",
			              TEXT_ARGS(found->restock), (long long)found->quantity.milli,
			              (long long)damaged.milli));
			return false;
		}
		lines[at].arrived = quantity_add(lines[at].arrived, found->quantity);
		lines[at].damaged = quantity_add(lines[at].damaged, damaged);
	}
	return true;
}

static void say(struct progress *progress, const struct line *lines)
{
	struct shipment_received_line *said =
	    turn_take(progress->turn, progress->shipment.lines * sizeof(*said));
	struct shipment_received event = {.shipment = progress->name,
	                                  .warehouse = CODE_TEXT(progress->shipment.warehouse),
	                                  .outlet = CODE_TEXT(progress->shipment.outlet)};

	for (uint32_t i = 0; i < progress->shipment.lines; i++)
		said[i] = (struct shipment_received_line){.restock = CODE_TEXT(lines[i].restock),
		                                          .sku = CODE_TEXT(lines[i].sku),
		                                          .quantity = lines[i].arrived,
		                                          .damaged = lines[i].damaged};
	event.lines.items = said;
	event.lines.count = progress->shipment.lines;
	emit_shipment_received(progress->turn, &event);
}

/* R18: A receipt without a delivery before it is both: the shipment is said as delivered, then as
   received. */
void on_receipt_confirmed(struct turn *turn, const struct receipt_confirmed *receipt)
{
	struct progress progress;

	if (!progress_begin(&progress, turn, receipt->shipment, receipt->outlet, SHIPMENT_RECEIVED))
		return;
	struct line *lines = progress_lines(&progress);
	if (!unload_lines(&progress, receipt, lines))
		return;
	for (uint32_t i = 0; i < progress.shipment.lines; i++)
		line_put(turn, progress.number, i, &lines[i]);
	if (progress.shipment.state != SHIPMENT_DELIVERED)
		progress_deliver(&progress);
	progress_end(&progress, SHIPMENT_RECEIVED);
	say(&progress, lines);
}
