/* on_promotion_declared.c -- what is taken off where and when, and who pays for it (促销). */
#include "events/partners.h"
#include "promotion.h"

static struct promotion rule_of(const struct promotion_declared *declared)
{
	struct promotion rule = {.version = declared->version,
	                         .brand_bp = declared->brand_bp,
	                         .has_cap = declared->has_cap,
	                         .cap = declared->cap.minor,
	                         .has_until = 1,
	                         .mechanic = MECHANIC_FLOOR,
	                         .value = declared->floor.e4};

	if (declared->has_off_bp) {
		rule.mechanic = MECHANIC_PERCENT;
		rule.value = declared->off_bp;
	} else if (declared->has_amount_off) {
		rule.mechanic = MECHANIC_AMOUNT;
		rule.value = declared->amount_off.e4;
	}
	return rule;
}

void on_promotion_declared(struct turn *turn, const struct promotion_declared *declared)
{
	struct promotion rule = rule_of(declared);
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));
	struct promotion_set set = {.promotion = declared->promotion,
	                            .currency = declared->currency,
	                            .scope = {.outlet = declared->outlet, /* empty where not given */
	                                      .channel = declared->channel,
	                                      .tier = declared->tier,
	                                      .sku = declared->sku,
	                                      .category = declared->category,
	                                      .brand = declared->brand,
	                                      .currency = declared->currency},
	                            .version = declared->version,
	                            .rule = is_active ? &rule : NULL};

	if (!day_number(declared->from, &set.from) || !day_number(declared->until, &set.until))
		return; /* partners declares none such */
	rule.until = set.until;
	promotion_place(turn, &set);
}
