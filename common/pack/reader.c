/* reader.c -- one msgpack value after the other, each checked before a byte of it is used. */
#include "reader.h"

#include "base/error.h"
#include "base/units.h"

/* A value's head: what it is, how long its head is, its count, length or number. */
struct head {
	enum reader_kind kind;
	uint32_t size;		/* bytes of the head, fixed-size numbers included */
	/* bytes of a text, binary or extension; items of an array; pairs of a map; bits of an integer */
	uint64_t count;
	bool negative;		/* of an integer: count is the two's complement */
};

void reader_fail(struct reader *reader, int error)
{
	if (reader->error != ERR_NONE)
		return;
	reader->error = error;
	reader->failed_at = (uint32_t)(reader->at - reader->start);
	reader->at = reader->end;
}

static uint64_t big_endian(const uint8_t *bytes, uint32_t size)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Heads of 0xc0..0xdf: kind, bytes after the first, and what they mean. */
struct shape {
	uint8_t kind;
	uint8_t width;
	bool is_signed;
	uint8_t fixed;	/* bytes of a fixed extension */
};

static const struct shape shapes[32] = {
    {READER_NIL, 0, 0, 0},   {READER_END, 0, 0, 0},   {READER_BOOL, 0, 0, 0},  {READER_BOOL, 0, 0, 0},
    {READER_BIN, 1, 0, 0},   {READER_BIN, 2, 0, 0},	 {READER_BIN, 4, 0, 0},	  {READER_EXT, 1, 0, 0},
    {READER_EXT, 2, 0, 0},   {READER_EXT, 4, 0, 0},	 {READER_FLOAT, 4, 0, 0}, {READER_FLOAT, 8, 0, 0},
    {READER_INT, 1, 0, 0},   {READER_INT, 2, 0, 0},	 {READER_INT, 4, 0, 0},	  {READER_INT, 8, 0, 0},
    {READER_INT, 1, 1, 0},   {READER_INT, 2, 1, 0},	 {READER_INT, 4, 1, 0},	  {READER_INT, 8, 1, 0},
    {READER_EXT, 0, 0, 1},   {READER_EXT, 0, 0, 2},	 {READER_EXT, 0, 0, 4},	  {READER_EXT, 0, 0, 8},
    {READER_EXT, 0, 0, 16},  {READER_TEXT, 1, 0, 0},  {READER_TEXT, 2, 0, 0},  {READER_TEXT, 4, 0, 0},
    {READER_ARRAY, 2, 0, 0}, {READER_ARRAY, 4, 0, 0}, {READER_MAP, 2, 0, 0},   {READER_MAP, 4, 0, 0},
};

static uint64_t sign_extend(uint64_t bits, uint32_t width)
{
	uint32_t shift = 64 - 8 * width;

	return (uint64_t)((int64_t)(bits << shift) >> shift);
}

static bool head_shaped(const struct reader *reader, uint8_t first, struct head *head)
{
	const struct shape *shape = &shapes[first & 0x1f];

	if (shape->kind == READER_END || (size_t)(reader->end - reader->at) < 1u + shape->width)
		return false;
	head->kind = (enum reader_kind)shape->kind;
	head->size = 1u + shape->width;
	head->count = big_endian(reader->at + 1, shape->width);
	if (shape->is_signed) {
		head->count = sign_extend(head->count, shape->width);
		head->negative = (int64_t)head->count < 0;
	}
	if (head->kind == READER_BOOL)
		head->count = first & 1;
	if (head->kind == READER_EXT) { /* the type byte belongs to the body */
		head->count += shape->fixed;
		head->count += 1;
	}
	return true;
}

/* Reads the head at the reader; false: it is not all there, or no msgpack. Nothing is taken. */
static bool head_read(const struct reader *reader, struct head *head)
{
	if (reader->at >= reader->end)
		return false;
	uint8_t first = *reader->at;

	*head = (struct head){.size = 1};
	if (first < 0x80) {
		head->kind = READER_INT;
		head->count = first;
	} else if (first < 0x90) {
		head->kind = READER_MAP;
		head->count = first & 0x0f;
	} else if (first < 0xa0) {
		head->kind = READER_ARRAY;
		head->count = first & 0x0f;
	} else if (first < 0xc0) {
		head->kind = READER_TEXT;
		head->count = first & 0x1f;
	} else if (first >= 0xe0) {
		head->kind = READER_INT;
		head->count = (uint64_t)(int64_t)(int8_t)first;
		head->negative = true;
	} else {
		return head_shaped(reader, first, head);
	}
	return true;
}

static void fail_head(struct reader *reader)
{
	reader_fail(reader, reader->at < reader->end && *reader->at == 0xc1 ? ERR_SYNTAX : ERR_TRUNCATED);
}

enum reader_kind reader_peek(const struct reader *reader)
{
	struct head head;

