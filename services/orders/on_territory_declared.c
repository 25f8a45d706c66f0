/* on_territory_declared.c -- which areas were granted to whom. */
#include "events/partners.h"
#include "territory.h"

void on_territory_declared(struct turn *turn, const struct territory_declared *declared)
{
	struct text *areas = turn_take(turn, declared->areas.count * sizeof(*areas));
	struct point *points = turn_take(turn, POLYGON_MAX * sizeof(*points));
	struct territory territory = {.code = declared->territory,
	                              .areas = areas,
	                              .count = declared->areas.count,
	                              .polygon = {.points = points},
	                              .grant = {.version = declared->version,
	                                        .from = INT64_MIN,
	                                        .until = INT64_MAX,
	                                        .kind = territory_kind_of(declared->kind)}};
	bool is_dated = (!declared->has_from || day_number(declared->from, &territory.grant.from)) &&
	                (!declared->has_until || day_number(declared->until, &territory.grant.until));

	for (uint32_t i = 0; i < declared->areas.count; i++)
		areas[i] = declared->areas.items[i].area;
	for (uint32_t i = 0; declared->has_points && i < declared->points.count && i < POLYGON_MAX; i++)
		points[territory.polygon.count++] =
		    (struct point){(int32_t)declared->points.items[i].latitude, (int32_t)declared->points.items[i].longitude};
	CODE_PUT(territory.grant.holder, declared->holder);
	CODE_PUT(territory.grant.brand, declared->brand); /* empty where not given */
	territory.is_active = is_dated && (!declared->has_status || text_equal(declared->status, TEXT_LITERAL("active")));
#if defined(MUTANT_FIRST_GRANT)
	territory.grant.version = 1;
#endif
	territory_place(turn, &territory);
}
