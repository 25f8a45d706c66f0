/* hex.c -- blocks of exactly their size, kept in a list until the test ends. */
#include "hex.h"

#include <stdlib.h>

#include "base/check.h"

struct block {
	struct block *next;
	uint8_t *data;
};

static struct block *blocks; /* of this test program */

static uint8_t *block_of(size_t size)
{
	struct block *block = malloc(sizeof(*block));

	CHECK(block != NULL);
	block->data = malloc(size > 0 ? size : 1);
	CHECK(block->data != NULL);
	block->next = blocks;
	blocks = block;
	return block->data;
}

static uint8_t digit_of(char c)
{
	CHECK((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

struct bytes hex(const char *digits)
{
	uint8_t bytes[512];
	size_t size = 0;

	for (const char *at = digits; *at != 0;) {
		if (*at == ' ' || *at == '-') {
			at++;
			continue;
		}
		CHECK(size < sizeof(bytes));
		bytes[size++] = (uint8_t)(digit_of(at[0]) << 4 | digit_of(at[1]));
		at += 2;
	}
	return hex_exact(bytes_of(bytes, size));
}

struct bytes hex_exact(struct bytes bytes)
{
	uint8_t *copy = block_of(bytes.size);

	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return bytes_of(copy, bytes.size);
}

struct bytes hex_repeat(struct bytes head, struct bytes unit, size_t count)
{
	uint8_t *copy = block_of(head.size + unit.size * count);

	memcpy(copy, head.data, head.size);
	for (size_t i = 0; i < count; i++)
		memcpy(copy + head.size + i * unit.size, unit.data, unit.size);
	return bytes_of(copy, head.size + unit.size * count);
}

int hex_free(void **state)
{
	(void)state;
	while (blocks != NULL) {
		struct block *block = blocks;

		blocks = block->next;
		free(block->data);
		free(block);
	}
	return 0;
}
