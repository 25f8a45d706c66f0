/*
 * goods.h -- what a sale's lines are: their category and brand on the ticket's day; and what was sold on that day.
 *
 * It knows products and days, no schemes.
 */
#ifndef TRIBUTARY_PARTNERS_GOODS_H
#define TRIBUTARY_PARTNERS_GOODS_H

#include "rebates/rebate_rows.h"

/* struct counted -- a line of goods, ready to be counted. Borrows. */
struct counted {
	struct text sku;
	int64_t revenue, units; /* negative for what comes back */
	uint32_t line;		/* its number on the ticket, from 1 */
	struct goods goods;
};

/* struct ticket -- a sale, a return or a void, as far as rebates care. Borrows. */
struct ticket {
	struct text outlet, currency;
	int64_t tier;
	int32_t day;
	bool is_return, is_void; /* a void of a return is both */
	struct counted *lines;
	uint32_t count;
};

/* goods_declare -- from now on this is what a SKU is. */
void goods_declare(struct turn *turn, const struct product_submitted *product);

/* goods_take -- the lines of goods of a sale, a return or a void; what comes back has the other sign.
 * goods_of_lines -- looks up what every line is on the ticket's day. */
void goods_take(struct turn *turn, struct ticket *ticket, const struct sale_recorded_line *lines, uint32_t count);
void goods_of_lines(struct turn *turn, struct ticket *ticket);

/* goods_in -- whether a line is of these goods.   goods_is -- whether these goods are among those that a scheme counts. */
bool goods_in(struct goods_code goods, const struct counted *line);
bool goods_is(const struct scheme *scheme, const struct counted *line);

/* goods_sum_day -- adds the ticket to the sums of its day: all goods, each category, each brand. */
void goods_sum_day(struct turn *turn, const struct ticket *ticket);

#endif
