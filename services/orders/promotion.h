/*
 * promotion.h -- promotions (促销): which one counts for goods, what it gives on a line, who pays, and when it is over.
 *
 * It does not judge prices: corridor.c compares with the floor that it names.
 */
#ifndef TRIBUTARY_ORDERS_PROMOTION_H
#define TRIBUTARY_ORDERS_PROMOTION_H

#include "specific.h"

/* What a promotion has given so far. */
struct promotion_sum {
	int64_t given, brand, dealer, lines, version, until;
	uint8_t ended, is_watched, unused[2]; /* watched: the clock will end it */
	char currency[4], outlet[OUTLET_SIZE]; /* outlet empty: for more than one */
};

/* A promotion that counts; promotion empty: none does. */
struct offer {
	struct text promotion; /* belongs to the turn */
	struct promotion rule;
	int64_t list_e4, floor_e4;
};

/* promotion_offer -- the promotion that counts for a list price; false: none.   owns  a code taken from the turn. */
bool promotion_offer(struct turn *turn, const struct asked *asked, const struct product *product, int64_t list_e4, struct offer *offer);

/* A line that was sold below its list price under a promotion. */
struct promoted_line {
	struct promoted_line *next;
	struct text sku;
	struct quantity quantity;
	struct price price;
	struct offer offer;
	uint32_t line; /* from 1 */
};

/* The ticket that such lines belong to. */
struct promoted_ticket {
	struct text outlet, terminal, receipt, day, currency;
	int exponent;
};

/* promotion_apply -- say what is given on the lines of a recorded ticket, and keep it.   promotion_undo -- of a ticket that is void. */
void promotion_apply(struct turn *turn, const struct promoted_ticket *ticket, const struct promoted_line *lines);
void promotion_undo(struct turn *turn, const struct sale_recorded *sale);

/* A promotion as it was declared; rule NULL: it does not count. */
struct promotion_set {
	struct text promotion, currency;
	struct rule_scope scope;
	int64_t version, from, until;
	const struct promotion *rule;
};

/* promotion_place -- what it has given stays, and it may end again.   promotion_watch -- say which ones are over by this day. */
void promotion_place(struct turn *turn, const struct promotion_set *set);
void promotion_watch(struct turn *turn, int64_t day);

/* promotion_floor -- the lowest price that it pays for, of a list price. */
int64_t promotion_floor(const struct promotion *rule, int64_t list_e4);

bool promotion_sum_read(struct bytes row, struct promotion_sum *sum);
bool promotion_sum_get(struct turn *turn, struct text code, struct promotion_sum *sum);
void promotion_sum_put(struct turn *turn, struct text code, const struct promotion_sum *sum);

#endif
