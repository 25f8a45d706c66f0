/* plan_rounds.c -- which shipments share a vehicle's round, and in which order it drives. */
#include "plan_inside.h"

static bool same_carrier(const struct choice *a, const struct choice *b)
{
	return memcmp(a->carrier, b->carrier, CODE_SIZE) == 0 &&
	       memcmp(a->currency, b->currency, CURRENCY_SIZE) == 0;
}

/* Puts `count` cargo numbers into the order in which they are driven; returns the length of the round. */
static int64_t drive(struct plan *plan, uint32_t *cargos, uint32_t count)
{
	struct spot *spots = turn_take(plan->turn, count * sizeof(*spots));
	uint32_t *order = turn_take(plan->turn, count * sizeof(*order));
	uint32_t *before = turn_take(plan->turn, count * sizeof(*before));
	struct spot depot = place_spot(plan->turn, plan->warehouse);

	for (uint32_t i = 0; i < count; i++) {
		before[i] = cargos[i];
		spots[i] = plan->cargos[cargos[i]].spot;
	}
	route_order(depot, spots, count, order);
	for (uint32_t i = 0; i < count; i++)
		cargos[i] = before[order[i]];
	return route_metres(depot, spots, count, order);
}

static void round_add(struct plan *plan, uint32_t first, uint32_t count)
{
	struct round *round = &plan->rounds[plan->round_count];

	*round = (struct round){
	    .choice = plan->cargos[plan->stops[first]].choice, .first = first, .count = count};
	round->metres = drive(plan, plan->stops + first, count);
	for (uint32_t i = 0; i < count; i++)
		plan->cargos[plan->stops[first + i]].round = plan->round_count;
	plan->round_count++;
}

/* R12: The shipments of one carrier are put into one long round, which is cut where a vehicle is full; each
   piece is one vehicle's round. */
static void cut(struct plan *plan, uint32_t first, uint32_t end)
{
	uint32_t start = first;
	int64_t load = 0;

	for (uint32_t i = first; i < end; i++) {
		const struct cargo *cargo = &plan->cargos[plan->stops[i]];
		int64_t capacity = cargo->choice->capacity.milli;

		if (i > start && ((capacity > 0 && load + cargo->load.milli > capacity) ||
		                  i - start == ROUTE_STOPS_MAX)) {
			round_add(plan, start, i - start);
			start = i;
			load = 0;
		}
		load += cargo->load.milli;
	}
	round_add(plan, start, end - start);
}

void plan_rounds(struct plan *plan)
{
	uint8_t *placed = turn_take(plan->turn, plan->cargo_count + 1u);
	uint32_t count = 0;

	memset(placed, 0, plan->cargo_count + 1u);
	plan->stops = turn_take(plan->turn, plan->cargo_count * sizeof(*plan->stops));
	plan->rounds = turn_take(plan->turn, plan->cargo_count * sizeof(*plan->rounds));
	for (uint32_t i = 0; i < plan->cargo_count; i++) {
		uint32_t first = count;

		for (uint32_t k = i; k < plan->cargo_count; k++)
			if (!placed[k] && same_carrier(plan->cargos[k].choice, plan->cargos[i].choice)) {
				placed[k] = 1;
				plan->stops[count++] = k;
			}
		if (count == first)
			continue;
		(void)drive(plan, plan->stops + first, count - first);
		cut(plan, first, count);
	}
}
