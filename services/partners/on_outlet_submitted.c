/* on_outlet_submitted.c -- staff says what an outlet is and who supplies it. */
#include "base/error.h"
#include "record.h"

#define ABOVE_MAX 64

/* The outlets above an outlet, each once. */
struct above {
	struct text outlets[ABOVE_MAX];
	uint32_t count;
	bool is_full; /* and there are more */
};

static void above_add(struct above *above, const struct outlet_submitted_upstream *upstreams, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = 0;

		while (at < above->count && !text_equal(above->outlets[at], upstreams[i].outlet))
			at++;
		if (!upstreams[i].has_outlet || at < above->count)
			continue;
		if (above->count == ABOVE_MAX)
			above->is_full = true;
		else
			above->outlets[above->count++] = upstreams[i].outlet;
	}
}

/* R4: The chain of upstream outlets of an outlet never leads back to it. */
static bool chain_valid(struct turn *turn, const struct outlet_submitted *outlet)
{
	struct above above = {.count = 0};

	above_add(&above, outlet->upstreams.items, outlet->has_upstreams ? outlet->upstreams.count : 0);
	for (uint32_t i = 0; i < above.count; i++) {
		struct record record = record_get(turn, TABLE_OUTLET, bytes_of_text(above.outlets[i]));
		struct reader reader = reader_of(record.fields);
		struct outlet_submitted next;

		if (text_equal(above.outlets[i], outlet->outlet))
			return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "upstream_cycle",
			                     "its upstream outlets lead back to %.*s",
			                     TEXT_ARGS(outlet->outlet));
		if (record.version == 0)
			continue; /* a broken turn: void */
		CHECK(outlet_submitted_type.unpack(&next, &reader, turn_arena(turn)) == ERR_NONE);
		above_add(&above, next.upstreams.items, next.has_upstreams ? next.upstreams.count : 0);
	}
	return !above.is_full || record_refuse(turn, TABLE_OUTLET, outlet->outlet, "upstream_too_far",
	                                       "more than %d outlets are above it", ABOVE_MAX);
}

/* R13: An upstream is a known warehouse or a known outlet. */
static bool upstream_valid(struct turn *turn, const struct outlet_submitted *outlet,
                           const struct outlet_submitted_upstream *upstream)
{
	if (!upstream->has_warehouse && !upstream->has_outlet)
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "bad_upstream",
		                     "an upstream names a warehouse or an outlet");
	if (upstream->has_warehouse && !record_known(turn, TABLE_WAREHOUSE, upstream->warehouse))
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_warehouse",
		                     "upstream warehouse %.*s is not known", TEXT_ARGS(upstream->warehouse));
	/* Itself may not be known yet: that is a circle, and said as one. */
	return !upstream->has_outlet || text_equal(upstream->outlet, outlet->outlet) ||
	       record_known(turn, TABLE_OUTLET, upstream->outlet) ||
	       record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_outlet",
	                     "upstream outlet %.*s is not known", TEXT_ARGS(upstream->outlet));
}

static bool outlet_valid(struct turn *turn, const struct outlet_submitted *outlet)
{
	if (!record_currency(turn, TABLE_OUTLET, outlet->outlet, outlet->currency) ||
	    !record_word(turn, TABLE_OUTLET, outlet->outlet, "kind", outlet->kind, "unknown_kind"))
		return false;
	if (outlet->has_status &&
	    !record_word(turn, TABLE_OUTLET, outlet->outlet, "status", outlet->status, "unknown_status"))
		return false;
	for (uint32_t i = 0; outlet->has_upstreams && i < outlet->upstreams.count; i++)
		if (!upstream_valid(turn, outlet, &outlet->upstreams.items[i]))
			return false;
	return chain_valid(turn, outlet);
}

void on_outlet_submitted(struct turn *turn, const struct outlet_submitted *outlet)
{
	if (outlet_valid(turn, outlet))
		record_submit(turn, TABLE_OUTLET, bytes_of_text(outlet->outlet), outlet);
}
