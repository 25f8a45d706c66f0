/* state.c -- the only file that knows keys and layouts. */
#include "state.h"

#include "base/squeeze.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian as they lie in memory");

const struct table inventory_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
};

const struct setting inventory_settings[SETTING_COUNT] = {
#define SETTING(number, name, unit, min, max, value, sentence) {name, unit, sentence, min, max, value},
#include "settings.def"
#undef SETTING
};

bool row_get(struct turn *turn, unsigned table, struct bytes key, void *row, size_t size)
{
	struct bytes found = turn_get(turn, table, key);

	if (found.size != size) {
		memset(row, 0, size);
		return false;
	}
	memcpy(row, found.data, size);
	return true;
}

struct bytes shelf_key(uint8_t key[KEY_SIZE], struct text place, struct text sku)
{
	return key_join(key, (const struct text[]){place, sku}, 2);
}

bool shelf_read(struct bytes row, struct shelf *shelf)
{
	if (unsqueeze(shelf, SHELF_WORDS, row))
		return true;
	*shelf = (struct shelf){0};
	return false;
}

struct shelf shelf_get(struct turn *turn, struct bytes key)
{
	struct shelf shelf;

	(void)shelf_read(turn_get(turn, TABLE_SHELF, key), &shelf);
	return shelf;
}

void shelf_put(struct turn *turn, struct bytes key, const struct shelf *shelf)
{
	uint8_t row[SQUEEZE_ROOM(SHELF_WORDS)];

	turn_put(turn, TABLE_SHELF, key, bytes_of(row, squeeze(row, shelf, SHELF_WORDS)));
}

struct place place_get(struct turn *turn, struct text code)
{
	struct place place;

	if (!row_get(turn, TABLE_PLACE, bytes_of_text(code), &place, sizeof(place)))
		(void)row_get(turn, TABLE_PLACE, bytes_of_text(code), &place, PLACE_SIZE_BEFORE);
	return place;
}

void place_put(struct turn *turn, struct text code, const struct place *place)
{
	turn_put(turn, TABLE_PLACE, bytes_of_text(code), bytes_of(place, sizeof(*place)));
}

bool product_get(struct turn *turn, struct text sku, struct product *product)
{
	return row_get(turn, TABLE_PRODUCT, bytes_of_text(sku), product, sizeof(*product)) ||
	       row_get(turn, TABLE_PRODUCT, bytes_of_text(sku), product, PRODUCT_SIZE_BEFORE);
}

void product_put(struct turn *turn, struct text sku, const struct product *product)
{
	turn_put(turn, TABLE_PRODUCT, bytes_of_text(sku), bytes_of(product, sizeof(*product)));
}

static struct bytes link_key(uint8_t key[KEY_SIZE], struct text from, struct text to, struct text lane)
{
	return key_join(key, (const struct text[]){from, to, lane}, 3);
}

static bool lane_get(struct turn *turn, struct bytes code, struct lane *lane)
{
	return row_get(turn, TABLE_LANE, code, lane, sizeof(*lane)) || row_get(turn, TABLE_LANE, code, lane, LANE_SIZE_BEFORE);
}

void lane_put(struct turn *turn, struct text code, const struct lane *lane)
{
	struct lane before;
	uint8_t key[KEY_SIZE];

	if (lane_get(turn, bytes_of_text(code), &before))
		turn_del(turn, TABLE_LINK,
		         link_key(key, CODE_TEXT(before.from), CODE_TEXT(before.to), code));
	turn_put(turn, TABLE_LANE, bytes_of_text(code), bytes_of(lane, sizeof(*lane)));
	turn_put(turn, TABLE_LINK, link_key(key, CODE_TEXT(lane->from), CODE_TEXT(lane->to), code),
	         bytes_of(NULL, 0));
}

bool rows_walk(struct turn *turn, unsigned table, size_t prefix, uint8_t at[KEY_SIZE], size_t *at_size)
{
	struct bytes found;

	(void)turn_seek(turn, table, bytes_of(at, *at_size), &found);
	if (found.data == NULL || found.size < prefix || memcmp(found.data, at, prefix) != 0)
		return false;
	CHECK(found.size < KEY_SIZE);
	memcpy(at, found.data, found.size);
	at[found.size] = 0;
	*at_size = found.size + 1;
	return true;
}

bool lane_between(struct turn *turn, struct text from, struct text to, struct lane *lane, char code[CODE_SIZE])
{
	uint8_t at[KEY_SIZE];
	size_t prefix = link_key(at, from, to, (struct text){0}).size, size = prefix;
	bool found = false;
	struct lane other;

	while (rows_walk(turn, TABLE_LINK, prefix, at, &size)) {
		struct text name = {(const char *)at + prefix, (uint32_t)(size - 1 - prefix)};

		if (!lane_get(turn, bytes_of_text(name), &other))
			continue;
		if (!found || other.cost.minor < lane->cost.minor ||
		    (other.cost.minor == lane->cost.minor && other.lead_minutes < lane->lead_minutes)) {
			*lane = other;
			memset(code, 0, CODE_SIZE);
			memcpy(code, name.data, name.size);
		}
		found = true;
	}
	return found;
}

static struct bytes rule_key(uint8_t key[KEY_SIZE], const char *kind, struct text first, struct text second)
{
	return key_join(key, (const struct text[]){{kind, 1}, first, second}, 3);
}

/* Whether every SKU with rules of its own is marked: since the first rule; not in a store that had rules before
   there were marks. */
