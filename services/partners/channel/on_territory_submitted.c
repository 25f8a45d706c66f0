/* on_territory_submitted.c -- staff grants areas to an outlet. */
#include "base/error.h"
#include "channel/territory.h"
#include "record.h"

/* R45: A territory is of a known kind, of a known outlet, and names areas by their codes. */
static bool territory_valid(struct turn *turn, const struct territory_submitted *territory)
{
	if (!record_word(turn, TABLE_TERRITORY, territory->territory, "kind", territory->kind, "unknown_kind"))
		return false;
	if (territory->has_status &&
	    !record_word(turn, TABLE_TERRITORY, territory->territory, "status", territory->status, "unknown_status"))
		return false;
	if (!record_names(turn, TABLE_TERRITORY, territory->territory, TABLE_OUTLET, territory->holder))
		return false;
	for (uint32_t i = 0; i < territory->areas.count; i++)
		if (!area_valid(territory->areas.items[i].area))
			return record_refuse(turn, TABLE_TERRITORY, territory->territory, "bad_area",
			                     "area %u is no code of GB/T 2260 or ISO 3166-2", i + 1);
	/* R231: The points of a territory are the corners of one polygon on the map, with an area, whose edges meet nowhere but at their corners. */
	struct point points[POLYGON_MAX];
	struct polygon polygon = territory_polygon(territory, points);
	if (territory->has_points && !polygon_sound(&polygon))
		return record_refuse(turn, TABLE_TERRITORY, territory->territory, "bad_polygon",
		                     "its points are no polygon, or its edges cross");
	return record_days(turn, TABLE_TERRITORY, territory->territory, territory->has_from, territory->from, territory->has_until, territory->until);
}

/* The record that stood before, taken apart; NULL: there is none. */
static const struct territory_submitted *before_of(struct turn *turn, struct text code)
{
	struct record record = record_get(turn, TABLE_TERRITORY, bytes_of_text(code));
	struct territory_submitted *before = turn_take(turn, sizeof(*before));
	struct bytes fields = {turn_take(turn, record.fields.size), record.fields.size};

	if (record.version == 0)
		return NULL;
	memcpy((void *)(uintptr_t)fields.data, record.fields.data, fields.size); /* the row goes when it is put */
	struct reader reader = reader_of(fields);
	CHECK(territory_submitted_type.unpack(before, &reader, turn_arena(turn)) == ERR_NONE);
	return before;
}

static void say_overlaps(struct turn *turn, const struct territory_submitted *territory, int64_t version,
                         const struct overlaps *overlaps)
{
	for (unsigned i = 0; i < overlaps->count; i++)
		emit_territory_overlap_detected(
		    turn, &(struct territory_overlap_detected){.territory = territory->territory,
		                                               .territory_version = version,
		                                               .other = overlaps->found[i].other,
		                                               .kind = territory->kind,
		                                               .other_kind = overlaps->found[i].other_kind,
		                                               .area = overlaps->found[i].area});
}

void on_territory_submitted(struct turn *turn, const struct territory_submitted *territory)
{
	struct bytes key = bytes_of_text(territory->territory);
	struct overlaps *overlaps = turn_take(turn, sizeof(*overlaps));

	if (!territory_valid(turn, territory))
		return;
	territory_overlaps(turn, territory, overlaps);
	/* R47: Two exclusive territories never lie over each other: the later one is refused. */
	if (overlaps->both_exclusive) {
		const struct overlap *last = &overlaps->found[overlaps->count - 1];

		(void)record_refuse(turn, TABLE_TERRITORY, territory->territory, "territory_overlap",
		                    "area %.*s is granted by the exclusive territory %.*s", TEXT_ARGS(last->area),
		                    TEXT_ARGS(last->other));
		return;
	}
	int64_t known = record_get(turn, TABLE_TERRITORY, key).version;
	const struct territory_submitted *before = before_of(turn, territory->territory);
	record_submit(turn, TABLE_TERRITORY, key, territory);
	int64_t version = record_get(turn, TABLE_TERRITORY, key).version;
	if (version == known)
		return;
	territory_index(turn, before, territory);
	say_overlaps(turn, territory, version, overlaps);
}
