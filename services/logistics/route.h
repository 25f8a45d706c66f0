/*
 * route.h -- the order in which a vehicle drives its stops.
 *
 * Distances are whole metres from an integer equirectangular projection: 0.0111319 m per 1e-7 degree of
 * latitude, degrees of longitude shortened by the cosine of the middle latitude, the cosine by Bhaskara I's
 * rational approximation (error below 0.2 %). Over the distances of a delivery round that is nearer than a
 * road is to a straight line, and it is the same on every machine. The file knows no restocks and no
 * vehicles.
 */
#ifndef TRIBUTARY_LOGISTICS_ROUTE_H
#define TRIBUTARY_LOGISTICS_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

/* struct spot -- where a place lies, in 1e-7 degrees. */
struct spot {
	int32_t latitude, longitude;
	bool known;
};

#define ROUTE_STOPS_MAX 64 /* stops of a round that is improved */

/* spot_metres -- the distance; 0 where one of the two is unknown. */
int64_t spot_metres(struct spot a, struct spot b);

/*
 * route_order -- put the stops of a round from and to the depot in a good order: nearest neighbour, then
 * 2-opt until nothing gains.
 *   shape   order[] becomes a permutation of 0..count-1; where a spot is unknown it stays as given. More
 *           than ROUTE_STOPS_MAX stops get the nearest neighbour only: cut them into rounds and order
 *           those.
 *   source  a better heuristic replaces the inside of this function and nothing else.
 */
void route_order(struct spot depot, const struct spot *stops, uint32_t count, uint32_t *order);

/* route_metres -- the length of the round in this order, back to the depot. */
int64_t route_metres(struct spot depot, const struct spot *stops, uint32_t count, const uint32_t *order);

#endif
