/* key.c -- codes joined into keys, and codes in their places. */
#include "key.h"

struct bytes key_join(uint8_t key[KEY_SIZE], const struct text *codes, unsigned count)
{
	size_t size = 0;

	for (unsigned i = 0; i < count; i++) {
		CHECK(size + codes[i].size + 1 <= KEY_SIZE);
		if (i > 0)
			key[size++] = 0;
		memory_copy(key + size, codes[i].data, codes[i].size);
		size += codes[i].size;
	}
	return bytes_of(key, size);
}

struct bytes key_timed(uint8_t key[KEY_SIZE], const char *part, int64_t moment, struct bytes rest)
{
	size_t size = strlen(part);

	CHECK(size + 8 + rest.size <= KEY_SIZE);
	memcpy(key, part, size);
	put_u64_be(key + size, (uint64_t)moment);
	if (rest.size > 0)
		memcpy(key + size + 8, rest.data, rest.size);
	return bytes_of(key, size + 8 + rest.size);
}

struct text key_part(struct bytes key, unsigned part)
{
	const char *at = (const char *)key.data, *end = at + key.size;

	for (; part > 0; part--) {
		const char *zero = memchr(at, 0, (size_t)(end - at));

		if (zero == NULL)
			return (struct text){at, 0};
		at = zero + 1;
	}
	const char *zero = memchr(at, 0, (size_t)(end - at));
	return (struct text){at, (uint32_t)((zero != NULL ? zero : end) - at)};
}

void code_put(char *code, size_t size, struct text text)
{
	size_t used = text.size < size ? text.size : size;

	memset(code, 0, size);
	if (used > 0)
		memcpy(code, text.data, used);
}

struct text code_text(const char *code, size_t size)
{
	return (struct text){code, (uint32_t)strnlen(code, size)};
}
