/* territory.c -- a territory is looked for where it may lie: in the areas around its own, and in those within. */
#include "channel/territory.h"

#include "base/error.h"

_Static_assert(sizeof(struct shape) == sizeof(struct grant) + 16, "rows have no padding");

static bool is_active(const struct territory_submitted *territory)
{
	return !territory->has_status || text_equal(territory->status, TEXT_LITERAL("active"));
}

static struct grant grant_of(const struct territory_submitted *territory)
{
	struct grant grant = {.from = INT64_MIN, .until = INT64_MAX};

	if (territory->has_from && !day_number(territory->from, &grant.from))
		grant.from = INT64_MIN; /* checked before */
	if (territory->has_until && !day_number(territory->until, &grant.until))
		grant.until = INT64_MAX;
	CODE_PUT(grant.holder, territory->holder);
	CODE_PUT(grant.brand, territory->brand); /* empty where not given */
	CODE_PUT(grant.kind, territory->kind);
	return grant;
}

static struct bytes grant_key(uint8_t key[KEY_SIZE], struct text area, struct text territory)
{
	const struct text codes[] = {area, territory};

	return key_join(key, codes, 2);
}

struct polygon territory_polygon(const struct territory_submitted *territory, struct point points[POLYGON_MAX])
{
	struct polygon polygon = {.points = points};

	for (uint32_t i = 0; territory->has_points && i < territory->points.count && i < POLYGON_MAX; i++) /* within the schema's bounds */
		points[polygon.count++] = (struct point){(int32_t)territory->points.items[i].latitude, (int32_t)territory->points.items[i].longitude};
	return polygon;
}

/* A territory with points, of those that count, can be found without its areas. */
static void shape_index(struct turn *turn, const struct territory_submitted *territory)
{
	struct point points[POLYGON_MAX];
	struct polygon polygon = territory_polygon(territory, points);
	struct shape shape = {.grant = grant_of(territory)};

	turn_del(turn, TABLE_SHAPE, bytes_of_text(territory->territory));
	if (polygon.count == 0 || !is_active(territory))
		return;
	shape.box = polygon_box(&polygon);
	turn_put(turn, TABLE_SHAPE, bytes_of_text(territory->territory), bytes_of(&shape, sizeof(shape)));
}

void territory_index(struct turn *turn, const struct territory_submitted *before, const struct territory_submitted *territory)
{
	struct grant grant = grant_of(territory);
	uint8_t key[KEY_SIZE];

	for (uint32_t i = 0; before != NULL && i < before->areas.count; i++)
		turn_del(turn, TABLE_GRANT, grant_key(key, before->areas.items[i].area, before->territory));
	for (uint32_t i = 0; is_active(territory) && i < territory->areas.count; i++)
		turn_put(turn, TABLE_GRANT, grant_key(key, territory->areas.items[i].area, territory->territory), bytes_of(&grant, sizeof(grant)));
	shape_index(turn, territory);
}

static bool is_kind(const struct grant *grant, const char *kind)
{
	return text_equal(CODE_TEXT(grant->kind), text_of(kind));
}

/* Of one brand, or one of both of every brand; on a day that both hold; granted to two. */
static bool do_meet(const struct grant *one, const struct grant *two)
{
	bool one_brand = one->brand[0] == 0 || two->brand[0] == 0 || memcmp(one->brand, two->brand, sizeof(one->brand)) == 0;

	return one_brand && one->from <= two->until && two->from <= one->until && memcmp(one->holder, two->holder, sizeof(one->holder)) != 0;
}

/* R46: Where a territory lies over one of another holder, of the same brand and on the same days, and one of both is exclusive or
 * protected, that is said. */
static void note_overlap(struct turn *turn, const struct grant *own, const struct grant *other, struct bytes key, struct overlaps *overlaps)
{
	bool is_guarded = is_kind(own, "exclusive") || is_kind(own, "protected") || is_kind(other, "exclusive") || is_kind(other, "protected");
	struct text territory = key_part(key, 1);

	if (!is_guarded || !do_meet(own, other) || overlaps->count == OVERLAPS_MAX)
		return;
	for (unsigned i = 0; i < overlaps->count; i++)
		if (text_equal(overlaps->found[i].other, territory))
			return;
	struct text area = key_part(key, 0);
	overlaps->found[overlaps->count++] = (struct overlap){.other = turn_text(turn, "%.*s", TEXT_ARGS(territory)),
							      .other_kind = turn_text(turn, "%.*s", (int)sizeof(other->kind), other->kind),
							      .area = turn_text(turn, "%.*s", TEXT_ARGS(area))};
	overlaps->both_exclusive = is_kind(own, "exclusive") && is_kind(other, "exclusive");
}

struct looking {
	struct turn *turn;
	struct text territory;
	struct grant own;
	struct overlaps *overlaps;
	bool has_points;
};

