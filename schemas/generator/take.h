/*
 * take.h -- the few steps that all generated decoders share, so that each reads as the list of its fields.
 *
 * A decoder meets keys in any order and expects its own: the key that its own writer would write next is compared as
 * packed bytes, and only when it is another one is the key read and looked up by length and bytes.
 * Nothing here allocates; failures are sticky in the reader.
 */
#ifndef TRIBUTARY_EVENTS_TAKE_H
#define TRIBUTARY_EVENTS_TAKE_H

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "pack/event.h"
#include "pack/reader.h"
#include "pack/writer.h"

#define TAKE_UNKNOWN EVENT_KEYS_MAX /* no field: a key that is not known here; also the limit of fields in one map */
#define TAKE_PAIRS_MAX 1024u	/* keys of one map, known and unknown */
#define TAKE_KEY_MAX 255u	/* bytes of a key */

/* KEY("\xa3", "sku") -- a key as it stands in the bytes, header and text, and its size: two arguments. */
#define KEY(header, name) header name, sizeof(header name) - 1

/*
 * put_key -- write a key as the writer is told to: by its number, or by its name, which is packed already; what does not
 * fit is left to the writer to refuse.
 */
static inline __attribute__((always_inline)) void put_key(struct writer *writer, unsigned number, const char *packed, size_t size)
{
	if (writer->numbered && writer->error == ERR_NONE && writer->used < writer->size) {
		writer->buffer[writer->used++] = (uint8_t)number;
		return;
	}
	if (writer->error != ERR_NONE || size > writer->size - writer->used) {
		writer_raw(writer, bytes_of(packed, size));
		return;
	}
	memcpy(writer->buffer + writer->used, packed, size);
	writer->used += size;
}

/* take_numbered -- the field of a key by its number, one of count; TAKE_UNKNOWN: the next key is another one. */
static inline unsigned take_numbered(struct reader *reader, unsigned count)
{
	unsigned number = reader->at < reader->end ? *reader->at : TAKE_UNKNOWN;

	if (number >= count)
		return TAKE_UNKNOWN;
	reader->at++;
	return number;
}

/* take_later_number -- step over a key by a number that nobody knows here, and its value: a field of later days. */
static inline bool take_later_number(struct reader *reader)
{
	if (reader->at >= reader->end || *reader->at >= EVENT_KEYS_MAX)
		return false;
	reader->at++;
	reader_skip(reader);
	return true;
}

/* take_key -- step over the key if it is the next one. */
static inline __attribute__((always_inline)) bool take_key(struct reader *reader, const char *packed, size_t size)
{
	if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, packed, size) != 0)
		return false;
	reader->at += size;
	return true;
}

/* take_other_key -- a key that nobody knows: skip its value, unless it must be understood. */
static inline unsigned take_other_key(struct reader *reader, struct text key)
{
	if (reader->error == ERR_NONE && key.size > 0 && key.data[0] == '!')
		reader_fail(reader, ERR_UNKNOWN_CRITICAL);
	reader_skip(reader);
	return TAKE_UNKNOWN;
}

/* take_once -- note that a field was seen; a second time fails. */
static inline void take_once(struct reader *reader, uint64_t *seen, unsigned field)
{
	if (*seen >> field & 1)
		reader_fail(reader, ERR_DUPLICATE_KEY);
	*seen |= UINT64_C(1) << field;
}

/* take_is_ascii -- whether size bytes are plain; the last words overlap, so there is no loop over single bytes. */
static inline bool take_is_ascii(const uint8_t *at, uint32_t size)
{
	uint64_t word, seen = 0;

	if (size < 8) {
		for (uint32_t i = 0; i < size; i++)
			seen |= at[i];
		return (seen & 0x80) == 0;
	}
	for (uint32_t i = 0; i + 8 < size; i += 8) {
		memcpy(&word, at + i, 8);
		seen |= word;
	}
	memcpy(&word, at + size - 8, 8);
	return ((seen | word) & UINT64_C(0x8080808080808080)) == 0;
}

