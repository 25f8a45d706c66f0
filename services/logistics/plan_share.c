/* plan_share.c -- what each restock gets of what its warehouse has. */
#include "fair.h"
#include "plan_inside.h"

/* The wants of one SKU, in the order of outlets. */
struct sharing {
	struct want **wants;
	struct claim *claims;
	uint32_t count;
	struct quantity asked;
	struct text rule; /* the published one that was applied; empty: none */
	int64_t rule_version;
};

static void collect(struct plan *plan, uint32_t first, struct sharing *sharing)
{
	sharing->count = 0;
	sharing->asked = quantity_of(0);
	for (uint32_t i = first; i < plan->want_count; i++) {
		struct want *want = &plan->wants[i];

		if (want->judged || !text_equal(want->sku, plan->wants[first].sku))
			continue;
		want->judged = true;
		sharing->wants[sharing->count] = want;
		sharing->claims[sharing->count++] = (struct claim){.asked = want->asked};
		sharing->asked = quantity_add(sharing->asked, want->asked);
	}
}

static void say(struct plan *plan, const struct sharing *sharing, struct quantity available)
{
	bool is_ruled = sharing->rule.size > 0;
	struct allocation_decided_claim *claims = turn_take(plan->turn, sharing->count * sizeof(*claims));
	struct allocation_decided decided = {.warehouse = plan->warehouse,
	                                     .sku = sharing->wants[0]->sku,
	                                     .available = available,
	                                     .asked = sharing->asked,
	                                     .rule = is_ruled ? TEXT_LITERAL("fair_share") : TEXT_LITERAL("largest_remainder"),
	                                     .has_fair_share = is_ruled,
	                                     .fair_share = sharing->rule,
	                                     .has_fair_share_version = is_ruled,
	                                     .fair_share_version = sharing->rule_version};

	for (uint32_t i = 0; i < sharing->count; i++)
		claims[i] = (struct allocation_decided_claim){.restock = sharing->wants[i]->restock,
		                                              .outlet = sharing->wants[i]->outlet,
		                                              .asked = sharing->claims[i].asked,
		                                              .given = sharing->claims[i].given,
		                                              .has_tier = is_ruled && sharing->claims[i].tier != 0,
		                                              .tier = sharing->claims[i].tier,
		                                              .has_guaranteed = is_ruled,
		                                              .guaranteed = sharing->claims[i].guaranteed,
		                                              .has_reserved = is_ruled,
		                                              .reserved = sharing->claims[i].reserved};
	decided.claims.items = claims;
	decided.claims.count = sharing->count;
	emit_allocation_decided(plan->turn, &decided);
}

/* By the published rule that counts today, or, where there is none, in proportion to what is asked. */
static void share(struct plan *plan, struct sharing *sharing, struct quantity available)
{
	struct text sku = sharing->wants[0]->sku;
	struct quantity unit = pack_get(plan->turn, sku);
	struct fair fair;

	sharing->rule = (struct text){0};
	if (!fair_find(plan->turn, plan->warehouse, sku, turn_input(plan->turn)->time_us / US_PER_DAY, &fair, &sharing->rule)) {
		share_scarce(available, unit, sharing->claims, sharing->count);
		return;
	}
	sharing->rule_version = fair.version;
	for (uint32_t i = 0; i < sharing->count; i++)
		sharing->claims[i].tier = place_tier(plan->turn, sharing->wants[i]->outlet);
	share_fairly(&fair, available, unit, sharing->claims, sharing->count);
}

static void judge(struct plan *plan, struct sharing *sharing)
{
	struct text sku = sharing->wants[0]->sku;
	struct supply supply = supply_get(plan->turn, plan->warehouse, sku);
	int64_t free_milli = supply.on_hand.milli - supply.committed.milli;
	struct quantity available = quantity_of(free_milli > 0 ? free_milli : 0);

	/* R10: A warehouse that was never counted and never received an SKU is taken to have enough of
	   it. */
	if (!supply.known || supply.asked.milli <= available.milli) {
		for (uint32_t i = 0; i < sharing->count; i++)
			sharing->wants[i]->given = sharing->wants[i]->asked;
		return;
	}
	if (plan->outlet.size > 0)
		return; /* what others have asked for too waits for the wave */
	share(plan, sharing, available);
	say(plan, sharing, available);
	for (uint32_t i = 0; i < sharing->count; i++) {
		sharing->wants[i]->given = sharing->claims[i].given;
		sharing->wants[i]->scarce = true;
	}
}

void plan_share(struct plan *plan)
{
	struct sharing sharing = {.wants = turn_take(plan->turn, plan->want_count * sizeof(*sharing.wants)),
	                          .claims =
	                              turn_take(plan->turn, plan->want_count * sizeof(*sharing.claims))};

	for (uint32_t i = 0; i < plan->want_count; i++)
		if (!plan->wants[i].judged) {
			collect(plan, i, &sharing);
			judge(plan, &sharing);
		}
}
