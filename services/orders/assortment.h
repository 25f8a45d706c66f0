/*
 * assortment.h -- lines of a ticket that may not be sold where they were (铺货授权).
 */
#ifndef TRIBUTARY_ORDERS_ASSORTMENT_H
#define TRIBUTARY_ORDERS_ASSORTMENT_H

#include "ticket.h"

/* assortment_judge -- find such lines; false: an assortment enforces, the sale was refused.   assortment_flag -- say what was found. */
bool assortment_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced);
void assortment_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced);

#endif
