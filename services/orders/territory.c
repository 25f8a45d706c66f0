/* territory.c -- grants by area as rows, and what they say of goods that were sent. */
#include "territory.h"

_Static_assert(sizeof(struct grant) == 96 && sizeof(struct permit) == 32, "rows have no padding");

static const char *const kinds[] = {"open", "shared", "protected", "exclusive"};

enum territory_kind territory_kind_of(struct text word)
{
	for (unsigned i = 0; i < 4; i++)
		if (text_equal(word, text_of(kinds[i])))
			return (enum territory_kind)i;
	return TERRITORY_OPEN;
}

struct text territory_kind_text(enum territory_kind kind)
{
	return text_of(kinds[kind]);
}

static struct bytes grant_key(uint8_t key[KEY_SIZE], struct text area, struct text territory)
{
	const struct text codes[] = {area, territory};

	return key_join(key, codes, 2);
}

/* The areas that the territory named before lose their rows. */
static void territory_clear(struct turn *turn, struct text territory)
{
	struct bytes row = turn_get(turn, TABLE_TERRITORY, bytes_of_text(territory));
	char *areas = turn_take(turn, row.size + 1);
	uint8_t key[KEY_SIZE];

	if (row.size > 0)
		memcpy(areas, row.data, row.size);
	for (size_t at = 0; at < row.size;) {
		struct text area = {areas + at, (uint32_t)strnlen(areas + at, row.size - at)};

		turn_del(turn, TABLE_GRANT, grant_key(key, area, territory));
		at += area.size + 1;
	}
}

/* R95: A territory with points grants of the areas that it names what lies inside the polygon, and nothing where a place is known by its area
 * alone. */
void territory_place(struct turn *turn, const struct territory *territory)
{
	const struct text nowhere = {0}; /* stands for the areas of one that has points */
	const struct text *areas = territory->polygon.count > 0 ? &nowhere : territory->areas;
	unsigned count = !territory->is_active ? 0 : territory->polygon.count > 0 ? 1 : territory->count;
	char *named = turn_take(turn, count * (AREA_SIZE + 1) + 1);
	struct polygon none = {0};
	uint8_t key[KEY_SIZE];
	size_t size = 0;

	territory_clear(turn, territory->code);
	for (unsigned i = 0; i < count; i++) {
		turn_put(turn, TABLE_GRANT, grant_key(key, areas[i], territory->code), bytes_of(&territory->grant, sizeof(territory->grant)));
		memory_copy(named + size, areas[i].data, areas[i].size);
		named[size + areas[i].size] = 0;
		size += areas[i].size + 1;
	}
	turn_put(turn, TABLE_TERRITORY, bytes_of_text(territory->code), bytes_of(named, size));
	zone_place(turn, territory->code, territory->is_active ? &territory->polygon : &none);
}

static struct bytes permit_key(uint8_t key[KEY_SIZE], struct text outlet, struct text territory, struct text code)
{
	const struct text codes[] = {outlet, territory, code};

	return key_join(key, codes, 3);
}

void permit_place(struct turn *turn, struct text outlet, struct text territory, struct text code, const struct permit *permit)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_PERMIT, permit_key(key, outlet, territory, code), bytes_of(permit, sizeof(*permit)));
}

static void grants_at(struct grants *grants, unsigned present)
{
	const struct text none = {0};

	grants->present = present;
	if (present < grants->count)
		grants->size = grant_key(grants->at, grants->above[present], none).size;
}

/* R25: A code of GB/T 2260 that ends in 0000 contains those that begin with its first two digits, one that ends in 00 those that begin with
 * its first four; any other code contains itself alone. */
void grants_begin(struct grants *grants, struct turn *turn, const struct somewhere *where)
{
	grants->turn = turn;
	grants->count = area_valid(where->area) ? area_above(where->area, grants->codes, grants->above) : 0;
	grants->has_point = where->has_point;
	if (where->has_point)
		zones_begin(&grants->zones, turn, where->point);
	grants_at(grants, 0);
}

