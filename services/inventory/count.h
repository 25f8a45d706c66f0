/*
 * count.h -- refusing what a warehouse system says about stock.
 *
 * Whoever counts or receives is outside: it is answered with a code, and the refusal is said as an event
 * for whoever watches.
 */
#ifndef TRIBUTARY_INVENTORY_COUNT_H
#define TRIBUTARY_INVENTORY_COUNT_H

#include "state.h"

/* count_refuse -- refuse the present input. code is static text. */
void count_refuse(struct turn *turn, struct text place, struct text reference, const char *code,
                  struct text message);

#endif
