/* early.h -- early payment: schemes that count an outlet's orders which were paid in full within so many days. */
#ifndef TRIBUTARY_PARTNERS_EARLY_H
#define TRIBUTARY_PARTNERS_EARLY_H

#include "rebates/rebate.h"

#define EARLY_NEVER (-1)   /* days of an order that is not paid */
#define EARLY_DAYS_MAX 366 /* that a scheme can ask for */

/* struct invoice -- an order that was paid, is not any more, or otherwise than was said. Borrows. */
struct invoice {
	struct text outlet, currency, day;
	int64_t amount, days, was_days; /* EARLY_NEVER */
};

/* early_count -- the schemes of its outlet count it. */
void early_count(struct turn *turn, const struct invoice *invoice);

/* early_goods -- under which code the sums of days have orders that were paid after so many days; EARLY_NEVER: all that ever were paid.
 *   owns  writes into code. */
struct goods_code early_goods(int64_t days, char code[CODE_SIZE]);

/* early_sum -- what the orders of these days give to a scheme. */
int64_t early_sum(struct turn *turn, struct text outlet, const struct scheme *scheme, struct span days);

#endif
