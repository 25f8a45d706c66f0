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

/* What was given on a line of a ticket, for the day that it is void. */
struct promoted {
	int64_t amount, brand, dealer, version;
	char promotion[CODE_SIZE];
};

/* What of such a line has come back, of how much, and what it took from whom. */
struct promoted_back {
	int64_t milli, of_milli, brand, dealer;
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

/* promoted_key -- where a line of a ticket lies; line 0: where its lines begin.   promoted_read, promoted_back_read -- its rows; false: none. */
struct bytes promoted_key(uint8_t key[KEY_SIZE], const struct promoted_ticket *ticket, uint32_t line);
bool promoted_read(struct bytes row, struct promoted *promoted);
bool promoted_back_read(struct bytes row, struct promoted_back *back);

/* promotion_take -- less was given on a line of a sale, or more where it is negative; kept and said.
 *   shape  said: what else the event says; its promotion and amounts are filled in. */
void promotion_take(struct turn *turn, const struct promoted *row, const struct promoted *taken, struct promotion_reversed *said);

/* promotion_back -- a return whose sale is this event takes back what was given.   promotion_back_void -- it does not, after all. */
void promotion_back(struct turn *turn, const struct sale_returned *returned, uint64_t sale_seq);
void promotion_back_void(struct turn *turn, const struct sale_returned *returned);

/* promotion_share -- what a part of a line's quantity has of what somebody gave. */
int64_t promotion_share(int64_t given, int64_t milli, int64_t of_milli);

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
