/*
 * territory.h -- territories that count, found by the areas that they name, and which of them lie over each other.
 *
 * It keeps the rows beside the records of territories and says what it finds. It refuses nothing.
 */
#ifndef TRIBUTARY_PARTNERS_TERRITORY_H
#define TRIBUTARY_PARTNERS_TERRITORY_H

#include "base/area.h"
#include "base/polygon.h"
#include "state.h"

#define OVERLAPS_MAX 64 /* that are said of one declaration */

/* What a territory grants, beside each area that it names. */
struct grant {
	int64_t from, until; /* days since 1970, both included */
	char holder[32], brand[32], kind[16];
};

/* Beside a territory that has points: what it grants, and a rectangle around them. */
struct shape {
	struct grant grant;
	struct box box;
};

/* territory_polygon -- its points, as far as they fit; count 0: it has none.   owns  writes into points. */
struct polygon territory_polygon(const struct territory_submitted *territory, struct point points[POLYGON_MAX]);

/* One place where a territory lies over another. The texts belong to the turn. */
struct overlap {
	struct text other, other_kind, area;
};

struct overlaps {
	struct overlap found[OVERLAPS_MAX];
	unsigned count;
	bool both_exclusive; /* then the last one found is that */
};

/* territory_overlaps -- the other territories, each once, that this one would lie over, one of both being exclusive or protected. */
void territory_overlaps(struct turn *turn, const struct territory_submitted *territory, struct overlaps *overlaps);

/* territory_index -- the rows of this record's areas in place of those of the record that stood before; NULL: none stood. */
void territory_index(struct turn *turn, const struct territory_submitted *before, const struct territory_submitted *territory);

#endif
