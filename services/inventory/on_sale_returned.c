/* on_sale_returned.c -- a customer brings goods back. */
#include "events/orders.h"
#include "movement.h"

/* R2: A return raises stock, a write-off lowers it, and a void undoes what its ticket moved. */
void on_sale_returned(struct turn *turn, const struct sale_returned *back)
{
	struct movement movement;

	movement_begin(&movement, turn, back->outlet, TEXT_LITERAL("return"), back->lines.count);
#if defined(MUTANT_RETURN_LOST)
	return;
#endif
	for (uint32_t i = 0; i < back->lines.count; i++) {
		const struct sale_returned_line *line = &back->lines.items[i];

		/* R3: Services and zero quantities move nothing. */
		if (!(line->has_service && line->service) && line->quantity.milli != 0)
			movement_line(&movement, line->sku, (struct change){.on_hand = line->quantity});
	}
	movement_end(&movement);
}