/*
 * sound_text, sound_number -- whether a value of our own keeps its bounds: the quick answer of event_check. Nobody asks why, as long as
 * it is yes.
 */
static inline bool sound_text(struct text text, uint32_t bytes_min, uint32_t bytes_max)
{
	return text.size >= bytes_min && text.size <= bytes_max &&
	       (take_is_ascii((const uint8_t *)text.data, text.size) || reader_utf8(text.data, text.size));
}

static inline bool sound_number(int64_t number, int64_t min, int64_t max)
{
	return number >= min && number <= max;
}

/* take_text -- short plain text here and now, all other text through the reader. */
static inline struct text take_text(struct reader *reader, uint32_t bytes_min, uint32_t bytes_max)
{
	const uint8_t *at = reader->at;
	uint32_t size = at < reader->end ? *at - 0xa0u : UINT32_MAX;
	struct text text;

	if (size < 32 && size >= bytes_min && size <= bytes_max && size < (size_t)(reader->end - at) &&
	    take_is_ascii(at + 1, size)) {
		reader->at += 1 + size;
		return (struct text){(const char *)at + 1, size};
	}
	text = reader_text(reader, bytes_max);
	if (text.size < bytes_min && reader->error == ERR_NONE)
		reader_fail(reader, ERR_OUT_OF_RANGE);
	return text;
}

/* take_int -- the commonest widths here and now, all others through the reader. */
static inline int64_t take_int(struct reader *reader)
{
	const uint8_t *at = reader->at;
	ptrdiff_t left = reader->end - at;

	if (left > 0 && at[0] < 0x80) {
		reader->at += 1;
		return at[0];
	}
	if (left > 2 && at[0] == 0xcd) {
		reader->at += 3;
		return at[1] << 8 | at[2];
	}
	if (left > 4 && at[0] == 0xce) {
		reader->at += 5;
		return (int64_t)at[1] << 24 | at[2] << 16 | at[3] << 8 | at[4];
	}
	return reader_int(reader);
}

static inline int64_t take_number(struct reader *reader, int64_t min, int64_t max)
{
	int64_t number = take_int(reader);

	if ((number < min || number > max) && reader->error == ERR_NONE)
		reader_fail(reader, ERR_OUT_OF_RANGE);
	return number;
}

/*
 * take_list -- open a list and find room for its items.
 *   shape   the reader has checked the count against the bytes that are left, so a lie costs no more memory than they do.
 *   owns    lends from the arena; NULL with *count 0 when the list is empty or anything failed.
 */
static inline void *take_list(struct reader *reader, struct arena *arena, uint32_t *count, const int64_t bounds[2],
			      size_t item_size)
{
	void *items;

	*count = reader_array(reader, (uint32_t)bounds[1]);
	if (reader->error == ERR_NONE && *count < bounds[0])
		reader_fail(reader, ERR_OUT_OF_RANGE);
	if (reader->error != ERR_NONE || *count == 0) {
		*count = 0;
		return NULL;
	}
	items = arena_take(arena, *count * item_size);
	if (items == NULL) {
		reader_fail(reader, ERR_TOO_LARGE);
		*count = 0;
	}
	return items;
}

/*
 * take_end -- leave a map: every required field must have been seen; the field that failed gets its name.
 *   shape   last is the field that was being read, TAKE_UNKNOWN when none was.
 */
static inline int take_end(struct reader *reader, uint64_t seen, uint64_t required, unsigned last,
			   const char *const *names)
{
	if (reader->error == ERR_NONE && (seen & required) == required) {
		reader_leave(reader);
		return ERR_NONE;
	}
	if (reader->error == ERR_NONE) {
		reader_fail(reader, ERR_MISSING_FIELD);
		last = (unsigned)__builtin_ctzll(required & ~seen);
	}
	if (reader->field == NULL && last != TAKE_UNKNOWN)
		reader->field = names[last];
	return reader->error;
}

#endif
