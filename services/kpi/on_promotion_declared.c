/* on_promotion_declared.c -- something is promoted for some days. */
#include "promotion.h"

#include "events/partners.h"

void on_promotion_declared(struct turn *turn, const struct promotion_declared *declared)
{
	struct promotion promotion = {.goods = {.from = day_of(declared->from) - PROMOTION_BASE_DAYS,
						.until = day_of(declared->until),
						.metric = METRIC_UNITS,
						.version = declared->version,
						.tier = (uint32_t)declared->tier},
				      .cap = declared->cap.minor, /* 0 where not given */
				      .unmeasured = declared->has_channel,
				      .state = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"))
						       ? PROMOTION_SET
						       : PROMOTION_CLOSED};

	if (promotion.goods.from < 1)
		promotion.goods.from = 1;
	CODE_PUT(promotion.goods.outlet, declared->outlet); /* empty where not given */
	CODE_PUT(promotion.goods.category, declared->category);
	CODE_PUT(promotion.goods.brand, declared->brand);
	CODE_PUT(promotion.goods.sku, declared->sku);
	CODE_PUT(promotion.currency, declared->currency);
	promotion_declare(turn, declared->promotion, &promotion);
}
