/* on_warehouse_declared.c -- where a warehouse lies. */
#include "events/partners.h"
#include "state.h"

void on_warehouse_declared(struct turn *turn, const struct warehouse_declared *warehouse)
{
	bool known = warehouse->has_latitude && warehouse->has_longitude;
	struct place place = {.latitude = known ? (int32_t)warehouse->latitude : 0,
	                      .longitude = known ? (int32_t)warehouse->longitude : 0,
	                      .known = known};

	ROW_PUT(turn, TABLE_PLACE, bytes_of_text(warehouse->warehouse), &place);
}
