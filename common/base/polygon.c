/* polygon.c -- orientation of three points, and everything else made of it. */
#include "base/polygon.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/units.h"

#define LATITUDE_MAX 900000000
#define LONGITUDE_MAX 1800000000

/* Corners with twice the numbers, so that the middle of two of them has whole ones. */
struct spot {
	int64_t y, x;
};

static struct spot spot_of(const struct polygon *polygon, size_t corner)
{
	const struct point *point = &polygon->points[corner % polygon->count];

	return (struct spot){2 * (int64_t)point->latitude, 2 * (int64_t)point->longitude};
}

/* On which side of the line from a to b lies c: 1, -1, or on it, 0. */
static int side(struct spot a, struct spot b, struct spot c)
{
	wide turn = (wide)(b.x - a.x) * (c.y - a.y) - (wide)(b.y - a.y) * (c.x - a.x);

	return turn > 0 ? 1 : turn < 0 ? -1 : 0;
}

static bool between(int64_t a, int64_t b, int64_t c)
{
	return (a <= c && c <= b) || (b <= c && c <= a);
}

/* Whether c lies on the edge from a to b, its ends included. */
static bool is_on(struct spot a, struct spot b, struct spot c)
{
	return side(a, b, c) == 0 && between(a.x, b.x, c.x) && between(a.y, b.y, c.y);
}

/* Whether two edges cross at one point inside of both. */
static bool do_cross(struct spot a, struct spot b, struct spot c, struct spot d)
{
	return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

static bool do_meet(struct spot a, struct spot b, struct spot c, struct spot d)
{
	return do_cross(a, b, c, d) || is_on(a, b, c) || is_on(a, b, d) || is_on(c, d, a) || is_on(c, d, b);
}

static bool is_on_border(const struct polygon *polygon, struct spot spot)
{
	for (size_t i = 0; i < polygon->count; i++)
		if (is_on(spot_of(polygon, i), spot_of(polygon, i + 1), spot))
			return true;
	return false;
}

/* By even and odd: the edges north or south of which the ray to the east passes, each with its lower end and without its upper one. */
static bool holds(const struct polygon *polygon, struct spot spot)
{
	bool is_inside = false;

	for (size_t i = 0; i < polygon->count; i++) {
		struct spot a = spot_of(polygon, i), b = spot_of(polygon, i + 1);

#if defined(MUTANT_BOTH_ENDS)
		if ((a.y > spot.y && b.y > spot.y) || (a.y < spot.y && b.y < spot.y))
			continue;
#else
		if ((a.y > spot.y) == (b.y > spot.y))
			continue;
#endif
		if (a.y < b.y ? side(a, b, spot) > 0 : side(b, a, spot) > 0)
			is_inside = !is_inside;
	}
	return is_inside;
}

static bool is_on_map(const struct point *point)
{
	return point->latitude >= -LATITUDE_MAX && point->latitude <= LATITUDE_MAX && point->longitude >= -LONGITUDE_MAX &&
	       point->longitude <= LONGITUDE_MAX;
}

/* Neighbours share their corner and nothing else. */
static bool neighbours_part(struct spot before, struct spot corner, struct spot after)
{
	return side(before, corner, after) != 0 || (!is_on(before, corner, after) && !is_on(corner, after, before));
}

bool polygon_sound(const struct polygon *polygon)
{
	size_t count = polygon->count;

	if (count < 3 || count > POLYGON_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_on_map(&polygon->points[i]) ||
		    !neighbours_part(spot_of(polygon, i), spot_of(polygon, i + 1), spot_of(polygon, i + 2)))
			return false;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 2; j < count; j++)
			if ((i != 0 || j != count - 1) &&
			    do_meet(spot_of(polygon, i), spot_of(polygon, i + 1), spot_of(polygon, j), spot_of(polygon, j + 1)))
				return false;
	return true;
}

bool polygon_holds(const struct polygon *polygon, struct point point)
{
	return holds(polygon, (struct spot){2 * (int64_t)point.latitude, 2 * (int64_t)point.longitude});
}

static int compare_spots(const void *left, const void *right)
{
	const struct spot *a = left, *b = right;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return a->y < b->y ? -1 : a->y > b->y;
}

enum border { BORDER_APART, BORDER_WITHIN, BORDER_SAME };

/* Where an edge goes that crosses no edge of the other polygon inside of both: the corners of the other one that lie on it cut it into
 * pieces, each of which is within the other, without, or part of its border. */
static enum border edge_border(struct spot a, struct spot b, const struct polygon *other)
{
	struct spot cuts[POLYGON_MAX + 2] = {a, b};
	size_t count = 2;
	enum border border = BORDER_SAME;

	for (size_t i = 0; i < other->count; i++)
		if (is_on(a, b, spot_of(other, i)))
			cuts[count++] = spot_of(other, i);
	qsort(cuts, count, sizeof(*cuts), compare_spots);
	for (size_t i = 1; i < count; i++) {
		struct spot middle = {(cuts[i - 1].y + cuts[i].y) / 2, (cuts[i - 1].x + cuts[i].x) / 2};

		if (compare_spots(&cuts[i - 1], &cuts[i]) == 0 || is_on_border(other, middle))
			continue;
		if (holds(other, middle))
			return BORDER_WITHIN;
		border = BORDER_APART;
	}
	return border;
}

/* Whether the border of one goes through the other, lies on the other's everywhere, or neither. */
static enum border border_of(const struct polygon *one, const struct polygon *two)
{
	enum border border = BORDER_SAME;

	for (size_t i = 0; i < one->count; i++) {
		struct spot a = spot_of(one, i), b = spot_of(one, i + 1);
		enum border edge;

		for (size_t j = 0; j < two->count; j++)
			if (do_cross(a, b, spot_of(two, j), spot_of(two, j + 1)))
				return BORDER_WITHIN;
		edge = edge_border(a, b, two);
		if (edge == BORDER_WITHIN)
			return BORDER_WITHIN;
		if (edge == BORDER_APART)
			border = BORDER_APART;
	}
	return border;
}

bool polygon_overlaps(const struct polygon *one, const struct polygon *two)
{
	CHECK(one->count >= 3 && one->count <= POLYGON_MAX);
	CHECK(two->count >= 3 && two->count <= POLYGON_MAX);
	return border_of(one, two) != BORDER_APART || border_of(two, one) == BORDER_WITHIN;
}

struct box polygon_box(const struct polygon *polygon)
{
	struct box box = {polygon->points[0], polygon->points[0]};

	for (size_t i = 1; i < polygon->count; i++) {
		struct point point = polygon->points[i];

		box.low.latitude = point.latitude < box.low.latitude ? point.latitude : box.low.latitude;
		box.low.longitude = point.longitude < box.low.longitude ? point.longitude : box.low.longitude;
		box.high.latitude = point.latitude > box.high.latitude ? point.latitude : box.high.latitude;
		box.high.longitude = point.longitude > box.high.longitude ? point.longitude : box.high.longitude;
	}
	return box;
}
