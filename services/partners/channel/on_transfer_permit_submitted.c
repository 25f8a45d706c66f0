/* on_transfer_permit_submitted.c -- staff lets an outlet sell into a territory of another (调货). */
#include "base/error.h"
#include "channel/channel.h"
#include "record.h"

/* R48: A transfer permit is for a known outlet and a known territory, and stays with both. */
static bool permit_stays(struct turn *turn, const struct transfer_permit_submitted *permit)
{
	struct record record = record_get(turn, TABLE_TRANSFER_PERMIT, bytes_of_text(permit->permit));
	struct reader reader = reader_of(record.fields);
	struct transfer_permit_submitted before;

	if (record.version == 0)
		return true;
	CHECK(transfer_permit_submitted_type.unpack(&before, &reader, turn_arena(turn)) == ERR_NONE);
	return (text_equal(before.outlet, permit->outlet) && text_equal(before.territory, permit->territory)) ||
	       record_refuse(turn, TABLE_TRANSFER_PERMIT, permit->permit, "bad_permit",
	                     "it was given to outlet %.*s for territory %.*s", TEXT_ARGS(before.outlet),
	                     TEXT_ARGS(before.territory));
}

static bool permit_valid(struct turn *turn, const struct transfer_permit_submitted *permit)
{
	if (!record_known(turn, TABLE_OUTLET, permit->outlet))
		return record_refuse(turn, TABLE_TRANSFER_PERMIT, permit->permit, "unknown_outlet",
		                     "outlet %.*s is not known", TEXT_ARGS(permit->outlet));
	if (!record_known(turn, TABLE_TERRITORY, permit->territory))
		return record_refuse(turn, TABLE_TRANSFER_PERMIT, permit->permit, "unknown_territory",
		                     "territory %.*s is not known", TEXT_ARGS(permit->territory));
	if (!window_ordered(permit->has_from, permit->from, permit->has_until, permit->until))
		return record_refuse(turn, TABLE_TRANSFER_PERMIT, permit->permit, "bad_period",
		                     "its days are no dates, or not in order");
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
