/* on_observation_declared.c -- an offer that was seen on a market is compared with the corridor, as a sale is. */
#include "corridor.h"
#include "events/partners.h"

/* R24: An observed offer is judged as a line is: by the outlet that the seller is, else as of nobody. */
static bool observation_judge(struct turn *turn, const struct observation_declared *seen, struct verdict *verdict)
{
	struct asked asked = {.outlet = seen->outlet, /* empty where not given */
	                      .sku = seen->sku,
	                      .currency = seen->currency,
	                      .scopes = scopes_seen(turn),
	                      .price = seen->unit_price};
	struct outlet outlet;
	struct product product;

	if (seen->has_outlet && outlet_get(turn, seen->outlet, &outlet)) {
		asked.tier = outlet.tier;
		asked.is_own = outlet.is_own;
		asked.channel = channel_text(outlet.channel);
		asked.where = (struct somewhere){CODE_TEXT(outlet.area), outlet.has_point, {outlet.latitude, outlet.longitude}};
	}
	return day_number(seen->day, &asked.day) && product_get(turn, seen->sku, &product) &&
	       corridor_judge(turn, &asked, &product, verdict);
}

void on_observation_declared(struct turn *turn, const struct observation_declared *seen)
{
	struct verdict verdict;

	if (!observation_judge(turn, seen, &verdict))
		return;
	struct listing_deviation_detected detected = {
	    .observation = seen->observation,
	    .observation_version = seen->version,
	    .has_outlet = seen->has_outlet,
	    .outlet = seen->outlet,
	    .seller = seen->seller,
	    .platform = seen->platform,
	    .currency = seen->currency,
	    .day = seen->day,
	    .sku = seen->sku,
	    .unit_price = seen->unit_price,
	    .has_floor = verdict.bounds.has_floor,
	    .floor = {verdict.bounds.floor_e4},
	    .has_ceiling = verdict.bounds.has_ceiling,
	    .ceiling = {verdict.bounds.ceiling_e4},
	    .deviation_bp = verdict.deviation_bp,
	    .price_version = verdict.bounds.version,
	    .has_mode = verdict.rule_version > 0,
	    .mode = corridor_mode_text(verdict.mode),
	    .has_severity = verdict.severity != SEVERITY_NONE,
	    .severity = severity_text(verdict.severity),
	    .has_corridor = verdict.rule_version > 0,
	    .corridor = verdict.corridor,
	    .has_corridor_version = verdict.rule_version > 0,
	    .corridor_version = verdict.rule_version,
	    .has_recommended = verdict.bounds.has_recommended,
	    .recommended = {verdict.bounds.recommended_e4},
	    .has_promotion = verdict.offer.promotion.size > 0,
	    .promotion = verdict.offer.promotion,
	    .has_promotion_version = verdict.offer.promotion.size > 0,
	    .promotion_version = verdict.offer.rule.version};
	emit_listing_deviation_detected(turn, &detected);
}
