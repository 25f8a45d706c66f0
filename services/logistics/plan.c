/* plan.c -- the steps of a plan, in order. */
#include "plan_inside.h"

#include "wave.h"

/* The pending restocks of the warehouse, or of one outlet, in the order of outlets and restocks. */
static void gather(struct plan *plan)
{
	uint8_t key[KEY_SIZE];
	struct pending pending;
	struct walk walk;

	plan->wants = turn_take(plan->turn, WAVE_RESTOCKS_MAX * sizeof(*plan->wants));
	walk_begin(&walk, plan->turn, TABLE_PENDING,
	           plan->outlet.size > 0 ? KEY_JOIN(key, plan->warehouse, plan->outlet, (struct text){0})
	                                 : KEY_JOIN(key, plan->warehouse, (struct text){0}));
	while (plan->want_count < WAVE_RESTOCKS_MAX && walk_next(&walk)) {
		if (!ROW_GET(plan->turn, TABLE_PENDING, walk.key, &pending))
			continue;
		plan->wants[plan->want_count++] =
		    (struct want){.outlet = text_keep(plan->turn, key_part(walk.key, 1)),
		                  .restock = text_keep(plan->turn, key_part(walk.key, 2)),
		                  .sku = text_keep(plan->turn, CODE_TEXT(pending.sku)),
		                  .need_by_us = pending.need_by_us,
		                  .asked = pending.quantity};
	}
}

static void supply_commit(struct plan *plan, const struct want *want)
{
	struct supply supply = supply_get(plan->turn, plan->warehouse, want->sku);

	supply.committed = quantity_add(supply.committed, want->loaded);
	supply_put(plan->turn, plan->warehouse, want->sku, &supply);
}

static void restock_count(struct plan *plan, const struct want *want)
{
	struct restock restock;

	if (!ROW_GET(plan->turn, TABLE_RESTOCK, bytes_of_text(want->restock), &restock))
		return;
	restock.planned = quantity_add(restock.planned, want->loaded);
	ROW_PUT(plan->turn, TABLE_RESTOCK, bytes_of_text(want->restock), &restock);
}

/* What is loaded leaves the wave, what is scarce waits, the rest stays for the next window. */
static void settle(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->want_count; i++) {
		const struct want *want = &plan->wants[i];

		if (want->loaded.milli > 0) {
			wave_take(plan->turn, plan->warehouse, want->outlet, want->restock, want->loaded);
			supply_commit(plan, want);
			restock_count(plan, want);
		}
		if (want->scarce && want->given.milli < want->asked.milli)
			wave_wait(plan->turn, plan->warehouse, want->outlet, want->restock,
			          quantity_sub(want->asked, want->given));
	}
}

static void plan_all(struct plan *plan)
{
	gather(plan);
	plan_share(plan);
	plan_loads(plan);
	plan_rounds(plan);
	plan_say(plan);
	settle(plan);
}

void plan_wave(struct turn *turn, struct text warehouse)
{
	struct plan plan = {.turn = turn, .warehouse = text_keep(turn, warehouse)};

	plan_all(&plan);
}

void plan_full(struct turn *turn, struct text warehouse, struct text outlet)
{
	struct plan plan = {
	    .turn = turn, .warehouse = text_keep(turn, warehouse), .outlet = text_keep(turn, outlet)};

	plan_all(&plan);
}
