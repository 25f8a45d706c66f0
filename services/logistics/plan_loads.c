/* plan_loads.c -- filling vehicles, outlet by outlet. */
#include "plan_inside.h"

static struct cargo *vehicle(struct plan *plan, const struct want *want, const struct choice *choice)
{
	struct cargo *cargo;

	if (plan->cargo_count == PLAN_SHIPMENTS_MAX)
		return NULL;
	cargo = &plan->cargos[plan->cargo_count++];
	*cargo = (struct cargo){.outlet = want->outlet,
	                        .spot = place_spot(plan->turn, want->outlet),
	                        .choice = choice,
	                        .first = plan->piece_count};
	return cargo;
}

/* A want goes into the vehicle until it is full, then into the next. Returns the vehicle that is open now;
   NULL: no more vehicles. */
static struct cargo *load(struct plan *plan, struct cargo *cargo, struct want *want,
                          const struct choice *choice)
{
	struct quantity pack = pack_get(plan->turn, want->sku);

	while (want->loaded.milli < want->given.milli) {
		struct quantity left = quantity_sub(want->given, want->loaded);
		struct quantity room = cargo != NULL
		                           ? vehicle_room(left, pack, cargo->load, choice->capacity)
		                           : quantity_of(0);

		if (room.milli == 0) {
			cargo = vehicle(plan, want, choice);
			if (cargo == NULL)
				return NULL;
			continue;
		}
		plan->pieces[plan->piece_count++] = (struct piece){.want = want, .quantity = room};
		cargo->count++;
		cargo->load = quantity_add(cargo->load, room);
		want->loaded = quantity_add(want->loaded, room);
	}
	return cargo;
}

/* The last vehicle is unloaded again when it is not full: only full ones leave before the wave. */
static void unload(struct plan *plan, struct cargo *cargo, struct want *wants, uint32_t count)
{
	if (cargo->load.milli >= cargo->choice->capacity.milli)
		return;
	for (uint32_t i = 0; i < cargo->count; i++)
		for (uint32_t k = 0; k < count; k++)
			if (plan->pieces[cargo->first + i].want == &wants[k])
				wants[k].loaded =
				    quantity_sub(wants[k].loaded, plan->pieces[cargo->first + i].quantity);
	plan->piece_count = cargo->first;
	plan->cargo_count--;
}

static void load_outlet(struct plan *plan, struct want *wants, uint32_t count)
{
	struct choice *choice = turn_take(plan->turn, sizeof(*choice));
	struct good *goods = turn_take(plan->turn, count * sizeof(*goods));
	struct errand errand = {
	    .warehouse = plan->warehouse, .outlet = wants[0].outlet, .goods = goods, .count = count};
	struct cargo *cargo = NULL;
	int64_t need_by_us = 0;
	bool any = false;

	for (uint32_t i = 0; i < count; i++) {
		goods[i] = (struct good){wants[i].sku, wants[i].given};
		if (wants[i].need_by_us != 0 && (need_by_us == 0 || wants[i].need_by_us < need_by_us))
			need_by_us = wants[i].need_by_us;
		any = any || wants[i].given.milli > 0;
	}
	errand.minutes_left = choice_minutes_left(need_by_us, turn_input(plan->turn)->time_us);
	/* R11: Where no lane leads to an outlet yet its restocks stay in the wave. */
	if (!any || !choice_of(plan->turn, &errand, choice))
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (wants[i].given.milli == 0)
			continue;
		cargo = load(plan, cargo, &wants[i], choice);
		if (cargo == NULL)
			return; /* more shipments than one plan may have: the rest stays in the wave */
	}
	if (plan->outlet.size > 0)
		unload(plan, cargo, wants, count);
}

void plan_loads(struct plan *plan)
{
	plan->cargos = turn_take(plan->turn, PLAN_SHIPMENTS_MAX * sizeof(*plan->cargos));
	plan->pieces =
	    turn_take(plan->turn, (plan->want_count + PLAN_SHIPMENTS_MAX) * sizeof(*plan->pieces));
	for (uint32_t first = 0, next; first < plan->want_count; first = next) {
		for (next = first + 1; next < plan->want_count; next++)
			if (!text_equal(plan->wants[next].outlet, plan->wants[first].outlet))
				break;
		load_outlet(plan, plan->wants + first, next - first);
	}
}
