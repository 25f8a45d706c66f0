/* on_promotion_exhausted.c -- a promotion has given its cap. */
#include "promotion.h"

#include "events/orders.h"

void on_promotion_exhausted(struct turn *turn, const struct promotion_exhausted *said)
{
	promotion_move(turn, said->promotion, PROMOTION_EXHAUSTED);
}
