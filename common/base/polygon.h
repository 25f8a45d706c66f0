/*
 * polygon.h -- polygons of points on the map, in integers: whether they are sound, hold a point, lie over each other.
 *
 * A polygon is its corners in order around it, either way; its edges are straight in degrees. Every answer is exact. It does not know of
 * the poles, nor of the meridian at which longitudes begin anew: a polygon across that is two polygons.
 */
#ifndef TRIBUTARY_BASE_POLYGON_H
#define TRIBUTARY_BASE_POLYGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLYGON_MAX 100 /* corners, as in schemas/staff.yaml */

/* In ten-millionths of a degree, WGS 84: within 90 and 180 degrees. */
struct point {
	int32_t latitude, longitude;
};

/* Borrows its corners: 3 to POLYGON_MAX. */
struct polygon {
	const struct point *points;
	size_t count;
};

/* A rectangle around it, sides included. */
struct box {
	struct point low, high;
};

/* polygon_sound -- on the map, with an area, and no two of its edges meet but neighbours at their corner. */
bool polygon_sound(const struct polygon *polygon);

/* polygon_holds -- whether a point lies in it. A point of a border that two polygons share is in exactly one of them. */
bool polygon_holds(const struct polygon *polygon, struct point point);

/* polygon_overlaps -- whether two sound polygons have some area in common; to share a border is not to overlap. */
bool polygon_overlaps(const struct polygon *one, const struct polygon *two);

struct box polygon_box(const struct polygon *polygon);

#endif
