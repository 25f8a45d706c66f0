/* audit_line.c -- the bytes of one line, which its hash is made of. */
#include "audit/audit_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"

#define HEAD "{\"n\":"
#define BEFORE_PREVIOUS "\",\"previous\":\""
#define BEFORE_HASH "\",\"hash\":\""
#define END "\"}"
#define TAIL_BYTES (sizeof(BEFORE_PREVIOUS) - 1 + AUDIT_HASH_TEXT + sizeof(BEFORE_HASH) - 1 + AUDIT_HASH_TEXT + sizeof(END) - 1)
#define DIGITS_MAX 18

/* Room in a line for each text, escaped. Together with the rest they fit. */
#define WHO_BYTES 300
#define ACT_BYTES 200
#define OBJECT_BYTES 1000
#define DETAIL_BYTES 2000
_Static_assert(WHO_BYTES + ACT_BYTES + OBJECT_BYTES + DETAIL_BYTES + TAIL_BYTES + 200 < AUDIT_LINE_MAX, "a line has room for its texts");

/* Bytes of the character that begins here; 0: it is none. Strict enough for whoever reads JSON: no overlong forms, no surrogates. */
static unsigned character_bytes(const unsigned char *at)
{
	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] < 0xe0)
		return (at[1] & 0xc0) == 0x80 ? 2 : 0;
	if (at[0] >= 0xe0 && at[0] < 0xf0) {
		bool is_taken = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0);

		return !is_taken && (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (at[0] < 0xf0 || at[0] > 0xf4 || (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90))
		return 0;
	return (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80 && (at[3] & 0xc0) == 0x80 ? 4 : 0;
}

/* A text as it stands between quotes, in at most `room` bytes. What is no character becomes a question mark. */
static size_t escape(char *out, size_t room, const char *text)
{
	size_t used = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
		unsigned count = character_bytes(at);
		char piece[8] = "?";

		if (*at == '"' || *at == '\\')
			snprintf(piece, sizeof(piece), "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			snprintf(piece, sizeof(piece), "\\u%04x", *at);
		else if (count > 0)
			snprintf(piece, sizeof(piece), "%.*s", (int)count, (const char *)at);
		if (used + strlen(piece) + 3 > room) {
			memcpy(out + used, "...", 3);
			return used + 3;
		}
		memcpy(out + used, piece, strlen(piece));
		used += strlen(piece);
		at += count > 0 ? count : 1;
	}
	return used;
}

static size_t put(char *out, const char *text)
{
	size_t size = strlen(text);

	memcpy(out, text, size);
	return size;
}

size_t audit_line_write(char out[AUDIT_LINE_MAX], uint64_t n, int64_t now_us, const struct audit_act *act, const char *previous)
{
	char time[WHEN_TEXT_SIZE], hash[AUDIT_HASH_TEXT + 1];
	size_t used;

	CHECK(strlen(previous) == AUDIT_HASH_TEXT);
	when_text(now_us, time);
	used = (size_t)snprintf(out, 100, HEAD "%llu,\"time\":\"%s\",\"who\":\"", (unsigned long long)n, time);
	used += escape(out + used, WHO_BYTES, act->who);
	used += put(out + used, "\",\"act\":\"");
	used += escape(out + used, ACT_BYTES, act->act);
	used += put(out + used, "\",\"object\":\"");
	used += escape(out + used, OBJECT_BYTES, act->object);
	used += put(out + used, "\",\"detail\":\"");
	used += escape(out + used, DETAIL_BYTES, act->detail);
	used += put(out + used, BEFORE_PREVIOUS);
	used += put(out + used, previous);
	audit_hash(out, used, hash);
	used += put(out + used, BEFORE_HASH);
	used += put(out + used, hash);
	used += put(out + used, END "\n");
	return used;
}

static bool read_hash(const char *at, char out[AUDIT_HASH_TEXT + 1])
{
	for (unsigned i = 0; i < AUDIT_HASH_TEXT; i++)
		if (!isdigit((unsigned char)at[i]) && (at[i] < 'a' || at[i] > 'f'))
			return false;
	memcpy(out, at, AUDIT_HASH_TEXT);
	out[AUDIT_HASH_TEXT] = 0;
	return true;
}

bool audit_line_read(const char *line, size_t size, struct audit_place *place)
{
	const char *tail = line + size - TAIL_BYTES, *hashed;
	char hash[AUDIT_HASH_TEXT + 1];
	size_t at = sizeof(HEAD) - 1, digits = 0;

	*place = (struct audit_place){0};
	if (size < TAIL_BYTES + at + 2 || memcmp(line, HEAD, at) != 0)
		return false;
	for (; isdigit((unsigned char)line[at]) && digits < DIGITS_MAX; at++, digits++)
		place->n = place->n * 10 + (uint64_t)(line[at] - '0');
	if (digits == 0 || line[at] != ',' || memcmp(tail, BEFORE_PREVIOUS, sizeof(BEFORE_PREVIOUS) - 1) != 0)
		return false;
	tail += sizeof(BEFORE_PREVIOUS) - 1;
	hashed = tail + AUDIT_HASH_TEXT;
	if (!read_hash(tail, place->previous) || memcmp(hashed, BEFORE_HASH, sizeof(BEFORE_HASH) - 1) != 0 ||
	    !read_hash(hashed + sizeof(BEFORE_HASH) - 1, place->hash) || memcmp(line + size - sizeof(END) + 1, END, sizeof(END) - 1) != 0)
		return false;
	audit_hash(line, (size_t)(hashed - line), hash);
#if defined(MUTANT_HASH_UNCHECKED)
	memcpy(hash, place->hash, sizeof(hash));
#endif
	place->is_sound = strcmp(hash, place->hash) == 0;
	return true;
}
