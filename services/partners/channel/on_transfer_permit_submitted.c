/* on_transfer_permit_submitted.c -- staff lets an outlet sell into a territory of another (调货). */
#include "record.h"

/* R48: A transfer permit is for a known outlet and a known territory, and stays with both. */
static bool permit_stays(struct turn *turn, const struct transfer_permit_submitted *permit)
{
	struct transfer_permit_submitted before;

	if (record_fields(turn, TABLE_TRANSFER_PERMIT, bytes_of_text(permit->permit), &before) == 0)
		return true;
	return (text_equal(before.outlet, permit->outlet) && text_equal(before.territory, permit->territory)) ||
	       record_refuse(turn, TABLE_TRANSFER_PERMIT, permit->permit, "bad_permit",
	                     "it was given to outlet %.*s for territory %.*s", TEXT_ARGS(before.outlet),
	                     TEXT_ARGS(before.territory));
}

static bool permit_valid(struct turn *turn, const struct transfer_permit_submitted *permit)
{
	if (!record_names(turn, TABLE_TRANSFER_PERMIT, permit->permit, TABLE_OUTLET, permit->outlet) ||
	    !record_names(turn, TABLE_TRANSFER_PERMIT, permit->permit, TABLE_TERRITORY, permit->territory) ||
	    !record_days(turn, TABLE_TRANSFER_PERMIT, permit->permit, permit->has_from, permit->from, permit->has_until, permit->until))
		return false;
	if (permit->has_status &&
	    !record_word(turn, TABLE_TRANSFER_PERMIT, permit->permit, "status", permit->status, "unknown_status"))
		return false;
	return permit_stays(turn, permit);
}

void on_transfer_permit_submitted(struct turn *turn, const struct transfer_permit_submitted *permit)
{
	if (permit_valid(turn, permit))
		record_submit(turn, TABLE_TRANSFER_PERMIT, bytes_of_text(permit->permit), permit);
}
