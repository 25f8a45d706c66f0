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

	CHECK(count <= SQUEEZE_WORDS_MAX);
	memset(out, 0, (count + 1) / 2);
	for (unsigned i = 0; i < count; i++) {
		uint64_t word;

		memcpy(&word, from + (size_t)i * 8, 8);
		word = folded(word);
		unsigned size = bytes_in(word);

		out[i / 2] |= (uint8_t)(size << (i % 2 * 4));
		memcpy(at, &word, 8); /* eight whatever counts: one store, and the next word goes over the rest */
		at += size;
	}
	return (size_t)(at - out);
}

bool unsqueeze(void *words, unsigned count, struct bytes squeezed)
{
	size_t at = (count + 1) / 2;
	uint8_t *to = words;

	if (squeezed.size < at)
		return false;
	for (unsigned i = 0; i < count; i++) {
		unsigned size = squeezed.data[i / 2] >> (i % 2 * 4) & 15;
		uint64_t word = 0;

		if (size > 8 || squeezed.size - at < size)
			return false;
		if (squeezed.size - at >= 8) {
			memcpy(&word, squeezed.data + at, 8);
			word &= size < 8 ? (UINT64_C(1) << size * 8) - 1 : UINT64_MAX;
		} else {
			memcpy(&word, squeezed.data + at, size);
		}
		word = unfolded(word);
		memcpy(to + (size_t)i * 8, &word, 8);
		at += size;
	}
	return at == squeezed.size;
}
