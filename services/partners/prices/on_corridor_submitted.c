/* on_corridor_submitted.c -- staff says how far prices may lie from the list price (控价), and what follows. */
#include "channel/channel.h"
#include "record.h"

/* R42: A corridor is for one brand, one category, one SKU or everything, at one outlet, in one territory, in one
 * tier or everywhere. */
static bool corridor_scope_valid(struct turn *turn, const struct corridor_submitted *corridor)
{
	const struct record_scope scope = {.brand = corridor->brand, /* empty where not given */
	                                   .category = corridor->category,
	                                   .sku = corridor->sku,
	                                   .outlet = corridor->outlet,
	                                   .territory = corridor->territory,
	                                   .has_tier = corridor->has_tier};

	if (!record_scope_valid(turn, TABLE_CORRIDOR, corridor->corridor, &scope))
		return false;
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
	if (!record_days(turn, TABLE_CORRIDOR, corridor->corridor, corridor->has_from, corridor->from, corridor->has_until, corridor->until))
		return false;
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
