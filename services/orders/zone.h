/*
 * zone.h -- territories with points (片区), found by a point through a grid.
 *
 * A polygon lies in cells of a size that a few of them cover it; a look asks the cell of the point in each size that is in use, and then the
 * polygons in it. It does not know what a territory grants.
 */
#ifndef TRIBUTARY_ORDERS_ZONE_H
#define TRIBUTARY_ORDERS_ZONE_H

#include "base/polygon.h"
#include "state.h"

/* zone_place -- the points of a territory in place of those before; none: it is found no more. */
void zone_place(struct turn *turn, struct text territory, const struct polygon *polygon);

/* The territories whose polygons hold a point, by the size of their cells, the smallest first, then by code. */
struct zones {
	struct turn *turn;
	struct point point;
	uint32_t sizes;   /* that are still to be looked at, a bit each */
	uint8_t at[KEY_SIZE];
	size_t size;      /* of at; 0: no cell was begun */
	struct text code; /* of the present one; lent until the next */
};

void zones_begin(struct zones *zones, struct turn *turn, struct point point);
bool zones_next(struct zones *zones);

/* zone_cells -- visit the cells of a polygon: their keys without the territory. For the audit as well. */
#define CELL_SIZE 9 /* bytes: the size, latitude and longitude of the cell */
void zone_cells(const struct polygon *polygon, void (*each)(void *context, const uint8_t cell[CELL_SIZE]), void *context);

/* zone_read -- the points of a row; count 0: it is none.   owns  writes into points. */
struct polygon zone_read(struct bytes row, struct point points[POLYGON_MAX]);

#endif
