/*
 * category.h -- which category a line counts in, and tickets that wait to know.
 *
 * Kpi hears the products from one service and the tickets from another; a ticket may come first. It then
 * waits, for its categories alone, so that the sums are the same in whatever order the two are heard.
 */
#ifndef TRIBUTARY_KPI_CATEGORY_H
#define TRIBUTARY_KPI_CATEGORY_H

#include "count.h"

/* category_count -- count a ticket in the categories of its lines, or let it wait. */
void category_count(struct turn *turn, const struct book *book, const struct ticket *ticket);

/* category_release -- a product is known from now on: count the tickets that waited for it. */
void category_release(struct turn *turn, struct text sku);

/* category_change -- a product's class becomes another one; product is changed, not put. first: it was not
 * known before. */
void category_change(struct turn *turn, struct text sku, struct product *product, bool first,
		     const struct class *class);

#endif
