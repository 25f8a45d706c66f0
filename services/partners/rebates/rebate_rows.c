/* rebate_rows.c -- keys and layouts of the rebates' rows. */
#include "rebates/rebate_rows.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian as they lie in memory");
_Static_assert(sizeof(struct scheme) == 448, "a scheme has no padding");
_Static_assert(sizeof(struct aim) == 48, "an aim has no padding");
_Static_assert(sizeof(struct goods) == 80, "goods have no padding");
_Static_assert(sizeof(struct standing) == 208, "a standing has no padding");

/* Rows grow at their ends: what an older one does not have is 0. */
static bool copy_row(struct bytes found, void *row, size_t size)
{
	memset(row, 0, size);
	if (found.size == 0 || found.size > size)
		return false;
	memcpy(row, found.data, found.size);
	return true;
}

static void put_day(uint8_t *to, int32_t day)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)((uint32_t)day >> (24 - 8 * i));
}

static int32_t get_day(const uint8_t *from)
{
	return (int32_t)((uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3]);
}

/* Codes, and then some bytes that are no code. */
static struct bytes key_with(uint8_t key[KEY_SIZE], const struct text *codes, unsigned count, const void *rest, size_t rest_size)
{
	struct bytes joined = key_join(key, codes, count);

	CHECK(joined.size + 1 + rest_size <= KEY_SIZE);
	key[joined.size] = 0;
	memcpy(key + joined.size + 1, rest, rest_size);
	return bytes_of(key, joined.size + 1 + rest_size);
}

/* The first letter of a fact's key says what it is. */
static struct bytes fact_key(uint8_t key[KEY_SIZE], char letter, struct bytes of)
{
	CHECK(of.size + 1 <= KEY_SIZE);
	memmove(key + 1, of.data, of.size);
	key[0] = (uint8_t)letter;
	return bytes_of(key, of.size + 1);
}

static struct bytes book_key(void)
{
	return bytes_of("b", 1);
}

struct book book_get(struct turn *turn)
{
	struct book book;

	(void)copy_row(turn_get(turn, TABLE_REBATE_FACT, book_key()), &book, sizeof(book));
	return book;
}

void book_put(struct turn *turn, const struct book *book)
{
	turn_put(turn, TABLE_REBATE_FACT, book_key(), bytes_of(book, sizeof(*book)));
}

struct bytes scheme_key(uint8_t key[KEY_SIZE], struct text code, int64_t version)
{
	uint8_t number[8];

	put_u64_be(number, (uint64_t)version);
	return fact_key(key, 'l', key_with(key, &code, 1, number, sizeof(number)));
}

bool scheme_read(struct bytes row, struct scheme *scheme)
{
	return copy_row(row, scheme, sizeof(*scheme));
}

bool scheme_get(struct turn *turn, struct text code, int64_t version, struct scheme *scheme)
{
	uint8_t key[KEY_SIZE];

	return copy_row(turn_get(turn, TABLE_REBATE_FACT, scheme_key(key, code, version)), scheme, sizeof(*scheme));
}

bool scheme_look(struct query *query, struct text code, int64_t version, struct scheme *scheme)
{
	uint8_t key[KEY_SIZE];

	return copy_row(query_get(query, TABLE_REBATE_FACT, scheme_key(key, code, version)), scheme, sizeof(*scheme));
}

void scheme_put(struct turn *turn, struct text code, const struct scheme *scheme)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE_FACT, scheme_key(key, code, scheme->version), bytes_of(scheme, sizeof(*scheme)));
}

static struct bytes aim_key(uint8_t key[KEY_SIZE], char kind, struct text code)
{
	key[0] = 'a';
	key[1] = (uint8_t)kind;
	CHECK(code.size + 2 <= KEY_SIZE);
	if (code.size > 0)
		memcpy(key + 2, code.data, code.size);
	return bytes_of(key, 2 + (size_t)code.size);
}

