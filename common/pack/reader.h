/*
 * reader.h -- walk msgpack bytes from outside: bounded, without allocation, with a sticky error.
 *
 * A reader takes one value after the other. The first failure sticks; later calls return zero values, so a caller looks once at
 * the end. Counts are checked against the bytes that are left before anything else, depth against READER_DEPTH_MAX, items against
 * READER_ITEMS_MAX, text for strict UTF-8, integers against +-NUMBER_MAX.
 *
 * It does not accept NaN, infinities or trailing bytes, and it never trusts a length.
 */
#ifndef TRIBUTARY_PACK_READER_H
#define TRIBUTARY_PACK_READER_H

#include <stdbool.h>
#include <stdint.h>

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
	return (struct reader){.at = bytes.data, .end = bytes.data + bytes.size, .start = bytes.data};
}

/* What the next value is, without taking it. */
enum reader_kind { READER_NIL, READER_BOOL, READER_INT, READER_FLOAT, READER_TEXT, READER_BIN, READER_ARRAY, READER_MAP, READER_EXT, READER_END };
enum reader_kind reader_peek(const struct reader *reader);

void reader_fail(struct reader *reader, int error);
int64_t reader_int(struct reader *reader);			/* any integer width within +-NUMBER_MAX, else ERR_OUT_OF_RANGE */
uint64_t reader_uint(struct reader *reader);			/* the same, not negative */
bool reader_bool(struct reader *reader);
struct text reader_text(struct reader *reader, uint32_t bytes_max);	/* borrows; UTF-8 checked */
struct bytes reader_bin(struct reader *reader, uint32_t bytes_max);	/* borrows */
uint32_t reader_array(struct reader *reader, uint32_t items_max);	/* how many values follow; the caller takes exactly these, then reader_leave */
uint32_t reader_map(struct reader *reader, uint32_t pairs_max);	/* how many key-value pairs follow, then reader_leave */
void reader_leave(struct reader *reader);
void reader_nil(struct reader *reader);

/* reader_skip -- step over one value of any kind, checked as strictly. reader_value -- the same, and lends its bytes. */
void reader_skip(struct reader *reader);
struct bytes reader_value(struct reader *reader);

/* reader_finish -- ERR_NONE when nothing failed and nothing is left, else the failure (ERR_TRAILING). */
int reader_finish(struct reader *reader) must_check;

#endif
