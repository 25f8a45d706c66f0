/* oracle.c -- one input through both unpackers. */
#include "oracle.h"

#include <math.h>
#include <msgpack.h>

#include "base/error.h"
#include "base/units.h"
#include "pack/reader.h"

#define COUNT_SAFE 4096 /* msgpack-c reserves memory for a count before it sees the items */

/* What the reader refuses and msgpack-c does not. */
struct oddities {
	bool number, text, depth;
};

/* Decodes letter by letter, unlike the reader, which goes by tables of first bytes. */
static bool is_utf8(const uint8_t *at, size_t size)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

	for (size_t i = 0; i < size;) {
		uint32_t more = at[i] < 0x80 ? 0 : at[i] >> 5 == 6 ? 1 : at[i] >> 4 == 14 ? 2
			: at[i] >> 3 == 30 ? 3 : 9;

		if (more > 3 || i + more >= size)
			return false;
		uint32_t letter = more == 0 ? at[i] : at[i] & (0x3fu >> more);
		for (uint32_t k = 1; k <= more; k++) {
			if (at[i + k] >> 6 != 2)
				return false;
			letter = letter << 6 | (at[i + k] & 0x3fu);
		}
		if (letter < least[more] || letter > 0x10ffff || (letter >= 0xd800 && letter <= 0xdfff))
			return false;
		i += 1 + more;
	}
	return true;
}

static void look_for_oddities(const msgpack_object *object, uint32_t depth, struct oddities *odd)
{
	switch (object->type) {
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		odd->number = odd->number || object->via.u64 > (uint64_t)NUMBER_MAX;
		return;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		odd->number = odd->number || object->via.i64 < -NUMBER_MAX;
		return;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		odd->number = odd->number || !isfinite(object->via.f64);
		return;
	case MSGPACK_OBJECT_STR:
		odd->text = odd->text || !is_utf8((const uint8_t *)object->via.str.ptr, object->via.str.size);
		return;
	case MSGPACK_OBJECT_ARRAY:
		odd->depth = odd->depth || depth >= READER_DEPTH_MAX;
		for (uint32_t i = 0; i < object->via.array.size; i++)
			look_for_oddities(&object->via.array.ptr[i], depth + 1, odd);
		return;
	case MSGPACK_OBJECT_MAP:
		odd->depth = odd->depth || depth >= READER_DEPTH_MAX;
		for (uint32_t i = 0; i < object->via.map.size; i++) {
			look_for_oddities(&object->via.map.ptr[i].key, depth + 1, odd);
			look_for_oddities(&object->via.map.ptr[i].val, depth + 1, odd);
		}
		return;
	default:
		return;
	}
}

static bool same_float(struct bytes packed, double expected)
{
	uint64_t bits = 0;
	double eight;
	float four;

	for (size_t i = 1; i < packed.size; i++)
		bits = bits << 8 | packed.data[i];
	uint32_t low = (uint32_t)bits;
	memcpy(&four, &low, sizeof(four));
	memcpy(&eight, &bits, sizeof(eight));
	if (packed.size == 5)
		eight = (double)four;
	return memcmp(&eight, &expected, sizeof(expected)) == 0;
}

/* The body ends the packed bytes, its type stands before it. */
static bool same_extension(struct bytes packed, const msgpack_object_ext *ext)
{
	if (packed.size < ext->size + 2u)
		return false;
	const uint8_t *body = packed.data + packed.size - ext->size;
	return (int8_t)body[-1] == ext->type &&
		bytes_equal(bytes_of(body, ext->size), bytes_of(ext->ptr, ext->size));
}

static bool same(struct reader *reader, const msgpack_object *object);

static bool same_items(struct reader *reader, const msgpack_object *object)
{
	uint32_t count = reader_array(reader, READER_ITEMS_MAX);
	bool equal = count == object->via.array.size;

	for (uint32_t i = 0; equal && i < count; i++)
		equal = same(reader, &object->via.array.ptr[i]);
	reader_leave(reader);
	return equal;
}

static bool same_pairs(struct reader *reader, const msgpack_object *object)
{
	uint32_t count = reader_map(reader, READER_ITEMS_MAX);
	bool equal = count == object->via.map.size;

	for (uint32_t i = 0; equal && i < count; i++)
		equal = same(reader, &object->via.map.ptr[i].key) &&
			same(reader, &object->via.map.ptr[i].val);
	reader_leave(reader);
	return equal;
}

static bool same_bytes(struct bytes bytes, const char *data, uint32_t size)
{
	return bytes_equal(bytes, bytes_of(data, size));
}

