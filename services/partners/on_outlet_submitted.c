/* on_outlet_submitted.c -- staff says what an outlet is and who supplies it. */
#include "record.h"
#include "rules.h"

/* R4: The chain of upstream outlets of an outlet never leads back to it. */
static bool leads_back(struct turn *turn, struct text outlet, struct text upstream, unsigned depth)
{
	struct record record = record_get(turn, TABLE_OUTLET, bytes_of_text(upstream));
	struct reader reader = reader_of(record.fields);
	struct outlet_submitted above;

	if (text_equal(outlet, upstream))
		return true;
	if (record.version == 0 || depth == 0)
		return false;
	if (outlet_submitted_type.unpack(&above, &reader, turn_arena(turn)) != 0)
		return false;
	for (uint32_t i = 0; above.has_upstreams && i < above.upstreams.count; i++)
		if (above.upstreams.items[i].has_outlet &&
		    leads_back(turn, outlet, above.upstreams.items[i].outlet, depth - 1))
			return true;
	return false;
}

static bool upstream_valid(struct turn *turn, const struct outlet_submitted *outlet,
                           const struct outlet_submitted_upstream *upstream)
{
	enum { DEPTH_MAX = 8 };

	if (upstream->has_warehouse && !record_known(turn, TABLE_WAREHOUSE, upstream->warehouse))
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_warehouse",
		                     "upstream warehouse %.*s is not known", TEXT_ARGS(upstream->warehouse));
	if (!upstream->has_outlet)
		return true;
	if (!text_equal(upstream->outlet, outlet->outlet) &&
	    !record_known(turn, TABLE_OUTLET, upstream->outlet))
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_outlet",
		                     "upstream outlet %.*s is not known", TEXT_ARGS(upstream->outlet));
	return !leads_back(turn, outlet->outlet, upstream->outlet, DEPTH_MAX) ||
	       record_refuse(turn, TABLE_OUTLET, outlet->outlet, "upstream_cycle",
	                     "upstream %.*s leads back to the outlet itself", TEXT_ARGS(upstream->outlet));
}

void on_outlet_submitted(struct turn *turn, const struct outlet_submitted *outlet)
{
	if (!record_currency(turn, TABLE_OUTLET, outlet->outlet, outlet->currency))
		return;
	for (uint32_t i = 0; outlet->has_upstreams && i < outlet->upstreams.count; i++)
		if (!upstream_valid(turn, outlet, &outlet->upstreams.items[i]))
			return;
	record_submit(turn, TABLE_OUTLET, bytes_of_text(outlet->outlet), outlet);
}
