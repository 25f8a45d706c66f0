/* on_territory_declared.c -- where a territory lies. */
#include "events/partners.h"
#include "territory.h"

void on_territory_declared(struct turn *turn, const struct territory_declared *declared)
{
	territory_set(turn, declared);
}
