/* on_lane_scored.c -- inventory has weighed what arrives over a lane: how much of it is lost. */
#include "events/inventory.h"
#include "state.h"

void on_lane_scored(struct turn *turn, const struct lane_scored *scored)
{
	ROW_PUT(turn, TABLE_LOSS, bytes_of_text(scored->lane), &scored->defects_ppm);
}
