/*
 * found.h -- a unit that was found somewhere, whoever found it: staff, a till or a warehouse.
 */
#ifndef TRIBUTARY_ORDERS_FOUND_H
#define TRIBUTARY_ORDERS_FOUND_H

#include "ticket_areas.h"

struct found {
	struct text scan, sku, origin, day; /* origin: the outlet that it had gone to */
	struct text terminal, warehouse;    /* of them, who found it; empty: staff */
	struct somewhere where;
	bool is_counted; /* it counts for its region */
};

/* found_judge -- say whether it is evidence. What is not known or no date is none. */
void found_judge(struct turn *turn, const struct found *found);

/* A scan of a till or a warehouse that is to be taken. */
struct scanned {
	struct text outlet; /* of the till; empty: a warehouse */
	struct found found;
};

/* scanned_take -- refuse it, or judge it; one that was taken before changes nothing. */
void scanned_take(struct turn *turn, const struct scanned *scanned);

#endif
