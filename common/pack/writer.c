/* writer.c -- msgpack-c packs, into a buffer that does not grow; the commonest short forms are written here. */
#include "writer.h"

#include <msgpack/pack.h>

#include "base/check.h"
#include "base/error.h"

/* Always in line: what msgpack-c writes has a size that the compiler knows then, and a copy of it is one instruction. */
static inline __attribute__((always_inline)) int writer_write(void *context, const char *bytes, size_t size)
{
	struct writer *writer = context;

	if (writer->error != ERR_NONE || size > writer->size - writer->used) {
		writer->error = ERR_TOO_LARGE;
		return -1;
	}
	memory_copy(writer->buffer + writer->used, bytes, size);
	writer->used += size;
	return 0;
}

static msgpack_packer packer_of(struct writer *writer)
{
	msgpack_packer packer;

	msgpack_packer_init(&packer, writer, writer_write);
	return packer;
}

/* Whether a short form of so many bytes can be written without looking further. */
static inline bool has_room(const struct writer *writer, size_t size)
{
	return writer->error == ERR_NONE && size <= writer->size - writer->used;
}

/* Up to 65535 in place: quantities, amounts, numbers of days. False: msgpack-c writes it. */
static inline bool write_small(struct writer *writer, uint64_t number)
{
	uint8_t *at = writer->buffer + writer->used;

	if (number > UINT16_MAX || !has_room(writer, 3))
		return false;
	if (number < 0x80) {
		at[0] = (uint8_t)number;
		writer->used += 1;
	} else if (number <= UINT8_MAX) {
		at[0] = 0xcc;
		at[1] = (uint8_t)number;
		writer->used += 2;
	} else {
		at[0] = 0xcd;
		at[1] = (uint8_t)(number >> 8);
		at[2] = (uint8_t)number;
		writer->used += 3;
	}
	return true;
}

void writer_int(struct writer *writer, int64_t number)
{
	if (write_small(writer, (uint64_t)number))
		return;
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_int64(&packer, number);
}

void writer_uint(struct writer *writer, uint64_t number)
{
	if (write_small(writer, number))
		return;
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_uint64(&packer, number);
}

void writer_bool(struct writer *writer, bool value)
{
	msgpack_packer packer = packer_of(writer);

	(void)(value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
}

void writer_nil(struct writer *writer)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_nil(&packer);
}

void writer_text(struct writer *writer, struct text text)
{
	if (text.size < 32 && has_room(writer, 1 + (size_t)text.size)) {
		writer->buffer[writer->used] = (uint8_t)(0xa0 | text.size);
		memory_copy(writer->buffer + writer->used + 1, text.data, text.size);
		writer->used += 1 + (size_t)text.size;
		return;
	}
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_str(&packer, text.size);
	(void)writer_write(writer, text.data, text.size);
}

void writer_bin(struct writer *writer, struct bytes bytes)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_bin(&packer, bytes.size);
	writer_raw(writer, bytes);
}

void writer_array(struct writer *writer, uint32_t items)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_array(&packer, items);
}

void writer_map(struct writer *writer, uint32_t pairs)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_map(&packer, pairs);
}

void writer_raw(struct writer *writer, struct bytes packed)
{
	if (packed.size > 0)
		(void)writer_write(writer, (const char *)packed.data, packed.size);
}

size_t writer_array_later(struct writer *writer)
{
	static const char head[5] = {(char)0xdd, 0, 0, 0, 0};
	size_t place = writer->used;

	(void)writer_write(writer, head, sizeof(head));
	return place;
}

void writer_array_count(struct writer *writer, size_t place, uint32_t items)
{
	if (writer->error != ERR_NONE)
		return;
	CHECK(place + 5 <= writer->used && writer->buffer[place] == 0xdd);
	for (uint32_t i = 0; i < 4; i++)
		writer->buffer[place + 1 + i] = (uint8_t)(items >> (24 - 8 * i));
}
