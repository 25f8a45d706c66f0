/* state.c -- the only file that knows keys and layouts. */
#include "state.h"

#include "known.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian as they lie in memory");

const struct table kpi_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
};

const struct setting kpi_settings[SETTING_COUNT] = {
#define SETTING(number, name, unit, min, max, value, sentence) {name, unit, sentence, min, max, value},
#include "settings.def"
#undef SETTING
};

struct text tier_code(int64_t tier)
{
	return tier == 1 ? TEXT_LITERAL("1") : TEXT_LITERAL("2");
}

struct bytes number_key(uint8_t key[4], uint32_t number)
{
	for (int i = 0; i < 4; i++)
		key[i] = (uint8_t)(number >> (24 - 8 * i));
	return bytes_of(key, 4);
}

uint32_t number_of_key(const uint8_t *key)
{
	return (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
}

struct bytes key_pair(uint8_t key[KEY_SIZE], struct text code, const void *rest, size_t rest_size)
{
	CHECK(code.size + 1 + rest_size <= KEY_SIZE);
	memory_copy(key, code.data, code.size);
	key[code.size] = 0;
	memory_copy(key + code.size + 1, rest, rest_size);
	return bytes_of(key, code.size + 1 + rest_size);
}

struct bytes key_scope(uint8_t key[KEY_SIZE], char scope, struct text code)
{
	CHECK(code.size + 1 <= KEY_SIZE);
	key[0] = (uint8_t)scope;
	memory_copy(key + 1, code.data, code.size);
	return bytes_of(key, 1 + (size_t)code.size);
}

struct bytes measure_key(uint8_t key[KEY_SIZE], char scope, struct text code, struct text currency,
			 int32_t day)
{
	size_t size = 1 + (size_t)code.size;

	CHECK(size + 8 <= KEY_SIZE && currency.size <= 3);
	key[0] = (uint8_t)scope;
	memcpy(key + 1, code.data, code.size);
	key[size++] = 0;
	memset(key + size, 0, 3);
	memcpy(key + size, currency.data, currency.size);
	number_key(key + size + 3, (uint32_t)day);
	return bytes_of(key, size + 7);
}

bool measure_parts(struct bytes key, struct measure_parts *parts)
{
	if (key.size < 10)
		return false;
	*parts = (struct measure_parts){.scope = (char)key.data[0],
					.code = {(const char *)key.data + 1, (uint32_t)key.size - 9},
					.currency = {(const char *)key.data + key.size - 7, 3},
					.day = (int32_t)number_of_key(key.data + key.size - 4)};
	return true;
}

bool copy_row(struct bytes found, void *row, size_t size)
{
	if (found.size != size) {
		memset(row, 0, size);
		return false;
	}
	memcpy(row, found.data, size);
	return true;
}

bool row_get(struct turn *turn, unsigned table, struct bytes key, void *row, size_t size)
{
	return copy_row(turn_get(turn, table, key), row, size);
}

bool look_get(struct query *query, unsigned table, struct bytes key, void *row, size_t size)
{
	return copy_row(query_get(query, table, key), row, size);
}

void row_put(struct turn *turn, unsigned table, struct bytes key, const void *row, size_t size)
{
	turn_put(turn, table, key, bytes_of(row, size));
}

static struct bytes book_key(void)
{
	return bytes_of("book", 4);
}

struct book book_get(struct turn *turn)
{
	const struct book **known = known_book(turn);
	struct book book;

	if (*known != NULL)
		return **known;
	struct bytes row = turn_get(turn, TABLE_BOOK, book_key());
	if (copy_row(row, &book, sizeof(book)))
		*known = (const void *)row.data;
	return book;
}

void book_put(struct turn *turn, const struct book *book)
{
	*known_book(turn) = NULL; /* what was lent is void */
	row_put(turn, TABLE_BOOK, book_key(), book, sizeof(*book));
}

struct book book_look(struct query *query)
{
	struct book book;

	look_get(query, TABLE_BOOK, book_key(), &book, sizeof(book));
	return book;
}

bool outlet_get(struct turn *turn, struct text code, struct outlet *outlet)
{
	bool found = row_get(turn, TABLE_OUTLET, bytes_of_text(code), outlet, sizeof(*outlet));

	if (!found)
		CODE_PUT(outlet->currency, CURRENCY_UNKNOWN);
	return found;
}

void outlet_put(struct turn *turn, struct text code, const struct outlet *outlet)
{
	row_put(turn, TABLE_OUTLET, bytes_of_text(code), outlet, sizeof(*outlet));
}

void product_expect(struct turn *turn, struct text sku)
{
	struct bytes key = bytes_of_text(sku);

	turn_expect(turn, TABLE_PRODUCT, &key, 1);
}

bool product_get(struct turn *turn, struct text sku, struct product *product)
{
	return row_get(turn, TABLE_PRODUCT, bytes_of_text(sku), product, sizeof(*product));
}

const struct product *product_look(struct turn *turn, struct text sku)
{
	struct bytes row = turn_get(turn, TABLE_PRODUCT, bytes_of_text(sku));

	return row.size == sizeof(struct product) ? (const void *)row.data : NULL;
}

void product_put(struct turn *turn, struct text sku, const struct product *product)
{
	row_put(turn, TABLE_PRODUCT, bytes_of_text(sku), product, sizeof(*product));
}

bool target_read(struct bytes row, struct target *target)
{
	size_t before = offsetof(struct target, territory);

	if (row.size != before)
		return copy_row(row, target, sizeof(*target));
	memset(target, 0, sizeof(*target));
	memcpy(target, row.data, before);
	return true;
}

bool target_get(struct turn *turn, struct text code, struct target *target)
{
	return target_read(turn_get(turn, TABLE_TARGET, bytes_of_text(code)), target);
}

void target_put(struct turn *turn, struct text code, const struct target *target)
{
	row_put(turn, TABLE_TARGET, bytes_of_text(code), target, sizeof(*target));
}

void walk_begin(struct walk *walk, struct turn *turn, unsigned table, struct bytes prefix)
{
	CHECK(prefix.size <= KEY_SIZE);
	walk->turn = turn;
	walk->table = table;
	walk->prefix = prefix.size;
	walk->at_size = prefix.size;
	if (prefix.size > 0)
		memcpy(walk->at, prefix.data, prefix.size);
}

bool walk_next(struct walk *walk)
{
	struct bytes found;

	walk->value = turn_seek(walk->turn, walk->table, bytes_of(walk->at, walk->at_size), &found);
	if (found.data == NULL || found.size < walk->prefix ||
	    memcmp(found.data, walk->at, walk->prefix) != 0)
		return false;
	CHECK(found.size <= KEY_SIZE);
	memcpy(walk->at, found.data, found.size);
	walk->at[found.size] = 0; /* the least key behind it */
	walk->key = bytes_of(walk->at, found.size);
	walk->at_size = found.size + 1;
	return true;
}

int32_t day_of(struct text day)
{
	int64_t number;

	return day_number(day, &number) && number > 0 ? (int32_t)number : 1;
}
