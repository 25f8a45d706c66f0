/* route.c -- nearest neighbour and 2-opt over integer metres. */
#include "route.h"

#include "base/check.h"

#define DEGREE 10000000 /* 1e-7 degrees in a degree */

static int64_t root_floor(uint64_t number)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
		if ((root + bit) * (root + bit) <= number)
			root += bit;
	return (int64_t)root;
}

/* cos(x) = (32400 - 4 x^2) / (32400 + x^2), x in degrees, -90 to 90; here in 1/65536. Source: Bhaskara I,
   7th century. */
static int64_t cosine(int64_t latitude)
{
	int64_t centi = latitude / (DEGREE / 100); /* hundredths of a degree */
	int64_t square = centi * centi;

	return 65536 * (324000000 - 4 * square) / (324000000 + square);
}

/* Metres of an angle along a great circle of the Earth: 11131949 m in 100 degrees (WGS 84, equator). */
static int64_t arc_metres(int64_t angle)
{
	return angle * 11131949 / (100 * (int64_t)DEGREE);
}

int64_t spot_metres(struct spot a, struct spot b)
{
	int64_t north, east;

	if (!a.known || !b.known)
		return 0;
	north = (int64_t)a.latitude - b.latitude;
	east = (int64_t)a.longitude - b.longitude;
	if (east > 180 * (int64_t)DEGREE)
		east -= 360 * (int64_t)DEGREE;
	if (east < -180 * (int64_t)DEGREE)
		east += 360 * (int64_t)DEGREE;
	north = arc_metres(north);
	east = arc_metres(east) * cosine(((int64_t)a.latitude + b.latitude) / 2) / 65536;
	return root_floor((uint64_t)(north * north + east * east));
}

int64_t route_metres(struct spot depot, const struct spot *stops, uint32_t count, const uint32_t *order)
{
	struct spot at = depot;
	int64_t metres = 0;

	for (uint32_t i = 0; i < count; i++) {
		metres += spot_metres(at, stops[order[i]]);
		at = stops[order[i]];
	}
	return metres + spot_metres(at, depot);
}

/* Always drive to the nearest stop that is left; ties go to the one given first. */
static void nearest_neighbour(struct spot depot, const struct spot *stops, uint32_t count, uint32_t *order)
{
	struct spot at = depot;

	for (uint32_t done = 0; done < count; done++) {
		uint32_t best = done;
		int64_t best_metres = spot_metres(at, stops[order[done]]);

		for (uint32_t i = done + 1; i < count; i++) {
			int64_t metres = spot_metres(at, stops[order[i]]);

			if (metres < best_metres || (metres == best_metres && order[i] < order[best])) {
				best = i;
				best_metres = metres;
			}
		}
		uint32_t next = order[best];
		order[best] = order[done];
		order[done] = next;
		at = stops[next];
	}
}

/* Distances of a round's places, the depot last. */
struct distances {
	int64_t metres[ROUTE_STOPS_MAX + 1][ROUTE_STOPS_MAX + 1];
	uint32_t depot;
};

static void measure(struct distances *distances, struct spot depot, const struct spot *stops,
                    uint32_t count)
{
	distances->depot = count;
	for (uint32_t i = 0; i <= count; i++)
		for (uint32_t k = 0; k <= count; k++)
			distances->metres[i][k] =
			    spot_metres(i < count ? stops[i] : depot, k < count ? stops[k] : depot);
}

static void reverse(uint32_t *order, uint32_t first, uint32_t last)
{
	for (; first < last; first++, last--) {
		uint32_t swapped = order[first];

		order[first] = order[last];
		order[last] = swapped;
	}
}

/* Turn round every stretch of the round whose turning shortens it; returns whether one was found. */
static bool untangle(const struct distances *distances, uint32_t count, uint32_t *order)
{
	bool gained = false;

	for (uint32_t first = 0; first + 1 < count; first++)
		for (uint32_t last = first + 1; last < count; last++) {
			uint32_t before = first > 0 ? order[first - 1] : distances->depot;
			uint32_t after = last + 1 < count ? order[last + 1] : distances->depot;
			int64_t now =
			    distances->metres[before][order[first]] + distances->metres[order[last]][after];
			int64_t then =
			    distances->metres[before][order[last]] + distances->metres[order[first]][after];

			if (then < now) {
				reverse(order, first, last);
				gained = true;
			}
		}
	return gained;
}

/* R8: Stops are driven nearest first, then stretches are turned round as long as that shortens the round;
   where a place has no coordinates the given order stays. */
void route_order(struct spot depot, const struct spot *stops, uint32_t count, uint32_t *order)
{
	struct distances distances;
	bool known = depot.known;

	for (uint32_t i = 0; i < count; i++) {
		order[i] = i;
		known = known && stops[i].known;
	}
	if (!known)
		return;
	nearest_neighbour(depot, stops, count, order);
	if (count > ROUTE_STOPS_MAX || count < 3)
		return;
	measure(&distances, depot, stops, count);
	while (untangle(&distances, count, order))
		; /* every turn shortens the round by whole metres, so this ends */
}