static const char marking_key[] = "marking";

static bool marks_are_kept(struct turn *turn)
{
	uint32_t kept;

	return row_get(turn, TABLE_BOOK, bytes_of(marking_key, sizeof(marking_key) - 1), &kept, sizeof(kept));
}

static void marks_begin(struct turn *turn)
{
	uint32_t kept = 1;
	struct bytes found;

	(void)turn_seek(turn, TABLE_RULE, bytes_of("", 1), &found);
	if (found.data == NULL)
		turn_put(turn, TABLE_BOOK, bytes_of(marking_key, sizeof(marking_key) - 1),
		         bytes_of(&kept, sizeof(kept)));
}

static uint64_t marks_get(struct turn *turn, struct text sku)
{
	uint8_t key[KEY_SIZE];
	uint64_t marks;

	row_get(turn, TABLE_RULE, rule_key(key, "k", sku, (struct text){"", 0}), &marks, sizeof(marks));
	return marks;
}

uint64_t rule_marks(struct turn *turn, struct text sku)
{
	return marks_are_kept(turn) ? marks_get(turn, sku) : RULE_OF_PLACE | RULE_OF_SKU;
}

static void mark(struct turn *turn, char kind, struct text sku)
{
	uint64_t before = marks_get(turn, sku), marks = before | (kind == 'p' ? RULE_OF_PLACE : RULE_OF_SKU);
	uint8_t key[KEY_SIZE];

	if (marks != before)
		turn_put(turn, TABLE_RULE, rule_key(key, "k", sku, (struct text){"", 0}),
		         bytes_of(&marks, sizeof(marks)));
}

void rule_put(struct turn *turn, char kind, struct text first, struct text second, const struct rule *rule)
{
	uint8_t key[KEY_SIZE];

	if (!marks_are_kept(turn))
		marks_begin(turn);
	if (kind != 'c' && marks_are_kept(turn))
		mark(turn, kind, first);
	turn_put(turn, TABLE_RULE, rule_key(key, &kind, first, second), bytes_of(rule, sizeof(*rule)));
}

bool rule_get(struct turn *turn, char kind, struct text first, struct text second, struct rule *rule)
{
	uint8_t key[KEY_SIZE];

	return row_get(turn, TABLE_RULE, rule_key(key, &kind, first, second), rule, sizeof(*rule));
}

struct text restock_text(struct turn *turn, uint64_t number)
{
	return turn_text(turn, "R-%llu", (unsigned long long)number);
}

uint64_t restock_number(struct text text)
{
	uint64_t number = 0;

	if (text.size < 3 || text.size > 21 || text.data[0] != 'R' || text.data[1] != '-')
		return 0;
	for (uint32_t i = 2; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return number;
}

bool restock_get(struct turn *turn, uint64_t number, struct restock *restock)
{
	uint8_t key[8];

	put_u64_be(key, number);
	return row_get(turn, TABLE_RESTOCK, bytes_of(key, sizeof(key)), restock, sizeof(*restock));
}

void restock_put(struct turn *turn, uint64_t number, const struct restock *restock)
{
	uint8_t key[8];

	put_u64_be(key, number);
	turn_put(turn, TABLE_RESTOCK, bytes_of(key, sizeof(key)), bytes_of(restock, sizeof(*restock)));
}

static struct bytes waiting_key(uint8_t key[KEY_SIZE], struct text place, struct text sku,
                                struct text order)
{
	return key_join(key, (const struct text[]){place, sku, order}, 3);
}

struct waiting waiting_get(struct turn *turn, struct text place, struct text sku, struct text order)
{
	struct waiting waiting;
	uint8_t key[KEY_SIZE];

	row_get(turn, TABLE_WAITING, waiting_key(key, place, sku, order), &waiting, sizeof(waiting));
	return waiting;
}

void waiting_put(struct turn *turn, struct text place, struct text sku, struct text order,
                 const struct waiting *waiting)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_WAITING, waiting_key(key, place, sku, order),
	         bytes_of(waiting, sizeof(*waiting)));
}

void waiting_del(struct turn *turn, struct text place, struct text sku, struct text order)
{
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_WAITING, waiting_key(key, place, sku, order));
}

bool waiting_first(struct turn *turn, struct text place, struct text sku, char order[NUMBER_SIZE],
                   struct waiting *waiting)
{
	uint8_t at[KEY_SIZE];
	size_t prefix = waiting_key(at, place, sku, (struct text){0}).size, size = prefix;

	if (!rows_walk(turn, TABLE_WAITING, prefix, at, &size))
		return false;
	code_put(order, NUMBER_SIZE,
	         (struct text){(const char *)at + prefix, (uint32_t)(size - 1 - prefix)});
	return row_get(turn, TABLE_WAITING, bytes_of(at, size - 1), waiting, sizeof(*waiting));
}

static const char generation_key[] = "generation";

uint32_t generation_get(struct turn *turn)
{
	uint32_t generation = 0;

	row_get(turn, TABLE_BOOK, bytes_of(generation_key, sizeof(generation_key) - 1), &generation,
	        sizeof(generation));
	return generation + 1;
}

void generation_raise(struct turn *turn)
{
	uint32_t generation = generation_get(turn);

	turn_put(turn, TABLE_BOOK, bytes_of(generation_key, sizeof(generation_key) - 1),
	         bytes_of(&generation, sizeof(generation)));
}
