/* on_sale_recorded.c -- goods are sold: the shelf is the emptier for it. */
#include "events/orders.h"
#include "movement.h"

/*~ 3. An event, a file, a function. The name of the file is the subscription: because on_sale_recorded.c is
 *~    here, inventory follows orders and hears sale.recorded. What is not here: errors, time, sockets,
 *~    transactions, memory. */

/* Most tickets have few lines: their shelves are fetched all at once. */
static void expect(struct turn *turn, const struct sale_recorded *sale)
{
	struct text skus[MOVEMENT_EXPECTED];
	uint32_t count = sale->lines.count < MOVEMENT_EXPECTED ? sale->lines.count : MOVEMENT_EXPECTED;

	for (uint32_t i = 0; i < count; i++)
		skus[i] = sale->lines.items[i].sku;
	movement_expect(turn, sale->outlet, skus, count);
}

/* R1: A sale lowers stock at once, even below zero: the shelf is right, the record is late. */
void on_sale_recorded(struct turn *turn, const struct sale_recorded *sale)
{
	struct movement movement;

	expect(turn, sale);
	movement_begin(&movement, turn, sale->outlet, TEXT_LITERAL("sale"), sale->lines.count);
	movement.demand_day = movement_day(sale->day);
	for (uint32_t i = 0; i < sale->lines.count; i++) {
		const struct sale_recorded_line *line = &sale->lines.items[i];

		/* R3: Services and zero quantities move nothing. */
		if (!(line->has_service && line->service) && line->quantity.milli != 0)
			movement_line(&movement, line->sku,
			              (struct change){.on_hand = {-line->quantity.milli}});
	}
	movement_end(&movement);
}
