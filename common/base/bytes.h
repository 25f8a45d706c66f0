/*
 * bytes.h -- views of bytes and of text that belong to somebody else.
 *
 * A view borrows: it is valid as long as the frame, the transaction or the arena it points into. It does not own,
 * is not terminated by a zero, and an absent value is {NULL, 0}.
 */
#ifndef TRIBUTARY_BASE_BYTES_H
#define TRIBUTARY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *data;
	size_t size; /* bytes */
};

/* struct text -- UTF-8, checked where it came in. Print with "%.*s" and TEXT_ARGS(t). */
struct text {
	const char *data;
	uint32_t size; /* bytes */
};

/* Names its argument twice: give it a variable. */
#define TEXT_ARGS(t) (int)(t).size, (t).data
#define TEXT_LITERAL(s) ((struct text){(s), (uint32_t)(sizeof(s) - 1)})

static inline struct text text_of(const char *zero_terminated)
{
	return (struct text){zero_terminated, (uint32_t)strlen(zero_terminated)};
}

/* text_cut -- at most `most` bytes of a text, cut between characters. */
static inline struct text text_cut(struct text text, uint32_t most)
{
	uint32_t size = text.size < most ? text.size : most;

	while (size > 0 && size < text.size && ((uint8_t)text.data[size] & 0xc0) == 0x80)
		size--;
	return (struct text){text.data, size};
}

static inline struct bytes bytes_of(const void *data, size_t size)
{
	return (struct bytes){data, size};
}

static inline struct bytes bytes_of_text(struct text t)
{
	return (struct bytes){(const uint8_t *)t.data, t.size};
}

static inline uint64_t load_8(const void *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t load_4(const void *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* memory_equal -- memcmp() == 0, for what is mostly short: a call costs more than comparing two words, of which the last may overlap. */
static inline bool memory_equal(const void *left, const void *right, size_t size)
{
	const uint8_t *a = left, *b = right;

	if (size > 32)
		return load_8(a) == load_8(b) && memcmp(a + 8, b + 8, size - 8) == 0;
	if (size > 16)
		return load_8(a) == load_8(b) && load_8(a + 8) == load_8(b + 8) && load_8(a + size - 16) == load_8(b + size - 16) &&
		       load_8(a + size - 8) == load_8(b + size - 8);
	if (size >= 8)
		return load_8(a) == load_8(b) && load_8(a + size - 8) == load_8(b + size - 8);
	if (size >= 4)
		return load_4(a) == load_4(b) && load_4(a + size - 4) == load_4(b + size - 4);
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* memory_copy -- memcpy(), for what is mostly short. */
static inline void memory_copy(void *into, const void *from, size_t size)
{
	uint8_t *to = into;
	const uint8_t *at = from;

	if (size > 16) {
		memcpy(to, at, size);
	} else if (size >= 8) {
		uint64_t first = load_8(at), last = load_8(at + size - 8);

		memcpy(to, &first, 8);
		memcpy(to + size - 8, &last, 8);
	} else if (size >= 4) {
		uint32_t first = load_4(at), last = load_4(at + size - 4);

		memcpy(to, &first, 4);
		memcpy(to + size - 4, &last, 4);
	} else {
		for (size_t i = 0; i < size; i++)
			to[i] = at[i];
	}
}

/* A literal stands second, and its size is the one to compare by: only one way through memory_equal is left then. */
static inline bool text_equal(struct text a, struct text b)
{
	return a.size == b.size && memory_equal(a.data, b.data, b.size);
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && memory_equal(a.data, b.data, a.size);
}

/* bytes_compare -- order of two views as LMDB orders keys: by memory, a prefix before the longer. Returns <0, 0, >0. */
static inline int bytes_compare(struct bytes a, struct bytes b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* put_u64_be, get_u64_be -- big-endian, so that keys sort by number. */
static inline void put_u64_be(uint8_t out[8], uint64_t number)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(number >> (56 - 8 * i));
}

static inline uint64_t get_u64_be(const uint8_t in[8])
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | in[i];
	return number;
}

#endif
