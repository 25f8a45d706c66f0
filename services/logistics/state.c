/* state.c -- the only file that knows keys and layouts. */
#include "state.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian as they lie in memory");

const struct table logistics_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
};

const struct setting logistics_settings[SETTING_COUNT] = {
#define SETTING(number, name, unit, min, max, value, sentence) {name, unit, sentence, min, max, value},
#include "settings.def"
#undef SETTING
};

struct text text_keep(struct turn *turn, struct text text)
{
	char *copy = turn_take(turn, text.size + 1u);

	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	return (struct text){copy, text.size};
}

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

void row_put(struct turn *turn, unsigned table, struct bytes key, const void *row, size_t size)
{
	turn_put(turn, table, key, bytes_of(row, size));
}

void walk_begin(struct walk *walk, struct turn *turn, unsigned table, struct bytes prefix)
{
	*walk = (struct walk){.turn = turn, .table = table, .prefix = prefix.size, .at_size = prefix.size};
	CHECK(prefix.size < KEY_SIZE);
	if (prefix.size > 0)
		memcpy(walk->at, prefix.data, prefix.size);
}

bool walk_next(struct walk *walk)
{
	struct bytes found;

	(void)turn_seek(walk->turn, walk->table, bytes_of(walk->at, walk->at_size), &found);
	if (found.data == NULL || found.size < walk->prefix ||
	    memcmp(found.data, walk->at, walk->prefix) != 0)
		return false;
	CHECK(found.size < KEY_SIZE);
	memcpy(walk->at, found.data, found.size);
	walk->at[found.size] = 0; /* the next key is behind this one */
	walk->at_size = found.size + 1;
	walk->key = bytes_of(walk->at, found.size);
	return true;
}

struct bytes number_key(uint8_t key[KEY_SIZE], uint64_t number)
{
	put_u64_be(key, number);
	return bytes_of(key, 8);
}

struct bytes line_key(uint8_t key[KEY_SIZE], uint64_t number, uint32_t line)
{
	put_u64_be(key, number);
	put_u64_be(key + 8, line);
	return bytes_of(key, 16);
}

struct bytes promise_key(uint8_t key[KEY_SIZE], int64_t promised_us, uint64_t number)
{
	put_u64_be(key, (uint64_t)promised_us);
	put_u64_be(key + 8, number);
	return bytes_of(key, 16);
}

struct text shipment_text(struct turn *turn, uint64_t number)
{
	return turn_text(turn, "S-%llu", (unsigned long long)number);
}

struct text route_text(struct turn *turn, uint64_t number)
{
	return turn_text(turn, "T-%llu", (unsigned long long)number);
}

uint64_t shipment_number(struct text text)
{
	uint64_t number = 0;

	if (text.size < 3 || text.size > 21 || text.data[0] != 'S' || text.data[1] != '-' ||
	    text.data[2] == '0')
		return 0;
	for (uint32_t i = 2; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return number;
}

bool shipment_get(struct turn *turn, uint64_t number, struct shipment *shipment)
{
	uint8_t key[KEY_SIZE];

	return ROW_GET(turn, TABLE_SHIPMENT, number_key(key, number), shipment);
}

void shipment_put(struct turn *turn, uint64_t number, const struct shipment *shipment)
{
	uint8_t key[KEY_SIZE];

	ROW_PUT(turn, TABLE_SHIPMENT, number_key(key, number), shipment);
}

struct line line_get(struct turn *turn, uint64_t number, uint32_t index)
{
	uint8_t key[KEY_SIZE];
	struct line line;

	ROW_GET(turn, TABLE_LINE, line_key(key, number, index), &line);
	return line;
}

void line_put(struct turn *turn, uint64_t number, uint32_t index, const struct line *line)
{
	uint8_t key[KEY_SIZE];

	ROW_PUT(turn, TABLE_LINE, line_key(key, number, index), line);
}

struct spot place_spot(struct turn *turn, struct text code)
{
	struct place place;

	ROW_GET(turn, TABLE_PLACE, bytes_of_text(code), &place);
	return (struct spot){place.latitude, place.longitude, place.known != 0};
}

int64_t place_tier(struct turn *turn, struct text code)
{
	struct place place;

	ROW_GET(turn, TABLE_PLACE, bytes_of_text(code), &place);
	return place.tier;
}

struct quantity pack_get(struct turn *turn, struct text sku)
{
	struct quantity pack;

	ROW_GET(turn, TABLE_PACK, bytes_of_text(sku), &pack);
	return pack.milli > 0 ? pack : quantity_of(1000);
}

struct supply supply_get(struct turn *turn, struct text warehouse, struct text sku)
{
	uint8_t key[KEY_SIZE];
	struct supply supply;

	ROW_GET(turn, TABLE_SUPPLY, KEY_JOIN(key, warehouse, sku), &supply);
	return supply;
}

void supply_put(struct turn *turn, struct text warehouse, struct text sku, const struct supply *supply)
{
	uint8_t key[KEY_SIZE];

	ROW_PUT(turn, TABLE_SUPPLY, KEY_JOIN(key, warehouse, sku), supply);
}

void lane_put(struct turn *turn, struct text code, const struct lane *lane)
{
	struct lane before;
	uint8_t key[KEY_SIZE];

	if (ROW_GET(turn, TABLE_LANE, bytes_of_text(code), &before))
		turn_del(turn, TABLE_LINK,
		         KEY_JOIN(key, CODE_TEXT(before.from), CODE_TEXT(before.to), code));
	ROW_PUT(turn, TABLE_LANE, bytes_of_text(code), lane);
	turn_put(turn, TABLE_LINK, KEY_JOIN(key, CODE_TEXT(lane->from), CODE_TEXT(lane->to), code),
	         bytes_of(NULL, 0));
}

static const char next_wave_key[] = "next wave";

int64_t next_wave_get(struct turn *turn)
{
	int64_t closes_us;

	ROW_GET(turn, TABLE_BOOK, bytes_of(next_wave_key, sizeof(next_wave_key) - 1), &closes_us);
	return closes_us;
}

void next_wave_put(struct turn *turn, int64_t closes_us)
{
	ROW_PUT(turn, TABLE_BOOK, bytes_of(next_wave_key, sizeof(next_wave_key) - 1), &closes_us);
}
