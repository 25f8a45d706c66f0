/*
 * right.h -- lines of a ticket that only an outlet with a certificate may sell (持证销售).
 */
#ifndef TRIBUTARY_ORDERS_RIGHT_H
#define TRIBUTARY_ORDERS_RIGHT_H

#include "ticket.h"

/* right_judge -- find the lines that nobody there was trained for; false: a right enforces, the sale was refused.   right_flag -- say them. */
bool right_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced);
void right_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced);

#endif
