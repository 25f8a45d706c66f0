/*
 * holder.h -- whether somebody at an outlet holds a certificate of a course on a day (证书).
 *
 * Rows in, a word out. What a certificate is partners knows; here it is a span of days at an outlet. A certificate that is over stays: a till
 * that was offline may still say sales of its days.
 */
#ifndef TRIBUTARY_ORDERS_HOLDER_H
#define TRIBUTARY_ORDERS_HOLDER_H

#include "events/partners.h"
#include "state.h"

/* holder_place -- a certificate counts at an outlet on these days and no others; where it never does it is forgotten. */
void holder_place(struct turn *turn, const struct certificate_granted *certificate);

/* holder_forget -- it never counted there. */
void holder_forget(struct turn *turn, struct text outlet, struct text course, struct text result);

/* holder_found -- whether some certificate of this course counts there on this day. */
bool holder_found(struct turn *turn, struct text outlet, struct text course, int64_t day);

/* holder_audit -- both tables say the same. */
void holder_audit(struct audit *audit);

#endif
