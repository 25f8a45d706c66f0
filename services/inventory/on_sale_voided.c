/* on_sale_voided.c -- a ticket is undone as a whole. */
#include "events/orders.h"
#include "movement.h"

/* R2: A return raises stock, a write-off lowers it, and a void undoes what its ticket moved. */
void on_sale_voided(struct turn *turn, const struct sale_voided *voided)
{
	bool was_sale = text_equal(voided->was, TEXT_LITERAL("sale"));
	struct movement movement;

	movement_begin(&movement, turn, voided->outlet, TEXT_LITERAL("void"), voided->lines.count);
	movement.demand_day = was_sale ? movement_day(voided->day) : 0;
	for (uint32_t i = 0; i < voided->lines.count; i++) {
		const struct sale_voided_line *line = &voided->lines.items[i];
		int64_t milli = line->quantity.milli;

		/* R3: Services and zero quantities move nothing. */
		if (!(line->has_service && line->service) && milli != 0)
			movement_line(&movement, line->sku,
			              (struct change){.on_hand = {was_sale ? milli : -milli}});
	}
	movement_end(&movement);
}
