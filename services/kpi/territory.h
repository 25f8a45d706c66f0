/*
 * territory.h -- which outlets lie in which territories (区域), for the targets of these.
 *
 * An outlet lies in a territory by its own area, or where the territory has points by its own coordinates, as both were declared last. It does
 * not know to whom a territory was granted.
 */
#ifndef TRIBUTARY_KPI_TERRITORY_H
#define TRIBUTARY_KPI_TERRITORY_H

#include "count.h"

/* territory_set, territory_outlet -- a territory or an outlet is declared: who lies where is found anew. */
void territory_set(struct turn *turn, const struct territory_declared *declared);
void territory_outlet(struct turn *turn, const struct outlet_declared *declared);

/* territory_has -- whether an outlet lies in it. */
bool territory_has(struct turn *turn, struct text territory, struct text outlet);

/* territory_count -- the targets of all territories that the outlet of a ticket lies in. */
void territory_count(struct turn *turn, const struct book *book, const struct ticket *ticket, const struct measures *add);

/* The outlets that lie in a territory, by code. */
struct insiders {
	struct walk walk;
	struct text territory, outlet; /* outlet: of the present one; lent until the next */
};
void insiders_begin(struct insiders *insiders, struct turn *turn, struct text territory);
bool insiders_next(struct insiders *insiders);

#endif
