/* territory.c -- outlets and territories meet as rows, so that a ticket takes one look. */
#include "territory.h"

#include "base/area.h"
#include "base/polygon.h"
#include "target.h"

#define AREAS_MAX 500 /* of a territory, as in schemas/staff.yaml */

/* Where an outlet lies. */
struct place {
	char area[AREA_SIZE]; /* empty: nobody has said */
	uint32_t has_point;
	struct point point;
};

/* The head of a territory's row; its areas follow, then its points. */
struct extent {
	uint32_t areas, points;
};

_Static_assert(sizeof(struct place) == 24 && sizeof(struct extent) == 8, "rows have no padding");

static struct bytes within_key(uint8_t key[KEY_SIZE], struct text outlet, struct text territory)
{
	return key_pair(key, outlet, territory.data, territory.size);
}

static bool lies_in(struct bytes row, const struct place *place)
{
	struct extent extent;
	struct point points[POLYGON_MAX];
	char areas[AREAS_MAX][AREA_SIZE];

	if (row.size < sizeof(extent))
		return false;
	memcpy(&extent, row.data, sizeof(extent));
	if (extent.areas > AREAS_MAX || extent.points > POLYGON_MAX ||
	    row.size != sizeof(extent) + extent.areas * sizeof(areas[0]) + extent.points * sizeof(points[0]))
		return false;
	memcpy(points, row.data + sizeof(extent) + extent.areas * sizeof(areas[0]), extent.points * sizeof(points[0]));
	if (extent.points > 0)
		return place->has_point == 1 && polygon_holds(&(struct polygon){points, extent.points}, place->point);
	memcpy(areas, row.data + sizeof(extent), extent.areas * sizeof(areas[0]));
	for (uint32_t i = 0; i < extent.areas && area_valid(CODE_TEXT(place->area)); i++)
		if (area_contains(CODE_TEXT(areas[i]), CODE_TEXT(place->area)))
			return true;
	return false;
}

static void meet(struct turn *turn, struct text outlet, const struct place *place, struct text territory, struct bytes extent)
{
	uint8_t key[KEY_SIZE];

	if (lies_in(extent, place))
		turn_put(turn, TABLE_WITHIN, within_key(key, outlet, territory), bytes_of("", 0));
	else
		turn_del(turn, TABLE_WITHIN, within_key(key, outlet, territory));
}

/* R104: An outlet lies in a territory by its own area, in one that has points by its own coordinates, as they stand; who moves counts from then
   on where it lies. */
void territory_outlet(struct turn *turn, const struct outlet_declared *declared)
{
	struct place place = {.has_point = declared->has_latitude && declared->has_longitude,
			      .point = {(int32_t)declared->latitude, (int32_t)declared->longitude}};
	struct walk walk;

	CODE_PUT(place.area, declared->area); /* empty where not given */
	row_put(turn, TABLE_PLACE, bytes_of_text(declared->outlet), &place, sizeof(place));
	walk_begin(&walk, turn, TABLE_TERRITORY, bytes_of(NULL, 0));
	while (walk_next(&walk))
		meet(turn, declared->outlet, &place, (struct text){(const char *)walk.key.data, (uint32_t)walk.key.size}, walk.value);
}

void territory_set(struct turn *turn, const struct territory_declared *declared)
{
	bool is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"));
	struct extent extent = {is_active ? declared->areas.count : 0, is_active && declared->has_points ? declared->points.count : 0};
	size_t size = sizeof(extent) + extent.areas * AREA_SIZE + extent.points * sizeof(struct point);
	uint8_t *row = turn_take(turn, size), *at = row + sizeof(extent);
	struct walk walk;

	memcpy(row, &extent, sizeof(extent));
	for (uint32_t i = 0; i < extent.areas; i++, at += AREA_SIZE)
		code_put((char *)at, AREA_SIZE, declared->areas.items[i].area);
	for (uint32_t i = 0; i < extent.points; i++, at += sizeof(struct point)) {
		struct point point = {(int32_t)declared->points.items[i].latitude, (int32_t)declared->points.items[i].longitude};

		memcpy(at, &point, sizeof(point));
	}
	turn_put(turn, TABLE_TERRITORY, bytes_of_text(declared->territory), bytes_of(row, size));
	walk_begin(&walk, turn, TABLE_PLACE, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct place place;

		if (copy_row(walk.value, &place, sizeof(place)))
			meet(turn, (struct text){(const char *)walk.key.data, (uint32_t)walk.key.size}, &place, declared->territory,
			     bytes_of(row, size));
	}
}

bool territory_has(struct turn *turn, struct text territory, struct text outlet)
{
	uint8_t key[KEY_SIZE];

	return turn_get(turn, TABLE_WITHIN, within_key(key, outlet, territory)).data != NULL;
}

void territory_count(struct turn *turn, const struct book *book, const struct ticket *ticket, const struct measures *add)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;

	walk_begin(&walk, turn, TABLE_WITHIN, key_pair(key, ticket->outlet, NULL, 0));
	while (walk_next(&walk)) {
		struct text territory = key_part(walk.key, 1);

		target_count(turn, book, SCOPE_TERRITORY, territory, ticket, add);
	}
}

void insiders_begin(struct insiders *insiders, struct turn *turn, struct text territory)
{
	insiders->territory = territory;
	walk_begin(&insiders->walk, turn, TABLE_PLACE, bytes_of(NULL, 0));
}

bool insiders_next(struct insiders *insiders)
{
	while (walk_next(&insiders->walk)) {
		insiders->outlet = (struct text){(const char *)insiders->walk.key.data, (uint32_t)insiders->walk.key.size};
		if (territory_has(insiders->walk.turn, insiders->territory, insiders->outlet))
			return true;
	}
	return false;
}
