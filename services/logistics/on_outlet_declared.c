/* on_outlet_declared.c -- where an outlet lies, and in which tier. */
#include "events/partners.h"
#include "state.h"

void on_outlet_declared(struct turn *turn, const struct outlet_declared *outlet)
{
	bool known = outlet->has_latitude && outlet->has_longitude;
	struct place place = {.latitude = known ? (int32_t)outlet->latitude : 0,
	                      .longitude = known ? (int32_t)outlet->longitude : 0,
	                      .known = known,
	                      .tier = (uint32_t)outlet->tier};

	ROW_PUT(turn, TABLE_PLACE, bytes_of_text(outlet->outlet), &place);
}
