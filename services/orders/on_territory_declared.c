/* on_territory_declared.c -- which areas were granted to whom. */
#include "events/partners.h"
#include "territory.h"

void on_territory_declared(struct turn *turn, const struct territory_declared *declared)
{
	struct text *areas = turn_take(turn, declared->areas.count * sizeof(*areas));
	struct grant grant = {.version = declared->version,
	                      .from = INT64_MIN,
	                      .until = INT64_MAX,
	                      .kind = territory_kind_of(declared->kind)};
	bool is_dated = (!declared->has_from || day_number(declared->from, &grant.from)) &&
	                (!declared->has_until || day_number(declared->until, &grant.until));

	for (uint32_t i = 0; i < declared->areas.count; i++)
		areas[i] = declared->areas.items[i].area;
	CODE_PUT(grant.holder, declared->holder);
	CODE_PUT(grant.brand, declared->brand); /* empty where not given */
	territory_place(turn, declared->territory, areas, declared->areas.count, &grant,
	                is_dated &&
	                    (!declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"))));
}
