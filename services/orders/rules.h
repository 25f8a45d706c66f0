/* rules.h -- what a line is worth, and whether a price is within its corridor: values in, values out. */
#ifndef TRIBUTARY_ORDERS_RULES_H
#define TRIBUTARY_ORDERS_RULES_H

#include "state.h"

enum line_fault { LINE_FINE, LINE_NO_PRICE, LINE_NEGATIVE, LINE_MISMATCH, LINE_TOO_LARGE };

/* line_amount -- the exact amount of a line: as given, or quantity times unit price half to even; both must
 * agree. */
enum line_fault line_amount(const struct ticket_sold_line *line, int exponent, struct money *amount);

/* line_unit_price -- the unit price, as given or worked out of amount and quantity (half to even); false:
 * there is none. */
bool line_unit_price(const struct ticket_sold_line *line, int exponent, struct money amount,
                     struct price *price);

/* corridor_deviation -- by how much a price leaves its corridor, in basis points of the bound it crosses:
 * negative below the floor; 0: inside. */
int64_t corridor_deviation(const struct corridor *corridor, struct price price);

#endif
