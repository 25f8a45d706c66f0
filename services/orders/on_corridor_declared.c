/* on_corridor_declared.c -- how far prices may lie from the list price (控价), and what follows. */
#include "corridor.h"
#include "events/partners.h"

void on_corridor_declared(struct turn *turn, const struct corridor_declared *declared)
{
	struct rule_scope scope = {.outlet = declared->outlet, /* empty where not given */
	                           .territory = declared->territory,
	                           .tier = declared->tier,
	                           .sku = declared->sku,
	                           .category = declared->category,
	                           .brand = declared->brand,
	                           .currency = declared->currency};
	struct rule rule = {.version = declared->version,
	                    .has_floor = declared->has_floor_bp,
	                    .floor_bp = declared->floor_bp,
	                    .has_ceiling = declared->has_ceiling_bp,
	                    .ceiling_bp = declared->ceiling_bp,
	                    .mode = declared->has_mode ? (uint8_t)corridor_mode_of(declared->mode) : MODE_OBSERVE,
	                    .resellers = declared->has_resellers && declared->resellers};
	/* R33: A rule that is not active, or whose days are no dates, counts for nothing. */
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));
	int64_t from = DAY_MIN;

	if (declared->has_from && !day_number(declared->from, &from))
		return; /* partners declares none such */
	rule.has_until = declared->has_until && day_number(declared->until, &rule.until);
	for (uint32_t i = 0; declared->has_severities && i < declared->severities.count && i < RUNGS_MAX; i++) {
		rule.from_bp[i] = declared->severities.items[i].from_bp;
		rule.severities[i] = (uint8_t)severity_of(declared->severities.items[i].severity);
		rule.rungs++;
	}
	rule_place(turn, RULES_CORRIDOR, declared->corridor, &scope, from, is_active ? &rule : NULL);
}
