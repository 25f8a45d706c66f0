/* on_fair_share_submitted.c -- staff publishes how scarce goods are shared (分货) between 一网 and 二网. */
#include "record.h"

#define WHOLE_BP 10000

/* R76: A rule of sharing is for a known warehouse or all, and for one brand, one category, one known SKU or everything; its days are in order,
 * its words are of their lists. */
static bool fair_share_placed(struct turn *turn, const struct fair_share_submitted *fair)
{
	const struct text key = fair->fair_share;
	const struct record_scope scope = {.brand = fair->brand, .category = fair->category, .sku = fair->sku}; /* empty where not given */

	if (!record_scope_valid(turn, TABLE_FAIR_SHARE, key, &scope) ||
	    (fair->has_warehouse && !record_names(turn, TABLE_FAIR_SHARE, key, TABLE_WAREHOUSE, fair->warehouse)) ||
	    !record_days(turn, TABLE_FAIR_SHARE, key, fair->has_from, fair->from, fair->has_until, fair->until))
		return false;
	return record_word(turn, TABLE_FAIR_SHARE, key, "basis", fair->basis, "unknown_basis") &&
	       (!fair->has_status || record_word(turn, TABLE_FAIR_SHARE, key, "status", fair->status, "unknown_status"));
}

/* R77: What is kept for the tiers is no less than nothing of each and no more than all of both together; a minimum is no less than nothing. */
static bool fair_share_valid(struct turn *turn, const struct fair_share_submitted *fair)
{
	if (fair->reserve_1_bp < 0 || fair->reserve_2_bp < 0 || fair->reserve_1_bp > WHOLE_BP ||
	    fair->reserve_2_bp > WHOLE_BP - fair->reserve_1_bp) /* 0 where not given */
		return record_refuse(turn, TABLE_FAIR_SHARE, fair->fair_share, "bad_shares", "more than all is kept for the tiers, or less than nothing");
	return !fair->has_minimum || fair->minimum.milli >= 0 ||
	       record_refuse(turn, TABLE_FAIR_SHARE, fair->fair_share, "bad_minimum", "a minimum is no less than nothing");
}

void on_fair_share_submitted(struct turn *turn, const struct fair_share_submitted *fair)
{
	if (fair_share_placed(turn, fair) && fair_share_valid(turn, fair))
		record_submit(turn, TABLE_FAIR_SHARE, bytes_of_text(fair->fair_share), fair);
}
