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
	static const uint64_t masks[16] = {0, 0xff, 0xffff, 0xffffff, UINT32_MAX, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX};
	uint8_t room[SQUEEZE_ROOM(SQUEEZE_WORDS_MAX)]; /* eight bytes can be read wherever a word begins: no way apart for the last ones */
	size_t at = (count + 1) / 2;
	uint8_t *to = words;
	bool fits = true;

	CHECK(count <= SQUEEZE_WORDS_MAX);
	if (squeezed.size < at || squeezed.size > SQUEEZE_BYTES_MAX(count))
		return false;
	memcpy(room, squeezed.data, squeezed.size);
	memset(room + squeezed.size, 0, 8);
	for (unsigned i = 0; i < count && fits; i++) {
		unsigned size = room[i / 2] >> (i % 2 * 4) & 15;
		uint64_t word;

		memcpy(&word, room + at, 8);
		word = unfolded(word & masks[size]);
		memcpy(to + (size_t)i * 8, &word, 8);
		at += size;
		fits = size <= 8 && at <= squeezed.size;
	}
	return fits && at == squeezed.size;
}
