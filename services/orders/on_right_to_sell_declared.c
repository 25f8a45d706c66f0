/* on_right_to_sell_declared.c -- what only an outlet with a certificate may sell (持证销售). */
#include "corridor.h"
#include "events/partners.h"

void on_right_to_sell_declared(struct turn *turn, const struct right_to_sell_declared *declared)
{
	const struct rule_scope scope = {.outlet = declared->outlet, /* empty where not given */
	                                 .channel = declared->channel,
	                                 .tier = declared->tier,
	                                 .sku = declared->sku,
	                                 .category = declared->category,
	                                 .brand = declared->brand};
	struct right right = {.version = declared->version,
	                      .mode = declared->has_mode ? (uint8_t)corridor_mode_of(declared->mode) : MODE_OBSERVE,
	                      .resellers = declared->has_resellers && declared->resellers};
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));
	int64_t from = DAY_MIN;

	if (declared->has_from && !day_number(declared->from, &from))
		return; /* partners declares none such */
	CODE_PUT(right.course, declared->course);
	right.has_until = declared->has_until && day_number(declared->until, &right.until);
	rule_place(turn, RULES_RIGHT, declared->right_to_sell, &scope, from, is_active ? &right : NULL);
}
