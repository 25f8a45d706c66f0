/* on_corridor_submitted.c -- staff says how far prices may lie from the list price (控价), and what follows. */
#include "channel.h"
#include "record.h"

/* R42: A corridor is for one brand, one category, one SKU or everything, at one outlet, in one territory, in one
 * tier or everywhere. */
static bool corridor_scope_valid(struct turn *turn, const struct corridor_submitted *corridor)
{
	if (corridor->has_brand + corridor->has_category + corridor->has_sku > 1 ||
	    corridor->has_outlet + corridor->has_territory + corridor->has_tier > 1)
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "bad_scope",
		                     "give one of brand, category, sku, and one of outlet, territory, tier");
	if (corridor->has_territory && !record_known(turn, TABLE_TERRITORY, corridor->territory))
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "unknown_territory",
		                     "territory %.*s is not known", TEXT_ARGS(corridor->territory));
	if (corridor->has_sku && !record_known(turn, TABLE_PRODUCT, corridor->sku))
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "unknown_product",
		                     "product %.*s is not known", TEXT_ARGS(corridor->sku));
	if (corridor->has_outlet && !record_known(turn, TABLE_OUTLET, corridor->outlet))
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "unknown_outlet",
		                     "outlet %.*s is not known", TEXT_ARGS(corridor->outlet));
	return !corridor->has_currency ||
	       record_currency(turn, TABLE_CORRIDOR, corridor->corridor, corridor->currency);
}

/* R43: A corridor has a floor of at most the list price, a ceiling of at least it, or both; its ladder of
 * severities rises. */
static bool corridor_bounds_valid(struct turn *turn, const struct corridor_submitted *corridor)
{
	const int64_t whole = 10000;

	if ((!corridor->has_floor_bp && !corridor->has_ceiling_bp) ||
	    (corridor->has_floor_bp && (corridor->floor_bp < 0 || corridor->floor_bp > whole)) ||
	    (corridor->has_ceiling_bp && (corridor->ceiling_bp < whole || corridor->ceiling_bp > 1000 * whole)))
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "bad_corridor",
		                     "floor, list price and ceiling are not in this order");
	return ladder_rises(corridor) ||
	       record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "bad_ladder",
	                     "sizes and severities rise from rung to rung: notice, freeze, terminate");
}

static bool corridor_valid(struct turn *turn, const struct corridor_submitted *corridor)
{
	if (!corridor_scope_valid(turn, corridor) || !corridor_bounds_valid(turn, corridor))
		return false;
	if (!window_ordered(corridor->has_from, corridor->from, corridor->has_until, corridor->until))
		return record_refuse(turn, TABLE_CORRIDOR, corridor->corridor, "bad_period",
		                     "its days are no dates, or not in order");
	return (!corridor->has_mode || record_word(turn, TABLE_CORRIDOR, corridor->corridor, "mode",
	                                           corridor->mode, "unknown_mode")) &&
	       (!corridor->has_status || record_word(turn, TABLE_CORRIDOR, corridor->corridor, "status",
	                                             corridor->status, "unknown_status"));
}

void on_corridor_submitted(struct turn *turn, const struct corridor_submitted *corridor)
{
	if (corridor_valid(turn, corridor))
		record_submit(turn, TABLE_CORRIDOR, bytes_of_text(corridor->corridor), corridor);
}