const struct aim *aims_get(struct turn *turn, char kind, struct text code, size_t *count)
{
	uint8_t key[KEY_SIZE];
	struct bytes row = turn_get(turn, TABLE_REBATE_FACT, aim_key(key, kind, code));
	struct aim *aims = row.size > 0 ? turn_take(turn, row.size) : NULL;

	*count = row.size / sizeof(*aims);
	if (aims != NULL)
		memcpy(aims, row.data, row.size);
	return aims;
}

void aims_put(struct turn *turn, char kind, struct text code, const struct aim *aim)
{
	uint8_t key[KEY_SIZE];
	size_t count, at = 0;
	const struct aim *known = aims_get(turn, kind, code, &count);
	struct aim *aims = turn_take(turn, (count + 1) * sizeof(*aims));

	if (count > 0)
		memcpy(aims, known, count * sizeof(*aims));
	while (at < count && memcmp(aims[at].scheme, aim->scheme, sizeof(aim->scheme)) != 0)
		at++;
	aims[at] = *aim;
	count = at == count ? count + 1 : count;
	turn_put(turn, TABLE_REBATE_FACT, aim_key(key, kind, code), bytes_of(aims, count * sizeof(*aims)));
}

bool goods_get(struct turn *turn, struct text sku, struct goods *goods)
{
	uint8_t key[KEY_SIZE];

	return copy_row(turn_get(turn, TABLE_REBATE_FACT, fact_key(key, 'g', bytes_of_text(sku))), goods, sizeof(*goods));
}

void goods_expect(struct turn *turn, const struct text *skus, uint32_t count)
{
	uint8_t rooms[GOODS_EXPECTED][KEY_SIZE];
	struct bytes keys[GOODS_EXPECTED];

	CHECK(count <= GOODS_EXPECTED);
	for (uint32_t i = 0; i < count; i++)
		keys[i] = fact_key(rooms[i], 'g', bytes_of_text(skus[i]));
	turn_expect(turn, TABLE_REBATE_FACT, keys, count);
}

void goods_put(struct turn *turn, struct text sku, const struct goods *goods)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE_FACT, fact_key(key, 'g', bytes_of_text(sku)), bytes_of(goods, sizeof(*goods)));
}

/* Inverted, so that the latest one not after a day is found by going forward. */
static struct bytes past_key(uint8_t key[KEY_SIZE], struct text sku, int32_t day)
{
	uint8_t inverted[4];

	put_day(inverted, ~day);
	return fact_key(key, 'p', key_with(key, &sku, 1, inverted, sizeof(inverted)));
}

void goods_past_put(struct turn *turn, struct text sku, const struct goods *goods)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE_FACT, past_key(key, sku, goods->from), bytes_of(goods, sizeof(*goods)));
}

bool goods_past(struct turn *turn, struct text sku, int32_t day, struct goods *goods)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = past_key(key, sku, day), found;
	struct bytes row = turn_seek(turn, TABLE_REBATE_FACT, wanted, &found);

	return found.size == wanted.size && memcmp(found.data, wanted.data, wanted.size - 4) == 0 && copy_row(row, goods, sizeof(*goods));
}

/* Sums of one outlet, some goods and a currency lie together, by day. */
struct bytes day_key(uint8_t key[KEY_SIZE], struct text outlet, struct text currency, const struct goods_code *goods, int32_t day)
{
	char kind[CODE_SIZE + 1];
	uint8_t number[4];

	CHECK(goods->code.size < CODE_SIZE);
	kind[0] = goods->kind;
	if (goods->code.size > 0)
		memcpy(kind + 1, goods->code.data, goods->code.size);
	put_day(number, day);
	const struct text codes[] = {outlet, {kind, goods->code.size + 1}, currency};
	return fact_key(key, 'd', key_with(key, codes, 3, number, sizeof(number)));
}

/* A sum stays within this on both sides of zero. */
#define SUM_MAX (INT64_C(1) << 61)

int64_t sum_of(int64_t sum, int64_t add)
{
	wide both = (wide)sum + add;

	return both > SUM_MAX ? SUM_MAX : both < -SUM_MAX ? -SUM_MAX : (int64_t)both;
}

int32_t day_of_key(struct bytes key)
{
	return get_day(key.data + key.size - 4);
}

