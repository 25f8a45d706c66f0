/* fair.c -- the minimum first, then what is kept for each tier, then the rest, in whole packs. */
#include "fair.h"

_Static_assert(sizeof(struct fair) == 56 && sizeof(struct class) == 64, "no padding");

/* ---- which rule ---- */

static struct bytes fair_key(uint8_t key[KEY_SIZE], const struct fair_scope *scope, struct text code)
{
	const char *what = scope->sku.size > 0 ? "s" : scope->category.size > 0 ? "c" : scope->brand.size > 0 ? "b" : "a";
	struct text goods = scope->sku.size > 0 ? scope->sku : scope->category.size > 0 ? scope->category : scope->brand;

	return KEY_JOIN(key, text_of(what), goods, scope->warehouse, code);
}

void fair_place(struct turn *turn, struct text code, const struct fair_scope *scope, const struct fair *fair)
{
	uint8_t place[KEY_SIZE], old[KEY_SIZE];
	struct bytes key = fair_key(place, scope, code), known = turn_get(turn, TABLE_FAIR_AT, bytes_of_text(code));

	if (known.size > 0 && known.size <= sizeof(old)) {
		memcpy(old, known.data, known.size);
		turn_del(turn, TABLE_FAIR, bytes_of(old, known.size));
	}
	turn_put(turn, TABLE_FAIR_AT, bytes_of_text(code), key);
	if (fair != NULL)
		ROW_PUT(turn, TABLE_FAIR, key, fair);
}

/* Of the rules of exactly this scope, the one that holds the day and begins latest; of those, the first by code. */
static bool fair_of_scope(struct turn *turn, const struct fair_scope *scope, int64_t day, struct fair *fair, struct text *code)
{
	const struct text none = {0};
	uint8_t prefix[KEY_SIZE];
	struct walk walk;
	bool found = false;

	walk_begin(&walk, turn, TABLE_FAIR, fair_key(prefix, scope, none));
	while (walk_next(&walk)) {
		struct fair other;

		if (!ROW_GET(turn, TABLE_FAIR, walk.key, &other) || day < other.from || day > other.until || (found && other.from <= fair->from))
			continue;
		*fair = other;
		*code = text_keep(turn, key_part(walk.key, 3));
		found = true;
	}
	return found;
}

/* R68: Scarce goods are shared by the most specific published rule of the day: of the SKU, else of its category, else of its brand, else of
   everything; then of the warehouse, else of all; of several the one that begins latest, then the one whose code sorts first. */
bool fair_find(struct turn *turn, struct text warehouse, struct text sku, int64_t day, struct fair *fair, struct text *code)
{
	const struct text none = {0};
	struct class class;

	ROW_GET(turn, TABLE_CLASS, bytes_of_text(sku), &class);
	const struct fair_scope goods[] = {
	    {.sku = sku}, {.category = CODE_TEXT(class.category)}, {.brand = CODE_TEXT(class.brand)}, {.sku = none}};
	for (unsigned i = 0; i < 4; i++) {
		struct fair_scope scope = goods[i];

		if (i < 3 && scope.sku.size + scope.category.size + scope.brand.size == 0)
			continue; /* it has no such thing */
		scope.warehouse = warehouse;
		if (fair_of_scope(turn, &scope, day, fair, code))
			return true;
		scope.warehouse = none;
		if (fair_of_scope(turn, &scope, day, fair, code))
			return true;
	}
	return false;
}

/* ---- the arithmetic ---- */

/* Some of the claims, and what they may still be given. */
struct part {
	struct claim still[WAVE_CLAIMS_MAX];
	uint32_t of[WAVE_CLAIMS_MAX], count;
	struct quantity unit;
};

/* Alike in whole packs, each up to what it asks; what cannot be divided goes one pack each, in their order. */
static void share_equally(struct quantity available, struct quantity unit, struct claim *claims, uint32_t count)
{
	int64_t left = available.milli / unit.milli;

	for (bool moved = true; moved && left > 0;) {
		int64_t open = 0, each;

		for (uint32_t i = 0; i < count; i++)
			open += claims[i].given.milli < claims[i].asked.milli;
		each = open > 0 && left >= open ? left / open : 1;
		moved = false;
		for (uint32_t i = 0; i < count && left > 0; i++) {
			int64_t wants = (claims[i].asked.milli - claims[i].given.milli + unit.milli - 1) / unit.milli;
			int64_t packs = wants < each ? wants : each;

			packs = packs < left ? packs : left;
			left -= packs;
			claims[i].given.milli += packs * unit.milli;
			if (claims[i].given.milli > claims[i].asked.milli)
				claims[i].given = claims[i].asked;
			moved = moved || packs > 0;
		}
	}
}