/* Takes the next value by the function that is meant for it. */
static bool same(struct reader *reader, const msgpack_object *object)
{
	switch (reader_peek(reader)) {
	case READER_NIL:
		reader_nil(reader);
		return object->type == MSGPACK_OBJECT_NIL;
	case READER_BOOL:
		return reader_bool(reader) == object->via.boolean && object->type == MSGPACK_OBJECT_BOOLEAN;
	case READER_INT:
		return reader_int(reader) == object->via.i64 &&
			(object->type == MSGPACK_OBJECT_POSITIVE_INTEGER ||
			 object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER);
	case READER_FLOAT:
		return (object->type == MSGPACK_OBJECT_FLOAT32 || object->type == MSGPACK_OBJECT_FLOAT64) &&
		       same_float(reader_value(reader), object->via.f64);
	case READER_TEXT:
		return object->type == MSGPACK_OBJECT_STR &&
		       same_bytes(bytes_of_text(reader_text(reader, UINT32_MAX)), object->via.str.ptr,
				  object->via.str.size);
	case READER_BIN:
		return object->type == MSGPACK_OBJECT_BIN &&
		       same_bytes(reader_bin(reader, UINT32_MAX), object->via.bin.ptr, object->via.bin.size);
	case READER_ARRAY:
		return object->type == MSGPACK_OBJECT_ARRAY && same_items(reader, object);
	case READER_MAP:
		return object->type == MSGPACK_OBJECT_MAP && same_pairs(reader, object);
	case READER_EXT:
		return object->type == MSGPACK_OBJECT_EXT &&
			same_extension(reader_value(reader), &object->via.ext);
	case READER_END:
		return false;
	}
	return false;
}

/* Bytes of a head after the first one, and of the body behind it unless that is told by the head. */
static size_t step_of(const uint8_t *at, size_t left, uint64_t *count)
{
	static const uint8_t widths[32] = {0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					   0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
	static const uint8_t bodies[32] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3,
					   5, 9, 17};
	uint8_t first = at[0];

	*count = 0;
	if (first < 0xa0 || first >= 0xe0)
		return 1; /* short numbers, and short arrays and maps, which can claim little */
	if (first < 0xc0)
		return 1 + (first & 31u);
	size_t width = widths[first & 31];
	if (left < 1 + width)
		return left;
	for (size_t i = 0; i < width; i++)
		*count = *count << 8 | at[1 + i];
	if (first >= 0xdc)
		return 1 + width;
	return 1 + width + bodies[first & 31] + (size_t)*count;
}

/*
 * Whether some array or map says that more follows than msgpack-c should reserve memory for. Heads stand one
 * after the other, whatever they are nested in, so this needs no stack.
 */
static bool claims_too_much(struct bytes bytes)
{
	for (size_t at = 0; at < bytes.size && bytes.data[at] != 0xc1;) {
		uint64_t count;
		size_t step = step_of(bytes.data + at, bytes.size - at, &count);

		if (bytes.data[at] >= 0xdc && bytes.data[at] < 0xe0 && count > COUNT_SAFE)
			return true;
		if (step > bytes.size - at)
			return false;
		at += step;
	}
	return false;
}

/* Why the reader may refuse what the other one accepted. */
static const char *judge_stricter(int error, struct oddities odd, bool trailing)
{
	switch (error) {
	case ERR_OUT_OF_RANGE:
		return odd.number ? NULL : "refused a number that is in range";
	case ERR_NOT_UTF8:
		return odd.text ? NULL : "refused a text that is UTF-8";
	case ERR_TOO_DEEP:
		return odd.depth ? NULL : "refused a depth that is allowed";
	case ERR_TRAILING:
		return trailing ? NULL : "refused bytes that do not trail";
	default:
		return "refused what msgpack-c accepts";
	}
}

static const char *judge(struct bytes bytes, int error, const msgpack_object *object, bool trailing)
{
	struct oddities odd = {0};

	look_for_oddities(object, 0, &odd);
	if (error != ERR_NONE)
		return judge_stricter(error, odd, trailing);
	if (trailing || odd.number || odd.text || odd.depth)
		return "accepted what is too much, out of range, no UTF-8 or too deep";
	struct reader reader = reader_of(bytes);
	if (!same(&reader, object))
		return "took another value";
	return reader_finish(&reader) == ERR_NONE ? NULL : "skipped what it cannot take";
}

struct oracle_verdict oracle_compare(struct bytes bytes)
{
	struct reader reader = reader_of(bytes);
	struct oracle_verdict verdict = {0};
	msgpack_unpacked unpacked;
	size_t taken = 0;

	reader_skip(&reader);
	verdict.error = reader_finish(&reader);
	verdict.skipped = verdict.error != ERR_NONE && claims_too_much(bytes);
	if (verdict.skipped)
		return verdict;
	msgpack_unpacked_init(&unpacked);
	msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.size,
							   &taken);
	if (result == MSGPACK_UNPACK_SUCCESS)
		verdict.disagreement = judge(bytes, verdict.error, &unpacked.data, taken < bytes.size);
	else if (verdict.error == ERR_NONE || verdict.error == ERR_TRAILING)
		verdict.disagreement = "accepted what msgpack-c refuses";
	msgpack_unpacked_destroy(&unpacked);
	return verdict;
}
