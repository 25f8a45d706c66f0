/* state_rules.c -- prices, corridors and their like as rows: those with a first day lie latest first behind their scope. */
#include "state.h"

#define DAY_SIZE 8

/* A day as a code that sorts the latest first. */
static struct text latest_first(char code[DAY_SIZE], int64_t day)
{
	uint64_t left = (uint64_t)(5000000 - day); /* seven digits for every day that has a name, and DAY_MIN */

	for (unsigned i = DAY_SIZE - 1; i-- > 0; left /= 10)
		code[i] = (char)('0' + left % 10);
	return (struct text){code, DAY_SIZE - 1};
}

static struct bytes price_key(uint8_t key[KEY_SIZE], const struct price_place *place, bool is_window,
                              int64_t from)
{
	char digit = (char)('0' + place->tier), day[DAY_SIZE];
	const struct text codes[] = {place->sku,
	                             place->outlet,
	                             {&digit, place->tier != 0},
	                             place->currency,
	                             is_window ? latest_first(day, from) : place->sku};

	return key_join(key, codes, is_window ? 5 : 4);
}

static bool corridor_read(struct bytes row, struct corridor *corridor)
{
	if (row.size == 32) { /* as it was before it grew */
		memset(corridor, 0, sizeof(*corridor));
		memcpy(corridor, row.data, row.size);
		return true;
	}
	if (row.size != sizeof(*corridor))
		return false;
	memcpy(corridor, row.data, sizeof(*corridor));
	return true;
}

bool corridor_get(struct turn *turn, const struct price_place *place, struct corridor *corridor)
{
	uint8_t key[KEY_SIZE];

	return corridor_read(turn_get(turn, TABLE_PRICE, price_key(key, place, false, 0)), corridor);
}

void corridor_put(struct turn *turn, const struct price_place *place, const struct corridor *corridor)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_PRICE, price_key(key, place, place->from != DAY_MIN, place->from),
	         bytes_of(corridor, sizeof(*corridor)));
}

/* The row at or behind `at` whose key begins as `at` does up to `prefix`; `at` becomes what is behind it. */
static struct bytes next_row(struct turn *turn, unsigned table, uint8_t at[KEY_SIZE], size_t *size, size_t prefix,
                             struct bytes *key)
{
	struct bytes row = turn_seek(turn, table, bytes_of(at, *size), key);

	if (key->data == NULL || key->size < prefix || memcmp(key->data, at, prefix) != 0)
		return bytes_of(NULL, 0);
	memcpy(at, key->data, key->size);
	at[key->size] = 0;
	*size = key->size + 1;
	return row;
}

bool corridor_window(struct turn *turn, const struct price_place *place, int64_t day, struct corridor *corridor)
{
	uint8_t at[KEY_SIZE];
	struct bytes key = price_key(at, place, true, day), row;
	size_t size = key.size, prefix = key.size - (DAY_SIZE - 1);

	while ((row = next_row(turn, TABLE_PRICE, at, &size, prefix, &key)).data != NULL)
		if (corridor_read(row, corridor) && (!corridor->has_until || day <= corridor->until))
			return true;
	return false;
}

enum where { WHERE_ALL, WHERE_TIER, WHERE_BETWEEN, WHERE_OUTLET }; /* between: a territory or a channel */
enum what { WHAT_ALL, WHAT_BRAND, WHAT_CATEGORY, WHAT_SKU };

static enum where where_of(const struct rule_scope *scope, struct text *code, char *digit)
{
	*digit = (char)('0' + scope->tier);
	*code = scope->outlet;
	if (scope->outlet.size > 0)
		return WHERE_OUTLET;
	*code = scope->territory.size > 0 ? scope->territory : scope->channel;
	if (code->size > 0)
		return WHERE_BETWEEN;
	if (scope->tier == 0)
		return WHERE_ALL;
	*code = (struct text){digit, 1};
	return WHERE_TIER;
}

static enum what what_of(const struct rule_scope *scope, struct text *code)
{
	*code = scope->sku.size > 0 ? scope->sku : scope->category.size > 0 ? scope->category : scope->brand;
	if (scope->sku.size > 0)
		return WHAT_SKU;
	if (scope->category.size > 0)
		return WHAT_CATEGORY;
	return scope->brand.size > 0 ? WHAT_BRAND : WHAT_ALL;
}

