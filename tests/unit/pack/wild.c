/* wild.c -- heads and bodies are written by hand: msgpack-c's packer would only give shortest forms. */
#include "wild.h"

#define NESTS_MAX 10

static void grow(struct wild *wild, uint32_t depth);

uint32_t wild_number(struct wild *wild, uint32_t below)
{
	wild->seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
	uint64_t z = wild->seed;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % below);
}

static bool chance(struct wild *wild, uint32_t one_in)
{
	return wild_number(wild, one_in) == 0;
}

static void put(struct wild *wild, uint64_t number, uint32_t width)
{
	for (uint32_t i = 0; i < width && wild->size < sizeof(wild->bytes); i++)
		wild->bytes[wild->size++] = (uint8_t)(number >> (8 * (width - 1 - i)));
}

/*
 * A head whose count is told in one of the forms that can hold it; first: of the smallest such form,
 * widths: how many there are.
 */
static void put_head(struct wild *wild, uint8_t fixed, uint32_t fixed_most, uint8_t first,
		     uint32_t least_width, uint32_t count)
{
	if (count <= fixed_most && !chance(wild, 3)) {
		put(wild, fixed | count, 1);
		return;
	}
	uint32_t forms = least_width == 1 ? 3 : 2, form = wild_number(wild, forms);
	while ((uint64_t)count >> (8 * (least_width << form)) != 0)
		form++;
	put(wild, first + form, 1);
	put(wild, count, least_width << form);
}

static void grow_number(struct wild *wild)
{
	uint32_t width = 1u << wild_number(wild, 4), form = (uint32_t)__builtin_ctz(width);
	uint64_t number = (uint64_t)wild_number(wild, UINT32_MAX) << 32 | wild_number(wild, UINT32_MAX);
	bool is_signed = chance(wild, 2);

	if (chance(wild, 3)) {
		put(wild, chance(wild, 2) ? number & 0x7f : 0xe0 | (number & 0x1f), 1);
		return;
	}
	if (width == 8 && (wild->tame || !chance(wild, 8)))
		number = is_signed && chance(wild, 2) ? UINT64_MAX - (number >> 12) : number >> 12;
	put(wild, (is_signed ? 0xd0 : 0xcc) + form, 1);
	put(wild, number, width);
}

static void grow_float(struct wild *wild)
{
	uint32_t width = chance(wild, 2) ? 4 : 8;
	uint64_t top = wild_number(wild, 0xff), rest = wild_number(wild, UINT32_MAX);

	if (wild->tame)
		top &= 0x3f;
	else if (chance(wild, 4))
		top = 0x7f;
	put(wild, width == 4 ? 0xca : 0xcb, 1);
	put(wild, top, 1);
	put(wild, chance(wild, 4) && !wild->tame ? 0xf0 : rest & 0xff, 1);
	put(wild, rest >> 8, width - 2);
}

static void grow_text(struct wild *wild)
{
	static const char *const letters[] = {"a", "Z", "0", " ", "\x7f", "\xc3\xa9", "\xe4\xb8\x80",
					      "\xf0\x9f\x91\x8d"};
	char text[160];
	uint32_t size = 0, count = wild_number(wild, chance(wild, 8) ? 40 : 12);

	for (uint32_t i = 0; i < count; i++) {
		const char *letter = letters[wild_number(wild, chance(wild, 4) ? 8 : 5)];

		memcpy(text + size, letter, strlen(letter));
		size += (uint32_t)strlen(letter);
	}
	if (!wild->tame && size > 0 && chance(wild, 20))
		text[wild_number(wild, size)] = (char)(0x80 + wild_number(wild, 0x80));
	put_head(wild, 0xa0, 31, 0xd9, 1, size);
	for (uint32_t i = 0; i < size; i++)
		put(wild, (uint8_t)text[i], 1);
}

static void grow_bytes(struct wild *wild)
{
	uint32_t size = wild_number(wild, 20), form = wild_number(wild, 5);

	if (chance(wild, 2)) {
		put_head(wild, 0, 0, 0xc4, 1, size + 1);
		size++;
	} else if (chance(wild, 2)) {
		put(wild, 0xd4 + form, 1);
		size = 1 + (1u << form);
	} else {
		put_head(wild, 0, 0, 0xc7, 1, size + 1);
		size += 2; /* the type stands before it */
	}
	for (uint32_t i = 0; i < size; i++)
		put(wild, wild_number(wild, 256), 1);
}

static void grow_nest(struct wild *wild, uint32_t depth)
{
	bool map = chance(wild, 2);
	uint32_t count = wild_number(wild, chance(wild, 10) ? 40 : 5);

	if (map)
		put_head(wild, 0x80, 15, 0xde, 2, count);
	else
		put_head(wild, 0x90, 15, 0xdc, 2, count);
	for (uint32_t i = 0; i < (map ? 2 * count : count); i++)
		grow(wild, depth + 1);
}

static void grow(struct wild *wild, uint32_t depth)
{
	uint32_t kind = wild_number(wild, depth == 0 ? 2 : 10);

	if (kind < 3 && depth < (wild->tame ? 5 : NESTS_MAX) && wild->size < 1000)
		grow_nest(wild, depth);
	else if (kind < 5)
		grow_text(wild);
	else if (kind < 7)
		grow_number(wild);
	else if (kind == 7)
		grow_float(wild);
	else if (kind == 8)
		grow_bytes(wild);
	else
		put(wild, chance(wild, 3) ? 0xc0 : 0xc2 + wild_number(wild, 2), 1);
}

void wild_value(struct wild *wild)
{
	wild->size = 0;
	grow(wild, 0);
}

static void insert(struct wild *wild, size_t place, uint8_t byte)
{
	if (wild->size == sizeof(wild->bytes))
		return;
	memmove(wild->bytes + place + 1, wild->bytes + place, wild->size - place);
	wild->bytes[place] = byte;
	wild->size++;
}

void wild_damage(struct wild *wild)
{
	static const uint8_t heads[] = {0xc1, 0xc0, 0xdc, 0xdd, 0xde, 0xdf, 0xd9, 0xda, 0xdb, 0xc6, 0xc9,
					0xca, 0xcb, 0xcf, 0xd3, 0x9f, 0x8f};
	size_t place = wild->size > 0 ? wild_number(wild, (uint32_t)wild->size) : 0;

	switch (wild_number(wild, 6)) {
	case 0:
		if (wild->size > 0)
			wild->bytes[place] ^= (uint8_t)(1u << wild_number(wild, 8));
		break;
	case 1:
		if (wild->size > 0)
			wild->bytes[place] = heads[wild_number(wild, sizeof(heads))];
		break;
	case 2:
		insert(wild, place, heads[wild_number(wild, sizeof(heads))]);
		break;
	case 3:
		wild->size = place;
		break;
	case 4:
		insert(wild, wild->size, (uint8_t)wild_number(wild, 256));
		break;
	default:
		if (wild->size > 0) {
			memmove(wild->bytes + place, wild->bytes + place + 1, wild->size - place - 1);
			wild->size--;
		}
	}
}
