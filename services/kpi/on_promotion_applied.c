/* on_promotion_applied.c -- a promotion has given something. */
#include "promotion.h"

#include "events/orders.h"

void on_promotion_applied(struct turn *turn, const struct promotion_applied *said)
{
	const struct promotion_part part = {said->amount.minor, said->brand_amount.minor, said->dealer_amount.minor, false};

	promotion_give(turn, said->promotion, said->currency, &part, 1);
}