/* Give so much to a part of the claims; returns what was given. */
static int64_t give(const struct fair *fair, int64_t amount_milli, struct part *part, struct claim *claims)
{
	int64_t asked = 0, given = 0;

	for (uint32_t i = 0; i < part->count; i++)
		asked += part->still[i].asked.milli;
	if (amount_milli >= asked)
		for (uint32_t i = 0; i < part->count; i++)
			part->still[i].given = part->still[i].asked;
	else if (fair->is_equal)
		share_equally(quantity_of(amount_milli), part->unit, part->still, part->count);
	else
		share_scarce(quantity_of(amount_milli), part->unit, part->still, part->count);
	for (uint32_t i = 0; i < part->count; i++) {
		claims[part->of[i]].given = quantity_add(claims[part->of[i]].given, part->still[i].given);
		given += part->still[i].given.milli;
	}
	return given;
}

/* What the claims of a tier (0: all) may still be given, up to a bound in all. */
static void part_of(struct part *part, const struct claim *claims, uint32_t count, int64_t tier, int64_t most_milli)
{
	part->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		int64_t asked = claims[i].asked.milli < most_milli ? claims[i].asked.milli : most_milli;

		if ((tier != 0 && claims[i].tier != tier) || asked <= claims[i].given.milli)
			continue;
		part->of[part->count] = i;
		part->still[part->count++] = (struct claim){.asked = quantity_of(asked - claims[i].given.milli)};
	}
}

static int64_t given_to(const struct claim *claims, uint32_t count, int64_t tier)
{
	int64_t given = 0;

	for (uint32_t i = 0; i < count; i++)
		given += claims[i].tier == tier ? claims[i].given.milli : 0;
	return given;
}

/* R70: Then each tier, 一网 before 二网, is given what the rule keeps for it of all there is, less what its outlets have by the minimum, shared
   among them by the rule's basis. What a tier does not ask for is not kept. */
static int64_t give_reserves(const struct fair *fair, int64_t available, int64_t left, struct part *part, struct claim *claims, uint32_t count)
{
	for (int64_t tier = 1; tier <= FAIR_TIERS; tier++) {
		int64_t kept = (int64_t)((wide)available * fair->reserve_bp[tier - 1] / 10000) - given_to(claims, count, tier);

#if defined(MUTANT_RESERVE_FORGOTTEN)
		kept = 0;
#endif
		kept = kept < left ? kept : left;
		if (kept <= 0)
			continue;
		part_of(part, claims, count, tier, INT64_MAX);
		left -= give(fair, kept, part, claims);
	}
	return left;
}

void share_fairly(const struct fair *fair, struct quantity available, struct quantity unit, struct claim *claims, uint32_t count)
{
	int64_t left = available.milli > 0 ? available.milli : 0;
	struct part part = {.unit = unit};

	CHECK(unit.milli > 0 && count <= WAVE_CLAIMS_MAX);
	/* R69: First every outlet is given the rule's minimum, as far as it asks for so much; where there is less than that, it is shared. */
	part_of(&part, claims, count, 0, fair->minimum.milli);
	left -= give(fair, left, &part, claims);
	for (uint32_t i = 0; i < count; i++)
		claims[i].guaranteed = claims[i].given;
	left = give_reserves(fair, available.milli, left, &part, claims, count);
	for (uint32_t i = 0; i < count; i++)
		claims[i].reserved = quantity_sub(claims[i].given, claims[i].guaranteed);
	/* R71: What is left is shared among all by the rule's basis: proportional to what they still ask for, by largest remainder, or equal up to
	   what they ask for. */
	part_of(&part, claims, count, 0, INT64_MAX);
	(void)give(fair, left, &part, claims);
}