void day_add(struct turn *turn, const struct place *place, struct text currency, const struct goods_code *goods, const struct day_sum *add)
{
	uint8_t key[KEY_SIZE];
	struct bytes row = day_key(key, place->outlet, currency, goods, place->period);
	struct day_sum *known = turn_edit(turn, TABLE_REBATE_FACT, row, sizeof(*known));

	if (known == NULL) {
		turn_put(turn, TABLE_REBATE_FACT, row, bytes_of(add, sizeof(*add)));
		return;
	}
	known->revenue = sum_of(known->revenue, add->revenue);
	known->units = sum_of(known->units, add->units);
}

struct day_sum day_sum(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, struct span span)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = day_key(key, outlet, currency, goods, span.from), found;
	struct day_sum sum = {0}, day;
	size_t prefix = wanted.size - 4;

	for (;;) {
		struct bytes row = turn_seek(turn, TABLE_REBATE_FACT, wanted, &found);

		if (found.size != wanted.size || memcmp(found.data, key, prefix) != 0 || get_day(found.data + prefix) > span.until)
			return sum;
		if (copy_row(row, &day, sizeof(day))) {
			sum.revenue = sum_of(sum.revenue, day.revenue);
			sum.units = sum_of(sum.units, day.units);
		}
		put_day(key + prefix, get_day(found.data + prefix) + 1);
	}
}

int32_t day_first(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, int32_t from)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = day_key(key, outlet, currency, goods, from), found;

	(void)turn_seek(turn, TABLE_REBATE_FACT, wanted, &found);
	return found.size == wanted.size && memcmp(found.data, wanted.data, wanted.size - 4) == 0 ? get_day(found.data + found.size - 4) : 0;
}

int32_t day_last(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, struct span span)
{
	int32_t last = 0, day = day_first(turn, outlet, currency, goods, span.from);

	for (; day > 0 && day <= span.until; day = day_first(turn, outlet, currency, goods, day + 1))
		last = day;
	return last;
}

bool day_next_outlet(struct turn *turn, struct text outlet, char out[CODE_SIZE])
{
	uint8_t key[KEY_SIZE];
	struct bytes found;

	key[0] = 'd';
	if (outlet.size > 0)
		memcpy(key + 1, outlet.data, outlet.size);
	key[1 + outlet.size] = 1; /* behind all of its own, which go on with a zero */
	(void)turn_seek(turn, TABLE_REBATE_FACT, bytes_of(key, outlet.size > 0 ? outlet.size + 2 : 1), &found);
	if (found.data == NULL || found.data[0] != 'd')
		return false;
	code_put(out, CODE_SIZE, key_part(bytes_of(found.data + 1, found.size - 1), 0));
	return true;
}

int64_t sku_add(struct turn *turn, const struct place *place, struct text sku, int64_t units)
{
	const struct text codes[] = {place->outlet, place->scheme, sku};
	uint8_t of[KEY_SIZE], key[KEY_SIZE], number[4];
	int64_t before = 0, now;

	put_day(number, place->period);
	struct bytes at = fact_key(key, 'k', key_with(of, codes, 3, number, sizeof(number)));
	(void)copy_row(turn_get(turn, TABLE_REBATE_FACT, at), &before, sizeof(before));
	now = sum_of(before, units);
	turn_put(turn, TABLE_REBATE_FACT, at, bytes_of(&now, sizeof(now)));
	return (now > 0) - (before > 0);
}

/* A day's findings lie behind each other; a case is of no scheme. */
static struct bytes found_key(uint8_t key[KEY_SIZE], char kind, const struct place *place, struct text number)
{
	const struct text codes[] = {place->outlet, kind == 'w' ? place->scheme : (struct text){0}};
	uint8_t of[KEY_SIZE], rest[4 + KEY_SIZE];

	CHECK(number.size < KEY_SIZE);
	put_day(rest, place->period);
	if (number.size > 0)
		memcpy(rest + 4, number.data, number.size);
	return fact_key(key, kind, key_with(of, codes, 2, rest, 4 + (size_t)number.size));
}

void found_put(struct turn *turn, char kind, const struct place *place, struct text number)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE_FACT, found_key(key, kind, place, number), bytes_of("", 1));
}