	return reader->error == ERR_NONE && head_read(reader, &head) ? head.kind : READER_END;
}

/* Takes a head of the wanted kind. */
static bool take(struct reader *reader, enum reader_kind kind, struct head *head)
{
	if (reader->error != ERR_NONE)
		return false;
	if (!head_read(reader, head)) {
		fail_head(reader);
		return false;
	}
	if (head->kind != kind) {
		reader_fail(reader, ERR_WRONG_TYPE);
		return false;
	}
	reader->at += head->size;
	return true;
}

static bool int_in_range(const struct head *head)
{
	if (head->negative)
		return (int64_t)head->count >= -NUMBER_MAX;
	return head->count <= (uint64_t)NUMBER_MAX;
}

int64_t reader_int_any(struct reader *reader)
{
	struct head head;

	if (reader->end - reader->at > 8 && *reader->at == 0xcf &&
	    get_u64_be(reader->at + 1) <= (uint64_t)NUMBER_MAX) {
		reader->at += 9; /* a time */
		return (int64_t)get_u64_be(reader->at - 8);
	}
	if (!take(reader, READER_INT, &head))
		return 0;
	if (!int_in_range(&head)) {
		reader->at -= head.size;
		reader_fail(reader, ERR_OUT_OF_RANGE);
		return 0;
	}
	return (int64_t)head.count;
}

uint64_t reader_uint(struct reader *reader)
{
	const uint8_t *before = reader->at;
	int64_t number = reader_int(reader);

	if (number < 0) {
		reader->at = before;
		reader_fail(reader, ERR_OUT_OF_RANGE);
		return 0;
	}
	return (uint64_t)number;
}

bool reader_bool(struct reader *reader)
{
	struct head head;

	return take(reader, READER_BOOL, &head) && head.count == 1;
}

void reader_nil(struct reader *reader)
{
	struct head head;

	(void)take(reader, READER_NIL, &head);
}

/*
 * Length of the sequence that begins here, 0 when it is none: no overlong forms, no surrogates, nothing
 * above U+10FFFF.
 */
