/*
 * ticket.h -- what sales and returns share: is it valid, what is it worth, which prices stand out.
 */
#ifndef TRIBUTARY_ORDERS_TICKET_H
#define TRIBUTARY_ORDERS_TICKET_H

#include "corridor.h"

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
	struct product *products; /* of the lines */
	struct money total;
	struct quantity units;
	int64_t tier;
	int64_t day;
	int exponent;
	bool any_prices, any_lists; /* some product of it has a corridor of its own, a list price */
	bool is_own;
	uint8_t channel;
	struct scopes scopes;
	struct outlet outlet;   /* the seller, whom these borrow from: */
	struct somewhere where; /* where it is; its area empty: nobody has said */
	struct text dealer;     /* the outlet that supplies it; empty: none */
	struct outside *outside;
	struct unlisted *unlisted;
	struct untrained *untrained;
	struct promoted_line *promoted;
};

/* A line whose price is outside, in the order of the lines. */
struct outside {
	struct outside *next;
	uint32_t line;
	struct price price;
	struct verdict verdict;
};

/* ticket_asked -- where and when the lines of a ticket were asked for. */
struct asked ticket_asked(const struct ticket *ticket, const struct priced *priced);

/* ticket_price -- check and price a ticket; false: it was refused, and that was said. */
bool ticket_price(struct turn *turn, const struct ticket *ticket, struct priced *priced);

/* ticket_judge -- find the lines outside their price corridor; false: one enforces, the sale was refused. */
bool ticket_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced);

/* ticket_promote -- say what promotions give on its lines. */
void ticket_promote(struct turn *turn, const struct ticket *ticket, const struct priced *priced);

/* ticket_flag -- say which lines left their price corridor. */
void ticket_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced);

/* ticket_outlet -- check that the source of the present input is a till of this outlet, and that both
 * trade; false: refused. */
bool ticket_outlet(struct turn *turn, struct text outlet_code, struct text receipt, struct outlet *outlet);

/* ticket_refuse -- refuse the present input with a code and a sentence.   shape  always false, so that a
 * check can end with it. */
bool ticket_refuse(struct turn *turn, struct text outlet, struct text receipt, const char *code,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* ticket_refuse_as -- the same, with outlet, receipt, message and whatever else the refusal names from the caller; the rest is filled in here. */
bool ticket_refuse_as(struct turn *turn, const char *code, struct sale_refused refused);

#endif
