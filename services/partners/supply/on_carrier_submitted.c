/* on_carrier_submitted.c -- staff says what a carrier can do and costs. */
#include "record.h"

static bool carrier_valid(struct turn *turn, const struct carrier_submitted *carrier)
{
	if (!record_currency(turn, TABLE_CARRIER, carrier->carrier, carrier->currency))
		return false;
	/* R9: What a pack or a vehicle holds is more than nothing, and no cost is less than nothing. */
	if (carrier->capacity.milli <= 0)
		return record_refuse(turn, TABLE_CARRIER, carrier->carrier, "bad_capacity",
		                     "a vehicle holds more than nothing");
	return (carrier->cost_per_stop.minor >= 0 && carrier->cost_per_km.minor >= 0) ||
	       record_refuse(turn, TABLE_CARRIER, carrier->carrier, "bad_cost",
	                     "a stop and a kilometre cost no less than nothing");
}

void on_carrier_submitted(struct turn *turn, const struct carrier_submitted *carrier)
{
	if (carrier_valid(turn, carrier))
		record_submit(turn, TABLE_CARRIER, bytes_of_text(carrier->carrier), carrier);
}
