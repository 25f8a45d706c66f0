/* on_supply_changed.c -- a warehouse has more or less. */
#include "events/inventory.h"
#include "wave.h"

static bool is_stated(struct text reason)
{
	return text_equal(reason, TEXT_LITERAL("count")) || text_equal(reason, TEXT_LITERAL("receipt"));
}

/* R15: What a warehouse can promise is its balance less what is in shipments that have not left. */
void on_supply_changed(struct turn *turn, const struct supply_changed *event)
{
	bool transfer = text_equal(event->reason, TEXT_LITERAL("transfer"));

	for (uint32_t i = 0; i < event->lines.count; i++) {
		const struct supply_changed_line *line = &event->lines.items[i];
		struct supply supply = supply_get(turn, event->warehouse, line->sku);

		supply.on_hand = line->on_hand;
		supply.known |= is_stated(event->reason);
		if (transfer && line->delta.milli < 0) {
			int64_t left = supply.committed.milli + line->delta.milli;

			supply.committed = quantity_of(left > 0 ? left : 0);
		}
		supply_put(turn, event->warehouse, line->sku, &supply);
		if (supply.waiting.milli > 0 && supply.on_hand.milli > supply.committed.milli)
			wave_wake(turn, event->warehouse, line->sku);
	}
}
