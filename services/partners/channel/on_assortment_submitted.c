/* on_assortment_submitted.c -- staff says what may be sold where (铺货授权), or may not. */
#include "record.h"

/* R70: An assortment is for one brand, one category, one SKU or everything, at one outlet, in one channel, in one tier or everywhere; its days
 * are in order, its words are of their lists. */
static bool assortment_valid(struct turn *turn, const struct assortment_submitted *assortment)
{
	const struct text key = assortment->assortment;

	if (!record_scope_valid(turn, TABLE_ASSORTMENT, key, RECORD_SCOPE(assortment)) ||
	    !record_days(turn, TABLE_ASSORTMENT, key, assortment->has_from, assortment->from, assortment->has_until, assortment->until))
		return false;
	return (!assortment->has_mode || record_word(turn, TABLE_ASSORTMENT, key, "mode", assortment->mode, "unknown_mode")) &&
	       (!assortment->has_severity ||
	        record_word(turn, TABLE_ASSORTMENT, key, "severity", assortment->severity, "unknown_severity")) &&
	       (!assortment->has_status || record_word(turn, TABLE_ASSORTMENT, key, "status", assortment->status, "unknown_status"));
}

void on_assortment_submitted(struct turn *turn, const struct assortment_submitted *assortment)
{
	if (assortment_valid(turn, assortment))
		record_submit(turn, TABLE_ASSORTMENT, bytes_of_text(assortment->assortment), assortment);
}