unsigned rule_sort(const struct rule_scope *scope)
{
	struct text code;
	char digit;

	return (unsigned)where_of(scope, &code, &digit) * 8 + (unsigned)what_of(scope, &code) * 2 +
	       (scope->currency.size > 0);
}

/* The key of a scope's rules that begin on a day; with a rule's code, of that rule. */
static struct bytes rule_key(uint8_t key[KEY_SIZE], const struct rule_scope *scope, int64_t from, struct text rule)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuv";
	char day[DAY_SIZE], digit;
	struct text where, what;

	(void)where_of(scope, &where, &digit);
	(void)what_of(scope, &what);
	const struct text codes[] = {{&letters[rule_sort(scope)], 1}, where, what, scope->currency,
	                             latest_first(day, from),         rule};

	return key_join(key, codes, rule.size > 0 ? 6 : 5);
}

/* Where a family's rules lie: by their code, the key of the row; by that key, the row. */
static const struct {
	unsigned codes, rows;
	size_t size, until, has_until; /* of the row; where in it */
} families[RULE_FAMILIES] = {
    [RULES_CORRIDOR] = {TABLE_CORRIDOR, TABLE_RULE, sizeof(struct rule), offsetof(struct rule, until), offsetof(struct rule, has_until)},
    [RULES_ASSORTMENT] = {TABLE_ASSORTMENT, TABLE_ASSORTMENT_RULE, sizeof(struct assortment), offsetof(struct assortment, until),
                          offsetof(struct assortment, has_until)},
    [RULES_PROMOTION] = {TABLE_PROMOTION, TABLE_PROMOTION_RULE, sizeof(struct promotion), offsetof(struct promotion, until),
                         offsetof(struct promotion, has_until)},
    [RULES_RIGHT] = {TABLE_RIGHT_TO_SELL, TABLE_RIGHT_TO_SELL_RULE, sizeof(struct right), offsetof(struct right, until),
                     offsetof(struct right, has_until)},
};

size_t rule_size(enum rule_family family)
{
	return families[family].size;
}

/* The row is called as it was when there were corridors alone, and was as long as their bits. */
struct scopes scopes_seen(struct turn *turn)
{
	struct bytes row = turn_get(turn, TABLE_SCOPE, bytes_of("corridors", 9));
	struct scopes scopes = {0};

	if (row.size <= sizeof(scopes))
		memory_copy(&scopes, row.data, row.size);
	return scopes;
}

void rule_place(struct turn *turn, enum rule_family family, struct text code, const struct rule_scope *scope, int64_t from, const void *rule)
{
	uint8_t place[KEY_SIZE], old[KEY_SIZE];
	struct bytes key = rule_key(place, scope, from, code);
	struct bytes known = turn_get(turn, families[family].codes, bytes_of_text(code));
	struct scopes scopes = scopes_seen(turn);
	uint64_t now = scopes.seen[family] | UINT64_C(1) << rule_sort(scope);

	if (known.size > 0 && known.size <= sizeof(old)) {
		memcpy(old, known.data, known.size);
		turn_del(turn, families[family].rows, bytes_of(old, known.size));
	}
	turn_put(turn, families[family].codes, bytes_of_text(code), key);
	if (rule == NULL)
		return;
	turn_put(turn, families[family].rows, key, bytes_of(rule, families[family].size));
	if (now == scopes.seen[family])
		return;
	scopes.seen[family] = now;
	turn_put(turn, TABLE_SCOPE, bytes_of("corridors", 9), bytes_of(&scopes, sizeof(scopes)));
}

static bool holds(struct bytes row, enum rule_family family, int64_t day)
{
	return row.data[families[family].has_until] == 0 || day <= (int64_t)load_8(row.data + families[family].until);
}

bool rule_find(struct turn *turn, enum rule_family family, const struct rule_scope *scope, int64_t day, void *rule, struct text *code)
{
	const struct text none = {0};
	uint8_t at[KEY_SIZE];
	struct bytes key = rule_key(at, scope, day, none), row;
	size_t size = key.size, prefix = key.size - (DAY_SIZE - 1);

	while ((row = next_row(turn, families[family].rows, at, &size, prefix, &key)).data != NULL) {
		if (row.size != families[family].size || !holds(row, family, day))
			continue;
		memcpy(rule, row.data, row.size);
		*code = key_part(key, 5);
		return true;
	}
	return false;
}
