/*
 * service.h -- after-sales tickets (售后工单): how long one may take, and what is said of it.
 */
#ifndef TRIBUTARY_PARTNERS_SERVICE_H
#define TRIBUTARY_PARTNERS_SERVICE_H

#include "desk/matter.h"

/* service_severity -- the place of the word in its list, 0 for the lightest.   service_due -- the present moment and the hours of a ticket's severity. */
uint8_t service_severity(struct text severity);
int64_t service_due(struct turn *turn, const struct matter *matter);

#endif