/* Whether two have points: then these alone say what lies over what. */
static bool are_shapes(struct looking *look, struct text other)
{
#if defined(MUTANT_AREAS_ALONE)
	return false;
#endif
	return look->has_points && turn_get(look->turn, TABLE_SHAPE, bytes_of_text(other)).size > 0;
}

/* All territories that name an area which begins with these bytes. */
static void look_from(struct looking *look, struct bytes stem)
{
	uint8_t at[KEY_SIZE];
	size_t size = stem.size;
	struct bytes key;

	memcpy(at, stem.data, stem.size);
	while (!look->overlaps->both_exclusive) {
		struct bytes row = turn_seek(look->turn, TABLE_GRANT, bytes_of(at, size), &key);
		struct grant other;

		if (key.data == NULL || key.size < stem.size || memcmp(key.data, stem.data, stem.size) != 0)
			return;
		memcpy(at, key.data, key.size);
		at[key.size] = 0; /* the next key is behind this one */
		size = key.size + 1;
		if (row.size != sizeof(other) || text_equal(key_part(key, 1), look->territory))
			continue;
		memcpy(&other, row.data, sizeof(other));
		size_t found = key.size;
		if (!are_shapes(look, key_part(bytes_of(at, found), 1)))
			note_overlap(look->turn, &look->own, &other, bytes_of(at, found), look->overlaps);
	}
}

static bool boxes_meet(const struct box *one, const struct box *two)
{
	return one->low.latitude <= two->high.latitude && two->low.latitude <= one->high.latitude &&
	       one->low.longitude <= two->high.longitude && two->low.longitude <= one->high.longitude;
}

/* Whether the record of a territory has a polygon over this one. */
static bool lies_over(struct turn *turn, struct text code, const struct polygon *own)
{
	struct record record = record_get(turn, TABLE_TERRITORY, bytes_of_text(code));
	struct territory_submitted *other = turn_take(turn, sizeof(*other));
	struct reader reader = reader_of(record.fields);
	struct point points[POLYGON_MAX];

	CHECK(territory_submitted_type.unpack(other, &reader, turn_arena(turn)) == ERR_NONE);
	struct polygon polygon = territory_polygon(other, points);
	return polygon.count >= 3 && polygon_overlaps(own, &polygon);
}

/* R230: Of two territories with points, their polygons say whether one lies over the other, whatever areas they name; a border in common is
 * none. Where one of them has no points, its areas do. */
static void look_at_shapes(struct looking *look, const struct territory_submitted *territory, const struct polygon *own)
{
	struct box box = polygon_box(own);
	const struct text areas = territory->areas.items[0].area;
	uint8_t at[KEY_SIZE], place[KEY_SIZE];
	size_t size = 0;
	struct bytes key;

	while (!look->overlaps->both_exclusive) {
		struct bytes row = turn_seek(look->turn, TABLE_SHAPE, bytes_of(at, size), &key);
		struct shape other;

		if (key.data == NULL)
			return;
		memcpy(at, key.data, key.size);
		at[key.size] = 0; /* the next key is behind this one */
		size = key.size + 1;
		struct text code = {(const char *)at, (uint32_t)key.size};
		if (row.size != sizeof(other) || text_equal(code, look->territory))
			continue;
		memcpy(&other, row.data, sizeof(other));
		if (boxes_meet(&box, &other.box) && do_meet(&look->own, &other.grant) && lies_over(look->turn, code, own))
			note_overlap(look->turn, &look->own, &other.grant, grant_key(place, areas, code), look->overlaps);
	}
}

void territory_overlaps(struct turn *turn, const struct territory_submitted *territory, struct overlaps *overlaps)
{
	struct looking look = {.turn = turn, .territory = territory->territory, .own = grant_of(territory), .overlaps = overlaps};

	struct point points[POLYGON_MAX];
	struct polygon polygon = territory_polygon(territory, points);

	overlaps->count = 0;
	overlaps->both_exclusive = false;
	look.has_points = polygon.count > 0;
	if (look.has_points && is_active(territory))
		look_at_shapes(&look, territory, &polygon);
	for (uint32_t i = 0; !overlaps->both_exclusive && is_active(territory) && i < territory->areas.count; i++) {
		struct text area = territory->areas.items[i].area, stem = area_stem(area);
		char codes[AREA_ABOVE][AREA_SIZE + 1];
		struct text above[AREA_ABOVE];
		char plain[AREA_ABOVE][AREA_SIZE];
		unsigned count = area_above(area, plain, above);

		/* within: everything that begins so; around: exactly these codes, which end at a zero byte */
		for (unsigned j = stem.size < area.size ? 1 : 0; j < count; j++) {
			memcpy(codes[j], above[j].data, above[j].size);
			codes[j][above[j].size] = 0;
			look_from(&look, bytes_of(codes[j], above[j].size + 1));
		}
		bool may_contain = stem.size < area.size;
#if defined(MUTANT_OVERLAP_UPWARDS_ONLY)
		may_contain = false;
#endif
		if (may_contain)
			look_from(&look, bytes_of_text(stem));
	}
}
