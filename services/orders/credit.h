/*
 * credit.h -- what outlets owe (信用额度, 保证金): what an order is worth, whether it has to wait, and when it is paid.
 *
 * Exposure is a sum, so it does not depend on the order in which things were heard; what waits is looked at again whenever it falls.
 */
#ifndef TRIBUTARY_ORDERS_CREDIT_H
#define TRIBUTARY_ORDERS_CREDIT_H

#include "credit_rows.h"
#include "events/terminals.h"

#define HELD_MAX 64 /* orders of one outlet that wait */

/* credit_worth -- what the goods of an order are worth to its outlet on a day.   units  minor units; 0: no price is known; above NUMBER_MAX: too much
 * to be said. */
int64_t credit_worth(struct turn *turn, const struct order_requested *request, const struct outlet *outlet, int64_t day);

/* credit_exposure -- what is owed, less what is deposited; negative: paid ahead. */
int64_t credit_exposure(const struct credit *credit);

/* credit_said -- as much of a sum as an event or an answer can say: payments may add up to more than money can be. */
struct money credit_said(int64_t minor);

/* credit_fits -- whether an order of this worth need not wait. */
bool credit_fits(const struct credit *credit, int64_t amount);

/* credit_hold -- the order waits, and that is said; its row is the caller's to put.   credit_accept -- it counts from now on. */
void credit_hold(struct turn *turn, const struct order_placed *placed, struct order_row *row);
void credit_accept(struct turn *turn, const struct order_placed *placed, struct order_row *row);

/* credit_cancel -- the order counts no more, or waits no more. */
void credit_cancel(struct turn *turn, const struct order_placed *placed, struct order_row *row);

/* credit_release -- whatever of an outlet's orders fits now is released and accepted. */
void credit_release(struct turn *turn, struct text outlet);

/* credit_pay -- something came, or went back: outlet's book, the order that it names. */
void credit_pay(struct turn *turn, struct text outlet, struct text order, int32_t day, const struct paid_day *paid);

#endif
