/*
 * promotion.h -- promotions (促销): what they have given, who paid, and what they were to bring.
 */
#ifndef TRIBUTARY_KPI_PROMOTION_H
#define TRIBUTARY_KPI_PROMOTION_H

#include "look.h"

#define PROMOTION_BASE_DAYS 28 /* before its first day, that its uplift is measured against */

enum promotion_state { PROMOTION_SET, PROMOTION_EXHAUSTED, PROMOTION_ENDED, PROMOTION_CLOSED };

/* struct uplift -- what was sold of the goods on its days that are over, against the mean of the same weekdays before. */
struct uplift {
	bool has_base;
	int64_t units, base, uplift_bp; /* thousandths; 10,000 basis points are as much again */
};

/* promotion_code -- the code of its aim.   owns  writes into place. */
struct text promotion_code(struct text promotion, char place[CODE_SIZE]);

bool promotion_get(struct turn *turn, struct text code, struct promotion *promotion);
void promotion_put(struct turn *turn, struct text code, const struct promotion *promotion);

/* promotion_give -- sums of one event; sign -1: taken back. A promotion that is not declared yet is kept all the same. */
struct promotion_part {
	int64_t amount, brand, dealer;
	bool in_part; /* the line stays one that was promoted */
};
void promotion_give(struct turn *turn, struct text code, struct text currency, const struct promotion_part *part, int sign);

/* promotion_declare -- it is set or changed; its sums stay.   promotion_move -- it is exhausted, or has ended. */
void promotion_declare(struct turn *turn, struct text code, struct promotion *promotion);
void promotion_move(struct turn *turn, struct text code, enum promotion_state state);

/* promotion_uplift -- as of today, whose sales are not over. */
struct uplift promotion_uplift(const struct look *look, struct text code, const struct promotion *promotion, int32_t today);

#endif
