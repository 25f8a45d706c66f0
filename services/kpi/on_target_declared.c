/* on_target_declared.c -- something has to be reached. */
#include "target.h"

void on_target_declared(struct turn *turn, const struct target_declared *declared)
{
	struct target target = {.value = declared->value,
				.version = declared->version,
				.from = day_of(declared->from),
				.until = day_of(declared->until),
				.metric = metric_of(declared->metric),
				.stretch = declared->has_stretch ? declared->stretch : 0,
				.tier = declared->has_tier && !declared->has_outlet ? (uint32_t)declared->tier
										    : 0};

	if (target.until < target.from)
		target.until = target.from;
	if (declared->has_currency)
		CODE_PUT(target.currency, declared->currency);
	if (declared->has_outlet)
		CODE_PUT(target.outlet, declared->outlet);
	if (declared->has_category)
		CODE_PUT(target.category, declared->category);
	if (declared->has_brand)
		CODE_PUT(target.brand, declared->brand);
	if (declared->has_sku)
		CODE_PUT(target.sku, declared->sku);
	if (declared->has_salesperson)
		CODE_PUT(target.person, declared->salesperson);
	CODE_PUT(target.territory, declared->territory); /* empty where not given */
	if (declared->has_parent)
		CODE_PUT(target.parent, declared->parent);
	target_declare(turn, declared->target, &target);
}
