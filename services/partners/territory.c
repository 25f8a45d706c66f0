/* territory.c -- a territory is looked for where it may lie: in the areas around its own, and in those within. */
#include "territory.h"

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

void territory_index(struct turn *turn, const struct territory_submitted *before, const struct territory_submitted *territory)
{
	struct grant grant = grant_of(territory);
	uint8_t key[KEY_SIZE];

	for (uint32_t i = 0; before != NULL && i < before->areas.count; i++)
		turn_del(turn, TABLE_GRANT, grant_key(key, before->areas.items[i].area, before->territory));
	for (uint32_t i = 0; is_active(territory) && i < territory->areas.count; i++)
		turn_put(turn, TABLE_GRANT, grant_key(key, territory->areas.items[i].area, territory->territory), bytes_of(&grant, sizeof(grant)));
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
};

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
		note_overlap(look->turn, &look->own, &other, bytes_of(at, key.size), look->overlaps);
	}
}

void territory_overlaps(struct turn *turn, const struct territory_submitted *territory, struct overlaps *overlaps)
{
	struct looking look = {.turn = turn, .territory = territory->territory, .own = grant_of(territory), .overlaps = overlaps};

	overlaps->count = 0;
	overlaps->both_exclusive = false;
	for (uint32_t i = 0; is_active(territory) && i < territory->areas.count; i++) {
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
