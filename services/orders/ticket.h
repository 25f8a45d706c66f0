/*
 * ticket.h -- what sales and returns share: is it valid, what is it worth, which prices stand out.
 */
#ifndef TRIBUTARY_ORDERS_TICKET_H
#define TRIBUTARY_ORDERS_TICKET_H

#include "state.h"

/* A ticket as a till says it, sale or return. */
struct ticket {
	struct text outlet, receipt, currency, day;
	bool has_total;
	struct money total;
	const struct ticket_sold_line *lines;
	uint32_t count;
};

/* What was made of it. The lines belong to the turn. */
struct priced {
	struct sale_recorded_line *lines;
	struct money total;
	struct quantity units;
	int64_t tier;
	int exponent;
	bool any_prices; /* some product of it has prices */
};

/* ticket_price -- check and price a ticket; false: it was refused, and that was said. */
bool ticket_price(struct turn *turn, const struct ticket *ticket, struct priced *priced);

/* ticket_flag -- say which lines left their price corridor. */
void ticket_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced);

/* ticket_outlet -- check that the source of the present input is a till of this outlet, and that both
 * trade; false: refused. */
bool ticket_outlet(struct turn *turn, struct text outlet_code, struct text receipt, struct outlet *outlet);

/* ticket_refuse -- refuse the present input with a code and a sentence.   shape  always false, so that a
 * check can end with it. */
bool ticket_refuse(struct turn *turn, struct text outlet, struct text receipt, const char *code,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
