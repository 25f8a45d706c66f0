/* on_promotion_reversed.c -- what a promotion gave is taken back. */
#include "promotion.h"

#include "events/orders.h"

void on_promotion_reversed(struct turn *turn, const struct promotion_reversed *said)
{
	const struct promotion_part part = {said->amount.minor, said->brand_amount.minor, said->dealer_amount.minor, said->has_return_receipt};

	promotion_give(turn, said->promotion, said->currency, &part, -1);
}
