/* squeeze.c -- lengths first, so that unpacking knows where each word stands before it looks at any. */
#include "squeeze.h"

#include "check.h"

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
static uint64_t folded(uint64_t word)
{
	return word << 1 ^ (0 - (word >> 63));
}

static uint64_t unfolded(uint64_t word)
{
	return word >> 1 ^ (0 - (word & 1));
}

static unsigned bytes_in(uint64_t word)
{
	return word == 0 ? 0 : (71 - (unsigned)__builtin_clzll(word)) / 8;
}

size_t squeeze(uint8_t *out, const void *words, unsigned count)
{
	const uint8_t *from = words;
	uint8_t *at = out + (count + 1) / 2;
	uint64_t sizes = 0; /* of sixteen words, together: in memory each would wait for the one before it */

	CHECK(count <= SQUEEZE_WORDS_MAX);
	for (unsigned i = 0; i < count; i++) {
		uint64_t word;

		memcpy(&word, from + (size_t)i * 8, 8);
		word = folded(word);
		unsigned size = bytes_in(word);

		memcpy(at, &word, 8); /* eight whatever counts: one store, and the next word goes over the rest */
		at += size;
		sizes |= (uint64_t)size << (i % 16 * 4);
		if (i % 16 == 15 || i + 1 == count) {
			memory_copy(out + i / 16 * 8, &sizes, (i % 16 + 2) / 2);
			sizes = 0;
		}
	}
	return (size_t)(at - out);
}

/* The eight bytes from `at` on, zeros behind the end of the eight or more that there are. */
static uint64_t word_at(struct bytes bytes, size_t at)
{
	if (at + 8 <= bytes.size)
		return load_8(bytes.data + at);
	return at < bytes.size ? load_8(bytes.data + bytes.size - 8) >> (at + 8 - bytes.size) * 8 : 0;
}

bool unsqueeze(void *words, unsigned count, struct bytes squeezed)
{
	static const uint64_t masks[16] = {0, 0xff, 0xffff, 0xffffff, UINT32_MAX, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX};
	uint8_t few[8] = {0};
	struct bytes from = squeezed;
	size_t at = (count + 1) / 2;
	uint8_t *to = words;
	bool fits = true;

	CHECK(count <= SQUEEZE_WORDS_MAX);
	if (squeezed.size < at || squeezed.size > SQUEEZE_BYTES_MAX(count))
		return false;
	if (squeezed.size < sizeof(few)) {
		memory_copy(few, squeezed.data, squeezed.size);
		from = bytes_of(few, sizeof(few));
	}
	for (unsigned i = 0; i < count && fits; i++) {
		unsigned size = from.data[i / 2] >> (i % 2 * 4) & 15;
		uint64_t word = unfolded(word_at(from, at) & masks[size]);

		memcpy(to + (size_t)i * 8, &word, 8);
		at += size;
		fits = size <= 8 && at <= squeezed.size;
	}
	return fits && at == squeezed.size;
}
