/* on_unit_scanned.c -- a till has scanned a unit that had gone to some outlet. */
#include "events/terminals.h"
#include "found.h"

void on_unit_scanned(struct turn *turn, const struct unit_scanned *unit)
{
	struct scanned scanned = {.outlet = unit->outlet,
				  .found = {.scan = unit->scan,
					    .sku = unit->sku,
					    .origin = unit->origin,
					    .day = unit->day,
					    .terminal = turn_input(turn)->source,
					    .where = {unit->area,
						      unit->has_latitude && unit->has_longitude,
						      {(int32_t)unit->latitude, (int32_t)unit->longitude}},
					    .is_counted = true}};
	struct outlet outlet;

	/* Where nothing else is said, it was found where the outlet lies. */
	if (!unit->has_area && outlet_get(turn, unit->outlet, &outlet)) {
		struct text area = CODE_TEXT(outlet.area);

		scanned.found.where = (struct somewhere){
		    turn_text(turn, "%.*s", TEXT_ARGS(area)), outlet.has_point, {outlet.latitude, outlet.longitude}};
	}
	scanned_take(turn, &scanned);
}