void found_del(struct turn *turn, char kind, const struct place *place, struct text number)
{
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_REBATE_FACT, found_key(key, kind, place, number));
}

struct found_walk found_begin(char kind, const struct place *place, struct span span)
{
	const struct place from = {place->outlet, place->scheme, span.from};
	struct found_walk walk = {.span = span, .last = -1, .kind = kind};

	walk.size = found_key(walk.key, kind, &from, (struct text){0}).size;
	walk.prefix = walk.size - 4;
	return walk;
}

bool found_next(struct found_walk *walk, struct bytes found)
{
	if (found.size <= walk->prefix + 4 || found.size >= KEY_SIZE || memcmp(found.data, walk->key, walk->prefix) != 0)
		return false;
	int32_t day = get_day(found.data + walk->prefix);
	if (day > walk->span.until)
		return false;
	walk->count += walk->kind != 'w' || day != walk->last;
	walk->last = day;
	memcpy(walk->key, found.data, found.size);
	walk->key[found.size] = 0; /* the next key is behind this one */
	walk->size = found.size + 1;
	return true;
}

int64_t found_count(struct turn *turn, char kind, const struct place *place, struct span span)
{
	struct found_walk walk = found_begin(kind, place, span);
	struct bytes found;

	do
		(void)turn_seek(turn, TABLE_REBATE_FACT, bytes_of(walk.key, walk.size), &found);
	while (found_next(&walk, found));
	return walk.count;
}

struct bytes standing_key(uint8_t key[KEY_SIZE], const struct place *place)
{
	const struct text codes[] = {place->outlet, place->scheme};
	uint8_t number[4];

	put_day(number, place->period);
	return key_with(key, codes, 2, number, sizeof(number));
}

bool standing_place(struct bytes key, struct place *place)
{
	if (key.size < 8)
		return false;
	*place = (struct place){key_part(key, 0), key_part(key, 1), get_day(key.data + key.size - 4)};
	return true;
}

bool standing_read(struct bytes row, struct standing *standing)
{
	return copy_row(row, standing, sizeof(*standing));
}

bool standing_get(struct turn *turn, const struct place *place, struct standing *standing)
{
	uint8_t key[KEY_SIZE];

	return standing_read(turn_get(turn, TABLE_REBATE, standing_key(key, place)), standing);
}

bool standing_open(struct turn *turn, const struct place *place, struct standing *standing, struct scheme *scheme)
{
	return standing_get(turn, place, standing) && turn_must(turn, scheme_get(turn, place->scheme, standing->version, scheme));
}

bool scheme_aimed(struct turn *turn, const struct aim *aim, struct scheme *scheme)
{
	return turn_must(turn, scheme_get(turn, CODE_TEXT(aim->scheme), aim->version, scheme));
}

void standing_put(struct turn *turn, const struct place *place, const struct standing *standing)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE, standing_key(key, place), bytes_of(standing, sizeof(*standing)));
}

static struct bytes ending_key(uint8_t key[KEY_SIZE], int64_t ends_us, const struct place *place)
{
	uint8_t of[KEY_SIZE];

	return key_timed(key, "e", ends_us, standing_key(of, place));
}

void ending_put(struct turn *turn, int64_t ends_us, const struct place *place)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_REBATE_FACT, ending_key(key, ends_us, place), bytes_of("", 1));
}

void ending_del(struct turn *turn, int64_t ends_us, const struct place *place)
{
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_REBATE_FACT, ending_key(key, ends_us, place));
}

bool ending_first(struct turn *turn, int64_t *ends_us, uint8_t place_key[KEY_SIZE], size_t *size)
{
	struct bytes found;

	(void)turn_seek(turn, TABLE_REBATE_FACT, bytes_of("e", 1), &found);
	if (found.data == NULL || found.size <= 9 || found.size > KEY_SIZE || found.data[0] != 'e')
		return false;
	*ends_us = (int64_t)get_u64_be(found.data + 1);
	*size = found.size - 9;
	memcpy(place_key, found.data + 9, *size);
	return true;
}
