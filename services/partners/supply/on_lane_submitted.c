/* on_lane_submitted.c -- staff says how goods get from one place to another. */
#include "record.h"

static bool is_place(struct turn *turn, struct text code)
{
	return record_known(turn, TABLE_WAREHOUSE, code) || record_known(turn, TABLE_OUTLET, code) ||
	       record_known(turn, TABLE_SUPPLIER, code);
}

/* R12: A lane leads from one known place to another one. */
static bool ends_valid(struct turn *turn, const struct lane_submitted *lane)
{
	const struct text ends[] = {lane->from, lane->to};

	for (unsigned i = 0; i < 2; i++)
		if (!is_place(turn, ends[i]))
			return record_refuse(turn, TABLE_LANE, lane->lane, "unknown_place",
			                     "%.*s is no warehouse, outlet or supplier", TEXT_ARGS(ends[i]));
	return !text_equal(lane->from, lane->to) ||
	       record_refuse(turn, TABLE_LANE, lane->lane, "bad_lane", "it leads nowhere else");
}

static bool lane_valid(struct turn *turn, const struct lane_submitted *lane)
{
	if (!record_currency(turn, TABLE_LANE, lane->lane, lane->currency) || !ends_valid(turn, lane) ||
	    (lane->has_carrier && !record_names(turn, TABLE_LANE, lane->lane, TABLE_CARRIER, lane->carrier)))
		return false;
	return lane->cost.minor >= 0 ||
	       record_refuse(turn, TABLE_LANE, lane->lane, "bad_cost", "a trip costs no less than nothing");
}

void on_lane_submitted(struct turn *turn, const struct lane_submitted *lane)
{
	if (lane_valid(turn, lane))
		record_submit(turn, TABLE_LANE, bytes_of_text(lane->lane), lane);
}
