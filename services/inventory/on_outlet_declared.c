/* on_outlet_declared.c -- what an outlet is and who supplies it. */
#include "events/partners.h"
#include "state.h"

static int32_t day_of(struct text day)
{
	int64_t number;

	return day_number(day, &number) ? (int32_t)number : 0;
}

/* R22: What the master data says takes effect at a shelf's next movement; a stock policy for one SKU at one
   outlet takes effect at once. */
void on_outlet_declared(struct turn *turn, const struct outlet_declared *outlet)
{
	struct place place = {.kind = PLACE_OUTLET};
	uint32_t count = outlet->has_upstreams ? outlet->upstreams.count : 0;

	place.offset_minutes = outlet->tz_offset;
	place.closed = outlet->has_status && !text_equal(outlet->status, TEXT_LITERAL("active"));
	CHECK(count <= UPSTREAMS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		const struct outlet_declared_upstream *upstream = &outlet->upstreams.items[i];

		if (upstream->has_brand)
			CODE_PUT(place.upstreams[i].brand, upstream->brand);
		if (upstream->has_warehouse)
			CODE_PUT(place.upstreams[i].warehouse, upstream->warehouse);
		place.spans[i] = (struct span){upstream->has_from ? day_of(upstream->from) : 0,
		                               upstream->has_until ? day_of(upstream->until) : 0};
	}
	place_put(turn, outlet->outlet, &place);
	generation_raise(turn);
}
