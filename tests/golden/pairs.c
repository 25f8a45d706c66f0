/* pairs.c -- msgpack put together by hand, because the project's own writer refuses to write what is tested here. */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void pairs_read(struct pairs *pairs, struct bytes map)
{
	struct reader reader = reader_of(map);

	pairs->count = reader_map(&reader, PAIRS_MAX);
	for (uint32_t i = 0; i < pairs->count; i++) {
		struct pair *pair = &pairs->items[i];
		struct reader name;

		pair->key = reader_value(&reader);
		pair->value = reader_value(&reader);
		name = reader_of(pair->key);
		pair->name = reader_text(&name, UINT32_MAX);
	}
	reader_leave(&reader);
	CHECK(reader_finish(&reader) == ERR_NONE);
}

struct pair *pairs_find(struct pairs *pairs, const char *name)
{
	for (uint32_t i = 0; i < pairs->count; i++)
		if (text_equal(pairs->items[i].name, text_of(name)))
			return &pairs->items[i];
	return NULL;
}

void pairs_add(struct pairs *pairs, const char *name, struct bytes value)
{
	CHECK(pairs->count < PAIRS_MAX);
	pairs->items[pairs->count++] = (struct pair){.name = text_of(name), .value = value};
}

void pairs_remove(struct pairs *pairs, const struct pair *pair)
{
	size_t place = (size_t)(pair - pairs->items);

	CHECK(place < pairs->count);
	pairs->count--;
	memmove(&pairs->items[place], &pairs->items[place + 1], (pairs->count - place) * sizeof *pair);
}

/* ---- writing ---- */

struct block {
	uint8_t *data;
	size_t used;
};

static void block_put(struct block *block, const void *data, size_t size)
{
	CHECK(block->used + size <= PAIRS_BYTES_MAX);
	if (size > 0)
		memcpy(block->data + block->used, data, size);
	block->used += size;
}

/* A tag and a number in size big-endian bytes. */
static void block_tag(struct block *block, uint8_t tag, uint64_t number, int size)
{
	uint8_t bytes[9] = {tag};

	for (int i = 0; i < size; i++)
		bytes[1 + i] = (uint8_t)(number >> (8 * (size - 1 - i)));
	block_put(block, bytes, (size_t)size + 1);
}

/* One block is written at a time, so one place to write it is enough. */
static struct block block_open(void)
{
	static uint8_t scratch[PAIRS_BYTES_MAX];

	return (struct block){scratch, 0};
}

/* A block of exactly the size, so that a sanitizer sees its end. */
static struct bytes block_close(struct block *block)
{
	uint8_t *exact = malloc(block->used > 0 ? block->used : 1);

	CHECK(exact != NULL);
	memcpy(exact, block->data, block->used);
	return bytes_of(exact, block->used);
}

static void put_name(struct block *block, const struct pair *pair)
{
	if (pair->key.data != NULL) {
		block_put(block, pair->key.data, pair->key.size);
		return;
	}
	block_tag(block, 0xd9, pair->name.size, 1);
	block_put(block, pair->name.data, pair->name.size);
}

struct bytes pairs_write(const struct pairs *pairs)
{
	struct block block = block_open();

	block_tag(&block, 0xde, pairs->count, 2);
	for (uint32_t i = 0; i < pairs->count; i++) {
		put_name(&block, &pairs->items[i]);
		block_put(&block, pairs->items[i].value.data, pairs->items[i].value.size);
	}
	return block_close(&block);
}

/* One value in its longest form; lists and maps with their insides. */
static void put_long(struct block *block, struct reader *reader)
{
	struct text text;
	uint32_t count;

	switch (reader_peek(reader)) {
	case READER_INT:
		block_tag(block, 0xd3, (uint64_t)reader_int(reader), 8);
		break;
	case READER_TEXT:
		text = reader_text(reader, UINT32_MAX);
		block_tag(block, 0xdb, text.size, 4);
		block_put(block, text.data, text.size);
		break;
	case READER_BOOL:
		block_put(block, reader_bool(reader) ? "\xc3" : "\xc2", 1);
		break;
	case READER_ARRAY:
		count = reader_array(reader, UINT32_MAX);
		block_tag(block, 0xdd, count, 4);
		while (count-- > 0)
			put_long(block, reader);
		reader_leave(reader);
		break;
	case READER_MAP:
		count = reader_map(reader, UINT32_MAX);
		block_tag(block, 0xdf, count, 4);
		for (count *= 2; count > 0; count--)
			put_long(block, reader);
		reader_leave(reader);
		break;
	default:
		abort(); /* a kind that no event has */
	}
}

struct bytes pairs_write_long(const struct pairs *pairs)
{
	struct block block = block_open();

	block_tag(&block, 0xdf, pairs->count, 4);
	for (uint32_t i = 0; i < pairs->count; i++) {
		struct reader reader = reader_of(pairs->items[i].value);

		block_tag(&block, 0xdb, pairs->items[i].name.size, 4);
		block_put(&block, pairs->items[i].name.data, pairs->items[i].name.size);
		put_long(&block, &reader);
		CHECK(reader_finish(&reader) == ERR_NONE);
	}
	return block_close(&block);
}

struct bytes pairs_list(struct bytes item, uint32_t count, uint32_t claimed)
{
	struct block block = block_open();

	block_tag(&block, 0xdd, claimed, 4);
	while (count-- > 0)
		block_put(&block, item.data, item.size);
	return block_close(&block);
}
