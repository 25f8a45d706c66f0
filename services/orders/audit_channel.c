/* audit_channel.c -- the truths of corridors and their like and of territories: rows found by scope or area, and those that say where they lie. */
#include "holder.h"
#include "zone.h"

static struct bytes row_at(struct audit *audit, unsigned table, struct bytes key)
{
	return view_get(audit_view(audit), audit_table(audit, table), key);
}

/* A rule lies where its corridor, assortment or promotion says. */
static void check_rules(struct audit *audit, const char *what, unsigned codes, unsigned rules)
{
	struct view *view = audit_view(audit);
	struct bytes key;

	for ((void)view_seek(view, audit_table(audit, rules), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, rules), &key)) {
		struct text code = key_part(key, 5);

		if (!bytes_equal(row_at(audit, codes, bytes_of_text(code)), key))
			audit_wrong(audit, "%s %.*s: its rule lies somewhere else as well", what, TEXT_ARGS(code));
	}
}

/* Whether a territory's row names this area. */
static bool is_named(struct bytes areas, struct text area)
{
	for (size_t at = 0; at < areas.size;) {
		struct text named = {(const char *)areas.data + at, (uint32_t)strnlen((const char *)areas.data + at, areas.size - at)};

		if (text_equal(named, area))
			return true;
		at += named.size + 1;
	}
	return false;
}

static void check_grant(struct audit *audit, struct bytes key)
{
	struct text area = key_part(key, 0), territory = key_part(key, 1);

	if (!is_named(row_at(audit, TABLE_TERRITORY, bytes_of_text(territory)), area))
		audit_wrong(audit, "area %.*s: territory %.*s does not name it", TEXT_ARGS(area), TEXT_ARGS(territory));
}

static void check_territory(struct audit *audit, struct bytes key, struct bytes areas)
{
	for (size_t at = 0; at < areas.size;) {
		struct text area = {(const char *)areas.data + at, (uint32_t)strnlen((const char *)areas.data + at, areas.size - at)};
		const struct text codes[] = {area, {(const char *)key.data, (uint32_t)key.size}};
		uint8_t place[KEY_SIZE];

		if (row_at(audit, TABLE_GRANT, key_join(place, codes, 2)).data == NULL)
			audit_wrong(audit, "territory %.*s: its area %.*s has no row", TEXT_ARGS(codes[1]), TEXT_ARGS(area));
		at += area.size + 1;
	}
}

struct counting {
	struct audit *audit;
	struct text territory;
	uint64_t cells, missing;
};

static void cell_count(void *context, const uint8_t cell[CELL_SIZE])
{
	struct counting *counting = context;
	uint8_t key[KEY_SIZE];

	memcpy(key, cell, CELL_SIZE);
	memcpy(key + CELL_SIZE, counting->territory.data, counting->territory.size);
	counting->cells++;
	if (row_at(counting->audit, TABLE_CELL, bytes_of(key, CELL_SIZE + counting->territory.size)).data == NULL)
		counting->missing++;
}

/* Every polygon lies in its cells, and there are no others. */
static void check_zones(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct counting counting = {.audit = audit};
	struct point points[POLYGON_MAX];
	struct bytes key, row;
	uint64_t cells = 0;

	for (row = view_seek(view, audit_table(audit, TABLE_ZONE), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_ZONE), &key)) {
		struct polygon polygon = zone_read(row, points);
		char code[KEY_SIZE];

		if (polygon.count == 0 || key.size > CODE_SIZE) {
			audit_wrong(audit, "territory %.*s: its points are none", (int)key.size, (const char *)key.data);
			continue;
		}
		memcpy(code, key.data, key.size); /* the view goes on to cells */
		counting.territory = (struct text){code, (uint32_t)key.size};
		zone_cells(&polygon, cell_count, &counting);
		(void)view_seek(view, audit_table(audit, TABLE_ZONE), bytes_of_text(counting.territory), &key);
	}
	for ((void)view_seek(view, audit_table(audit, TABLE_CELL), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, TABLE_CELL), &key))
		cells++;
	if (counting.missing > 0 || cells != counting.cells)
		audit_wrong(audit, "territories: %llu cells of their points, %llu rows, %llu missing", (unsigned long long)counting.cells,
		            (unsigned long long)cells, (unsigned long long)counting.missing);
}

void orders_audit_channel(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;

	check_zones(audit);
	check_rules(audit, "corridor", TABLE_CORRIDOR, TABLE_RULE);
	check_rules(audit, "assortment", TABLE_ASSORTMENT, TABLE_ASSORTMENT_RULE);
	check_rules(audit, "promotion", TABLE_PROMOTION, TABLE_PROMOTION_RULE);
	check_rules(audit, "right to sell", TABLE_RIGHT_TO_SELL, TABLE_RIGHT_TO_SELL_RULE);
	holder_audit(audit);
	for (row = view_seek(view, audit_table(audit, TABLE_GRANT), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_GRANT), &key))
		check_grant(audit, key);
	for (row = view_seek(view, audit_table(audit, TABLE_TERRITORY), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_TERRITORY), &key))
		check_territory(audit, key, row);
}