static uint32_t utf8_sequence(const uint8_t *at, size_t left)
{
	uint8_t first = at[0], low = 0x80, high = 0xbf;
	uint32_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

	if (size == 0 || left < size)
		return 0;
	if (first == 0xe0)
		low = 0xa0;
	if (first == 0xed)
		high = 0x9f;
	if (first == 0xf0)
		low = 0x90;
	if (first == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (uint32_t i = 2; i < size; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

/*
 * Whether no byte has its high bit; the last word overlaps the one before, so no loop goes over single
 * bytes but the shortest.
 */
static bool is_plain(const uint8_t *at, size_t size)
{
	uint64_t word, seen = 0;

	if (size < 8) {
		for (size_t i = 0; i < size; i++)
			seen |= at[i];
		return (seen & 0x80) == 0;
	}
	for (size_t i = 0; i + 8 < size; i += 8) {
		memcpy(&word, at + i, 8);
		seen |= word;
	}
	memcpy(&word, at + size - 8, 8);
	return ((seen | word) & UINT64_C(0x8080808080808080)) == 0;
}

bool reader_utf8(const char *text, size_t size)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t done = 0;

	if (is_plain(at, size))
		return true;
	while (done < size) {
		uint32_t length = at[done] < 0x80 ? 1 : utf8_sequence(at + done, size - done);

		if (length == 0)
			return false;
		done += length;
	}
	return true;
}

/* Takes the body of a text or binary whose head was taken. */
static const uint8_t *take_body(struct reader *reader, uint64_t size, uint64_t most)
{
	const uint8_t *body = reader->at;

	if (size > most) {
		reader_fail(reader, ERR_TOO_LARGE);
		return NULL;
	}
#if !defined(MUTANT_LENGTH_TRUSTED)
	if (size > (size_t)(reader->end - reader->at)) {
		reader_fail(reader, ERR_TRUNCATED);
		return NULL;
	}
#endif
	reader->at += size;
	return body;
}

struct text reader_text_any(struct reader *reader, uint32_t bytes_max)
{
	struct head head;
	const uint8_t *body = NULL;

	if (take(reader, READER_TEXT, &head))
		body = take_body(reader, head.count, bytes_max);
	if (body == NULL)
		return (struct text){0};
	if (!reader_utf8((const char *)body, head.count)) {
		reader->at = body;
		reader_fail(reader, ERR_NOT_UTF8);
		return (struct text){0};
	}
	return (struct text){(const char *)body, (uint32_t)head.count};
}

struct bytes reader_bin(struct reader *reader, uint32_t bytes_max)
{
	struct head head;
	const uint8_t *body = NULL;

	if (take(reader, READER_BIN, &head))
		body = take_body(reader, head.count, bytes_max);
	return body != NULL ? bytes_of(body, head.count) : bytes_of(NULL, 0);
}

static uint32_t enter(struct reader *reader, enum reader_kind kind, uint32_t most, uint32_t bytes_each)
{
	struct head head;

	if (!take(reader, kind, &head))
		return 0;
	if (head.count > most || head.count > READER_ITEMS_MAX)
		reader_fail(reader, ERR_TOO_MANY);
	else if (head.count * bytes_each > (size_t)(reader->end - reader->at))
		reader_fail(reader, ERR_TRUNCATED);
	else if (reader->depth >= READER_DEPTH_MAX)
		reader_fail(reader, ERR_TOO_DEEP);
	if (reader->error != ERR_NONE)
		return 0;
	reader->depth++;
	return (uint32_t)head.count;
}

uint32_t reader_array_any(struct reader *reader, uint32_t items_max)
{
	return enter(reader, READER_ARRAY, items_max, 1);
}

uint32_t reader_map_any(struct reader *reader, uint32_t pairs_max)
{
	return enter(reader, READER_MAP, pairs_max, 2);
}

static bool float_is_finite(const uint8_t *body, uint32_t width)
{
	uint64_t bits = big_endian(body, width);

	return width == 4 ? (bits & 0x7f800000) != 0x7f800000
			  : (bits & UINT64_C(0x7ff0000000000000)) != UINT64_C(0x7ff0000000000000);
}

/* Checks the body of a value that has no values inside, and steps over it. */
static void skip_plain(struct reader *reader, const struct head *head)
{
	if (head->kind == READER_FLOAT && !float_is_finite(reader->at + 1, head->size - 1))
		reader_fail(reader, ERR_OUT_OF_RANGE);
	else if (head->kind == READER_INT && !int_in_range(head))
		reader_fail(reader, ERR_OUT_OF_RANGE);
	else if (head->kind == READER_TEXT)
		(void)reader_text_any(reader, UINT32_MAX);
	else
		reader->at += head->size;
	if (head->kind == READER_BIN || head->kind == READER_EXT)
		(void)take_body(reader, head->count, UINT32_MAX);
}

/* A value without values inside, or the head of one that has; returns how many follow inside. */
static uint64_t skip_one(struct reader *reader, uint32_t depth)
{
	struct head head;

	if (!head_read(reader, &head)) {
		fail_head(reader);
		return 0;
	}
	if (head.kind != READER_ARRAY && head.kind != READER_MAP) {
		skip_plain(reader, &head);
		return 0;
	}
	uint64_t inside = head.kind == READER_MAP ? head.count * 2 : head.count;
	reader->at += head.size;
	if (head.count > READER_ITEMS_MAX)
		reader_fail(reader, ERR_TOO_MANY);
	else if (inside > (size_t)(reader->end - reader->at))
		reader_fail(reader, ERR_TRUNCATED);
	else if (depth >= READER_DEPTH_MAX)
		reader_fail(reader, ERR_TOO_DEEP);
	return reader->error == ERR_NONE ? inside : 0;
}

/* Steps over a short number or a short plain text; false: it is something else. */
static bool skip_short(struct reader *reader)
{
	const uint8_t *at = reader->at;

	if (reader->end - at <= 32)
		return false;
	uint32_t first = at[0];
	if (first < 0x80 || first >= 0xe0) {
		reader->at = at + 1;
		return true;
	}
	if (first - 0xa0u < 32) {
		if (!reader_is_ascii(at + 1, first - 0xa0u))
			return false;
		reader->at = at + 1 + (first - 0xa0u);
		return true;
	}
	if (first - 0xccu < 3) { /* one, two or four bytes without sign: all in range */
		reader->at = at + 1 + (1u << (first - 0xccu));
		return true;
	}
	if (first == 0xcf && get_u64_be(at + 1) <= (uint64_t)NUMBER_MAX) {
		reader->at = at + 9;
		return true;
	}
	return false;
}

void reader_skip(struct reader *reader)
{
	uint64_t left[READER_DEPTH_MAX + 1], now = 1;
	uint32_t depth = 0;

	while (reader->error == ERR_NONE) {
		uint64_t inside;

		now--;
		if (!skip_short(reader) && (inside = skip_one(reader, reader->depth + depth)) > 0) {
			left[depth++] = now;
			now = inside;
		}
		while (now == 0) {
			if (depth == 0)
				return;
			now = left[--depth];
		}
	}
}

struct bytes reader_value(struct reader *reader)
{
	const uint8_t *start = reader->at;

	reader_skip(reader);
	return reader->error == ERR_NONE ? bytes_of(start, (size_t)(reader->at - start)) : bytes_of(NULL, 0);
}

int reader_finish(struct reader *reader)
{
	if (reader->error == ERR_NONE && reader->at != reader->end)
		reader_fail(reader, ERR_TRAILING);
	return reader->error;
}
