/* on_promotion_ended.c -- the days of a promotion are over. */
#include "promotion.h"

#include "events/orders.h"

void on_promotion_ended(struct turn *turn, const struct promotion_ended *said)
{
	promotion_move(turn, said->promotion, PROMOTION_ENDED);
}
