/* on_lane_submitted.c -- staff says how goods get from one place to another. */
#include "record.h"
#include "rules.h"

static bool is_place(struct turn *turn, struct text code)
{
	return record_known(turn, TABLE_WAREHOUSE, code) || record_known(turn, TABLE_OUTLET, code) ||
	       record_known(turn, TABLE_SUPPLIER, code);
}

void on_lane_submitted(struct turn *turn, const struct lane_submitted *lane)
{
	const struct text ends[] = {lane->from, lane->to};

	if (!record_currency(turn, TABLE_LANE, lane->lane, lane->currency))
		return;
	for (unsigned i = 0; i < 2; i++)
		if (!is_place(turn, ends[i])) {
			(void)record_refuse(turn, TABLE_LANE, lane->lane, "unknown_place",
			                    "%.*s is no warehouse, outlet or supplier", TEXT_ARGS(ends[i]));
			return;
		}
	if (lane->has_carrier && !record_known(turn, TABLE_CARRIER, lane->carrier)) {
		(void)record_refuse(turn, TABLE_LANE, lane->lane, "unknown_carrier",
		                    "carrier %.*s is not known", TEXT_ARGS(lane->carrier));
		return;
	}
	record_submit(turn, TABLE_LANE, bytes_of_text(lane->lane), lane);
}
