/* on_fair_share_declared.c -- how scarce goods are shared between 一网 and 二网 (分货). */
#include "events/partners.h"
#include "fair.h"

void on_fair_share_declared(struct turn *turn, const struct fair_share_declared *declared)
{
	const struct fair_scope scope = {.sku = declared->sku, /* empty where not given */
	                                 .category = declared->category,
	                                 .brand = declared->brand,
	                                 .warehouse = declared->warehouse};
	struct fair fair = {.version = declared->version,
	                    .from = INT64_MIN,
	                    .until = INT64_MAX,
	                    .reserve_bp = {declared->reserve_1_bp, declared->reserve_2_bp},
	                    .minimum = declared->minimum,
	                    .is_equal = text_equal(declared->basis, TEXT_LITERAL("equal"))};
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));

	if ((declared->has_from && !day_number(declared->from, &fair.from)) ||
	    (declared->has_until && !day_number(declared->until, &fair.until)))
		return; /* partners declares none such */
	fair_place(turn, declared->fair_share, &scope, is_active ? &fair : NULL);
}
