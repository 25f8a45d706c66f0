/* on_writeoff_recorded.c -- goods are lost, broken or thrown away. */
#include "events/orders.h"
#include "movement.h"
#include "window.h"

/* R2: A return raises stock, a write-off lowers it, and a void undoes what its ticket moved. */
void on_writeoff_recorded(struct turn *turn, const struct writeoff_recorded *loss)
{
	struct movement movement;

	movement_begin(&movement, turn, loss->outlet, TEXT_LITERAL("write_off"), loss->lines.count);
	for (uint32_t i = 0; i < loss->lines.count; i++) {
		const struct writeoff_recorded_line *line = &loss->lines.items[i];
		struct product product;

		(void)product_get(turn, line->sku, &product); /* what is not known counts as goods */
		/* R3: Services and zero quantities move nothing. */
		if (!product.is_service && line->quantity.milli != 0)
			movement_line(&movement, line->sku,
			              (struct change){.on_hand = {-line->quantity.milli}});
	}
	window_note(&movement, false);
	movement_end(&movement);
}
