/* chain.c -- circles among relations that are in force together. */
#include "network/chain.h"

#include "base/error.h"

#define OUTLETS_MAX 64 /* above one outlet */
#define WAYS_MAX 256   /* the same outlet may be above on different days */

/* Days as texts: they compare as they are; the ends of all days where a side is open. */
struct span {
	struct text from, until;
};

/* An outlet that is above on these days. */
struct way {
	struct text outlet;
	struct span span;
};

struct above {
	struct way ways[WAYS_MAX];
	uint32_t count, outlets;
	bool is_full; /* and there are more */
};

static const struct span always = {{"0000-00-00", 10}, {"9999-99-99", 10}};

static int compare(struct text a, struct text b)
{
	return bytes_compare(bytes_of_text(a), bytes_of_text(b));
}

/* The days of both; false when there is none. */
static bool both(struct span a, struct span b, struct span *common)
{
	common->from = compare(a.from, b.from) > 0 ? a.from : b.from;
	common->until = compare(a.until, b.until) < 0 ? a.until : b.until;
	return compare(common->from, common->until) <= 0;
}

static void above_add(struct above *above, struct text outlet, struct span span)
{
	bool is_new = true;

	for (uint32_t at = 0; at < above->count; at++) {
		const struct way *way = &above->ways[at];

		if (!text_equal(way->outlet, outlet))
			continue;
		is_new = false;
		if (compare(way->span.from, span.from) <= 0 && compare(way->span.until, span.until) >= 0)
			return; /* known for all these days */
	}
	if (above->count == WAYS_MAX || (is_new && above->outlets == OUTLETS_MAX)) {
		above->is_full = true;
		return;
	}
	above->ways[above->count++] = (struct way){outlet, span};
	above->outlets += is_new;
}

/* Who supplies an outlet that is above on these days is above on those of them on which it does. */
static void above_add_all(struct above *above, const struct outlet_submitted *outlet, struct span span)
{
	for (uint32_t i = 0; outlet->has_upstreams && i < outlet->upstreams.count; i++) {
		const struct outlet_submitted_upstream *upstream = &outlet->upstreams.items[i];
		struct span theirs = {upstream->has_from ? upstream->from : always.from, upstream->has_until ? upstream->until : always.until};
		struct span common;

#if defined(MUTANT_CIRCLES_ON_DIFFERENT_DAYS)
		theirs = always;
#endif
		if (upstream->has_outlet && both(span, theirs, &common))
			above_add(above, upstream->outlet, common);
	}
}

/* R4: The chain of upstream outlets of an outlet never leads back to it by relations that are in force on the same day. */
bool chain_valid(struct turn *turn, const struct outlet_submitted *outlet)
{
	struct above above = {.count = 0};

	above_add_all(&above, outlet, always);
	for (uint32_t i = 0; i < above.count; i++) {
		struct way way = above.ways[i];
		struct record record = record_get(turn, TABLE_OUTLET, bytes_of_text(way.outlet));
		struct reader reader = reader_of(record.fields);
		struct outlet_submitted next;

		if (text_equal(way.outlet, outlet->outlet))
			return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "upstream_cycle", "its upstream outlets lead back to %.*s",
					     TEXT_ARGS(outlet->outlet));
		if (record.version == 0)
			continue; /* a broken turn: void */
		CHECK(outlet_submitted_type.unpack(&next, &reader, turn_arena(turn)) == ERR_NONE);
		above_add_all(&above, &next, way.span);
	}
	return !above.is_full || record_refuse(turn, TABLE_OUTLET, outlet->outlet, "upstream_too_far", "more than %d outlets are above it",
					       OUTLETS_MAX);
}