static bool next_by_point(struct grants *grants)
{
	const struct text nowhere = {0};
	uint8_t key[KEY_SIZE];

	while (grants->has_point && zones_next(&grants->zones)) {
		struct bytes row = turn_get(grants->turn, TABLE_GRANT, grant_key(key, nowhere, grants->zones.code));

		if (row.size != sizeof(grants->grant))
			continue;
		memcpy(&grants->grant, row.data, sizeof(grants->grant));
		grants->territory = grants->zones.code;
		return true;
	}
	return false;
}

bool grants_next(struct grants *grants)
{
	while (grants->present < grants->count) {
		size_t prefix = grants->above[grants->present].size + 1;
		struct bytes key, row = turn_seek(grants->turn, TABLE_GRANT, bytes_of(grants->at, grants->size), &key);

		if (key.data == NULL || key.size < prefix || memcmp(key.data, grants->at, prefix) != 0) {
			grants_at(grants, grants->present + 1);
			continue;
		}
		memcpy(grants->at, key.data, key.size);
		grants->at[key.size] = 0; /* the next key is behind this one */
		grants->size = key.size + 1;
		if (row.size != sizeof(grants->grant))
			continue;
		memcpy(&grants->grant, row.data, sizeof(grants->grant));
		grants->territory = key_part(bytes_of(grants->at, key.size), 1);
		return true;
	}
	return next_by_point(grants);
}

static bool grant_counts(const struct grant *grant, const struct sent *sent)
{
	return grant->from <= sent->day && sent->day <= grant->until &&
	       (grant->brand[0] == 0 || text_equal(CODE_TEXT(grant->brand), sent->brand));
}

/* The first of the outlet's permits for the territory that holds the day. */
static void permit_find(struct turn *turn, const struct sent *sent, struct breach *breach)
{
	const struct text none = {0};
	uint8_t at[KEY_SIZE];
	size_t size = permit_key(at, sent->outlet, breach->territory, none).size, prefix = size;
	struct bytes key;

	for (;;) {
		struct bytes row = turn_seek(turn, TABLE_PERMIT, bytes_of(at, size), &key);
		struct permit permit;

		if (key.data == NULL || key.size < prefix || memcmp(key.data, at, prefix) != 0 || row.size != sizeof(permit))
			return;
		memcpy(&permit, row.data, sizeof(permit));
		memcpy(at, key.data, key.size);
		at[key.size] = 0;
		size = key.size + 1;
		if (!permit.is_active || sent->day < permit.from || sent->day > permit.until)
			continue;
		struct text code = key_part(bytes_of(at, size - 1), 2);
		breach->permit = turn_text(turn, "%.*s", TEXT_ARGS(code));
		breach->permit_version = permit.version;
		return;
	}
}

/* R26: Goods that an outlet sends into an area which was granted, exclusive or protected and for their brand, to another outlet and not to
 * itself, are said as evidence, of the exclusive one first; it never stops a sale. */
bool territory_breach(struct turn *turn, const struct sent *sent, struct breach *breach)
{
	struct grants grants;

	*breach = (struct breach){.kind = TERRITORY_OPEN};
	for (grants_begin(&grants, turn, &sent->where); grants_next(&grants);) {
		if (!grant_counts(&grants.grant, sent))
			continue;
		if (text_equal(CODE_TEXT(grants.grant.holder), sent->outlet) && grants.grant.kind != TERRITORY_OPEN)
			return false;
		if (grants.grant.kind < TERRITORY_PROTECTED || grants.grant.kind <= breach->kind)
			continue;
		breach->kind = (enum territory_kind)grants.grant.kind;
		breach->territory = turn_text(turn, "%.*s", TEXT_ARGS(grants.territory));
		breach->territory_version = grants.grant.version;
		breach->holder = turn_text(turn, "%.*s", (int)strnlen(grants.grant.holder, OUTLET_SIZE), grants.grant.holder);
	}
	if (breach->kind == TERRITORY_OPEN)
		return false;
	permit_find(turn, sent, breach);
	return true;
}
