/* zone.c -- cells of polygons as rows. */
#include "zone.h"

#define SIZE_LEAST 17 /* cells of 2^17 ten-millionths of a degree: a good kilometre */
#define SPAN_MAX 8    /* cells of a polygon, each way, and one for where it begins */

static uint32_t cell_of(int64_t degrees, int64_t most, unsigned size)
{
	return (uint32_t)((uint64_t)(degrees + most) >> size);
}

static void cell_key(uint8_t key[CELL_SIZE], unsigned size, uint32_t y, uint32_t x)
{
	key[0] = (uint8_t)size;
	put_u64_be(key + 1, (uint64_t)y << 32 | x);
}

static uint32_t row_of(struct point point, unsigned size)
{
	return cell_of(point.latitude, 900000000, size);
}

static uint32_t column_of(struct point point, unsigned size)
{
	return cell_of(point.longitude, 1800000000, size);
}

static unsigned size_for(const struct box *box)
{
	unsigned size = SIZE_LEAST;

	while (row_of(box->high, size) - row_of(box->low, size) > SPAN_MAX || column_of(box->high, size) - column_of(box->low, size) > SPAN_MAX)
		size++;
	return size;
}

void zone_cells(const struct polygon *polygon, void (*each)(void *context, const uint8_t cell[CELL_SIZE]), void *context)
{
	struct box box = polygon_box(polygon);
	unsigned size = size_for(&box);

	for (uint32_t y = row_of(box.low, size); y <= row_of(box.high, size); y++)
		for (uint32_t x = column_of(box.low, size); x <= column_of(box.high, size); x++) {
			uint8_t cell[CELL_SIZE];

			cell_key(cell, size, y, x);
			each(context, cell);
		}
}

struct polygon zone_read(struct bytes row, struct point points[POLYGON_MAX])
{
	size_t count = row.size / sizeof(*points);

	if (count < 3 || count > POLYGON_MAX || row.size % sizeof(*points) != 0)
		return (struct polygon){points, 0};
	memcpy(points, row.data, row.size);
	return (struct polygon){points, count};
}

struct placing {
	struct turn *turn;
	struct text territory;
};

static struct bytes cell_row(const struct placing *placing, uint8_t key[KEY_SIZE], const uint8_t cell[CELL_SIZE])
{
	memcpy(key, cell, CELL_SIZE);
	memcpy(key + CELL_SIZE, placing->territory.data, placing->territory.size);
	return bytes_of(key, CELL_SIZE + placing->territory.size);
}

static void cell_put(void *context, const uint8_t cell[CELL_SIZE])
{
	const struct placing *placing = context;
	uint8_t key[KEY_SIZE];

	turn_put(placing->turn, TABLE_CELL, cell_row(placing, key, cell), bytes_of("", 0));
}

static void cell_del(void *context, const uint8_t cell[CELL_SIZE])
{
	const struct placing *placing = context;
	uint8_t key[KEY_SIZE];

	turn_del(placing->turn, TABLE_CELL, cell_row(placing, key, cell));
}

static uint32_t sizes_seen(struct turn *turn)
{
	struct bytes row = turn_get(turn, TABLE_SCOPE, bytes_of("zones", 5));

	return row.size == 4 ? load_4(row.data) : 0;
}

void zone_place(struct turn *turn, struct text territory, const struct polygon *polygon)
{
	struct placing placing = {turn, territory};
	struct point points[POLYGON_MAX];
	struct polygon before = zone_read(turn_get(turn, TABLE_ZONE, bytes_of_text(territory)), points);

	if (before.count > 0) {
		zone_cells(&before, cell_del, &placing);
		turn_del(turn, TABLE_ZONE, bytes_of_text(territory));
	}
	if (polygon->count == 0)
		return;
	struct box box = polygon_box(polygon);
	uint32_t seen = sizes_seen(turn), now = seen | UINT32_C(1) << size_for(&box);
	zone_cells(polygon, cell_put, &placing);
	turn_put(turn, TABLE_ZONE, bytes_of_text(territory), bytes_of(polygon->points, polygon->count * sizeof(struct point)));
	if (now != seen)
		turn_put(turn, TABLE_SCOPE, bytes_of("zones", 5), bytes_of(&now, sizeof(now)));
}

void zones_begin(struct zones *zones, struct turn *turn, struct point point)
{
	zones->turn = turn;
	zones->point = point;
	zones->sizes = sizes_seen(turn);
	zones->size = 0;
}

/* The next territory of the present cell; false: there is none. */
static bool next_in_cell(struct zones *zones)
{
	struct bytes key;

	(void)turn_seek(zones->turn, TABLE_CELL, bytes_of(zones->at, zones->size), &key);
	if (key.size <= CELL_SIZE || key.size >= KEY_SIZE || memcmp(key.data, zones->at, CELL_SIZE) != 0)
		return false;
	memcpy(zones->at, key.data, key.size);
	zones->at[key.size] = 0; /* the next key is behind this one */
	zones->size = key.size + 1;
	zones->code = (struct text){(const char *)zones->at + CELL_SIZE, (uint32_t)key.size - CELL_SIZE};
	return true;
}

/* R94: A place with coordinates lies in a territory with points when its polygon holds them, by even and odd, exactly; a border that two of
 * them share is in one of them. */
bool zones_next(struct zones *zones)
{
	while (zones->sizes != 0) {
		unsigned size = (unsigned)__builtin_ctz(zones->sizes);

		if (zones->size == 0) {
			cell_key(zones->at, size, row_of(zones->point, size), column_of(zones->point, size));
			zones->size = CELL_SIZE;
		}
		while (next_in_cell(zones)) {
			struct point points[POLYGON_MAX];
			struct polygon polygon = zone_read(turn_get(zones->turn, TABLE_ZONE, bytes_of_text(zones->code)), points);

#if defined(MUTANT_CELL_IS_ENOUGH)
			return true;
#endif
			if (polygon.count > 0 && polygon_holds(&polygon, zones->point))
				return true;
		}
		zones->sizes &= zones->sizes - 1;
		zones->size = 0;
	}
	return false;
}
