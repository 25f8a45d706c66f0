/*
 * audit_promotion.h -- a part of the audit: what promotions gave, by the journal and by the rows.
 */
#ifndef TRIBUTARY_ORDERS_AUDIT_PROMOTION_H
#define TRIBUTARY_ORDERS_AUDIT_PROMOTION_H

#include "orders.h"

/* What was given, who paid it, on how many lines. */
struct given {
	int64_t amount, brand, dealer, lines;
};

/* audit_promotion_event -- add what an event of the journal gave or took back.   audit_promotion_rows -- compare that with the rows. */
void audit_promotion_event(struct audit *audit, struct given *given, const struct event_type *type, const void *event);
void audit_promotion_rows(struct audit *audit, const struct given *given);

#endif
