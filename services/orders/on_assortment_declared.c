/* on_assortment_declared.c -- what may be sold where (铺货授权), or may not. */
#include "corridor.h"
#include "events/partners.h"

void on_assortment_declared(struct turn *turn, const struct assortment_declared *declared)
{
	const struct rule_scope scope = {.outlet = declared->outlet, /* empty where not given */
	                                 .channel = declared->channel,
	                                 .tier = declared->tier,
	                                 .sku = declared->sku,
	                                 .category = declared->category,
	                                 .brand = declared->brand};
	struct assortment rule = {.version = declared->version,
	                          .forbids = !declared->allowed,
	                          .mode = declared->has_mode ? (uint8_t)corridor_mode_of(declared->mode) : MODE_OBSERVE,
	                          .resellers = declared->has_resellers && declared->resellers,
	                          .severity = declared->has_severity ? (uint8_t)severity_of(declared->severity) : SEVERITY_NONE};
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));
	int64_t from = DAY_MIN;

	if (declared->has_from && !day_number(declared->from, &from))
		return; /* partners declares none such */
	rule.has_until = declared->has_until && day_number(declared->until, &rule.until);
	rule_place(turn, RULES_ASSORTMENT, declared->assortment, &scope, from, is_active ? &rule : NULL);
}
