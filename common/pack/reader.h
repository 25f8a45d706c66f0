/*
 * reader.h -- walk msgpack bytes from outside: bounded, without allocation, with a sticky error.
 *
 * A reader takes one value after the other. The first failure sticks; later calls return zero values, so a
 * caller looks once at the end. Counts are checked against the bytes that are left before anything else,
 * depth against READER_DEPTH_MAX, items against READER_ITEMS_MAX, text for strict UTF-8, integers against
 * +-NUMBER_MAX.
 *
 * It does not accept NaN, infinities or trailing bytes, and it never trusts a length.
 */
#ifndef TRIBUTARY_PACK_READER_H
#define TRIBUTARY_PACK_READER_H

#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"
#include "base/check.h"

#define READER_DEPTH_MAX 8
#define READER_ITEMS_MAX (1 << 20) /* elements of one array or map */

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	const uint8_t *start;
	int error;		/* ERR_NONE or the first failure */
	uint32_t depth;
	uint32_t failed_at;	/* offset of the first failure */
	const char *field;	/* name of the field that failed, or NULL; static text */
};

static inline struct reader reader_of(struct bytes bytes)
{
	return (struct reader){.at = bytes.data, .end = bytes.size > 0 ? bytes.data + bytes.size : bytes.data,
			       .start = bytes.data};
}

/* What the next value is, without taking it. */
enum reader_kind { READER_NIL, READER_BOOL, READER_INT, READER_FLOAT, READER_TEXT, READER_BIN, READER_ARRAY,
		   READER_MAP, READER_EXT, READER_END };
enum reader_kind reader_peek(const struct reader *reader);

void reader_fail(struct reader *reader, int error);
/* any integer width within +-NUMBER_MAX, else ERR_OUT_OF_RANGE */
static inline int64_t reader_int(struct reader *reader);
uint64_t reader_uint(struct reader *reader);			/* the same, not negative */
bool reader_bool(struct reader *reader);
/* borrows; UTF-8 checked */
static inline struct text reader_text(struct reader *reader, uint32_t bytes_max);
struct bytes reader_bin(struct reader *reader, uint32_t bytes_max);	/* borrows */
/* How many values, or key-value pairs, follow; the caller takes exactly these, then calls reader_leave. */
static inline uint32_t reader_array(struct reader *reader, uint32_t items_max);
static inline uint32_t reader_map(struct reader *reader, uint32_t pairs_max);
static inline void reader_leave(struct reader *reader);
void reader_nil(struct reader *reader);

/*
 * reader_skip -- step over one value of any kind, checked as strictly. reader_value -- the same, and lends
 * its bytes.
 */
void reader_skip(struct reader *reader);
struct bytes reader_value(struct reader *reader);

/* reader_finish -- ERR_NONE when nothing failed and nothing is left, else the failure (ERR_TRAILING). */
int reader_finish(struct reader *reader) must_check;

/* reader_utf8 -- whether a text is strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool reader_utf8(const char *text, size_t size);

/*
 * The same as the functions without _any, for every form; they are called when the short forms below do
 * not fit.
 */
int64_t reader_int_any(struct reader *reader);
struct text reader_text_any(struct reader *reader, uint32_t bytes_max);
uint32_t reader_array_any(struct reader *reader, uint32_t items_max);
uint32_t reader_map_any(struct reader *reader, uint32_t pairs_max);

/*
 * Below: the commonest short forms, in place. A failed reader stands at its end, so none of them needs to
 * look at the error.
 */

/*
 * reader_is_ascii -- whether size bytes are plain, less than 32; 32 bytes must be readable. No branch
 * hangs on the size.
 */
static inline bool reader_is_ascii(const uint8_t *at, uint32_t size)
{
#ifdef __SSE2__
	uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i_u *)at));
	uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i_u *)(at + 16)));

	return ((low | high << 16) & ((UINT32_C(1) << size) - 1)) == 0;
#else
	uint32_t seen = 0;

	for (uint32_t i = 0; i < size; i++)
		seen |= at[i];
	return (seen & 0x80) == 0;
#endif
}

static inline struct text reader_text(struct reader *reader, uint32_t bytes_max)
{
	const uint8_t *at = reader->at;

	if (reader->end - at > 32) {
		uint32_t size = at[0] - 0xa0u; /* 0 to 31 for a short text */

		if (size < 32 && size <= bytes_max && reader_is_ascii(at + 1, size)) {
			reader->at = at + 1 + size;
			return (struct text){(const char *)at + 1, size};
		}
	}
	return reader_text_any(reader, bytes_max);
}

static inline int64_t reader_int(struct reader *reader)
{
	const uint8_t *at = reader->at;
	ptrdiff_t left = reader->end - at;

	if (left > 0 && at[0] < 0x80) {
		reader->at = at + 1;
		return at[0];
	}
	if (left > 2 && at[0] == 0xcd) {
		reader->at = at + 3;
		return at[1] << 8 | at[2];
	}
	if (left > 4 && at[0] == 0xce) {
		uint32_t number;

		memcpy(&number, at + 1, 4);
		reader->at = at + 5;
		return __builtin_bswap32(number);
	}
	return reader_int_any(reader);
}

static inline uint32_t reader_array(struct reader *reader, uint32_t items_max)
{
	uint32_t items = reader->at < reader->end ? reader->at[0] - 0x90u : UINT32_MAX;

	if (items > 15 || items > items_max || items >= (size_t)(reader->end - reader->at) ||
	    reader->depth >= READER_DEPTH_MAX)
		return reader_array_any(reader, items_max);
	reader->at++;
	reader->depth++;
	return items;
}

static inline uint32_t reader_map(struct reader *reader, uint32_t pairs_max)
{
	uint32_t pairs = reader->at < reader->end ? reader->at[0] - 0x80u : UINT32_MAX;

	if (pairs > 15 || pairs > pairs_max || 2 * pairs >= (size_t)(reader->end - reader->at) ||
	    reader->depth >= READER_DEPTH_MAX)
		return reader_map_any(reader, pairs_max);
	reader->at++;
	reader->depth++;
	return pairs;
}

static inline void reader_leave(struct reader *reader)
{
	if (reader->depth > 0)
		reader->depth--;
}

#endif
