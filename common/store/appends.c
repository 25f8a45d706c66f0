/* appends.c -- the turn's log entries, in the form in which they go to disk. */
#include "store/appends.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"

#define ENTRY_HEAD offsetof(struct append, sealed)
#define BYTES_MIN ((size_t)64 << 10)
#define KEPT_MAX ((size_t)16 << 20) /* room that an exceptional turn took above this goes back to the heap */

_Static_assert(ENTRY_HEAD + APPEND_SEAL == 16, "values are aligned to 8");

static uint64_t sum_of(uint64_t number, struct bytes value)
{
	uint64_t sum = hash_bytes(value) ^ number * UINT64_C(0x9E3779B97F4A7C15);

	sum = (sum ^ sum >> 32) * UINT64_C(0xD6E8FEB86659FD93); /* not as XXH3's seed: that costs long values a new secret each */
	return sum ^ sum >> 32;
}

/* Big-endian, so that a store can be read on any machine. */
static void seal(uint8_t out[APPEND_SEAL], uint64_t sum)
{
	for (int i = 0; i < APPEND_SEAL; i++)
		out[i] = (uint8_t)(sum >> (24 - 8 * i));
}

struct bytes appends_sum(uint64_t number, struct bytes sealed, uint64_t *sum)
{
	uint8_t right[APPEND_SEAL];

	*sum = 0;
	if (sealed.size < APPEND_SEAL)
		return bytes_of(NULL, 0);
	struct bytes value = bytes_of(sealed.data + APPEND_SEAL, sealed.size - APPEND_SEAL);
	*sum = sum_of(number, value);
	seal(right, *sum);
#if defined(MUTANT_CHECKSUM_IGNORED) || defined(MUTANT_SEAL_UNREAD)
	memcpy(right, sealed.data, APPEND_SEAL);
#endif
	return memcmp(right, sealed.data, APPEND_SEAL) == 0 ? value : bytes_of(NULL, 0);
}

struct bytes appends_value(uint64_t number, struct bytes sealed)
{
	uint64_t sum;

	return appends_sum(number, sealed, &sum);
}

/* Room for one more checkpoint. */
static bool make_note_room(struct appends *appends)
{
	if (appends->note_count < appends->note_room)
		return true;
	size_t room = appends->note_room > 0 ? appends->note_room * 2 : 16;
	struct chain *larger = realloc(appends->notes, room * sizeof(*larger));
	if (larger == NULL)
		return false;
	appends->notes = larger;
	appends->note_room = room;
	return true;
}

static bool make_room(struct appends *appends, size_t need)
{
	if (need > appends->size - appends->used) {
		size_t size = appends->size > 0 ? appends->size : appends->size_next;

		size = size > BYTES_MIN ? size : BYTES_MIN;
		while (size - appends->used < need)
			size *= 2;
		uint8_t *larger = realloc(appends->bytes, size);
		if (larger == NULL)
			return false;
		appends->bytes = larger;
		appends->size = size;
	}
	if (appends->count == appends->room) {
		size_t room = appends->room > 0 ? appends->room * 2 : 1024;
		size_t *larger = realloc(appends->places, room * sizeof(*larger));

		if (larger == NULL)
			return false;
		appends->places = larger;
		appends->room = room;
	}
	return true;
}

bool appends_add(struct appends *appends, uint64_t number, struct bytes value)
{
	size_t need = (ENTRY_HEAD + APPEND_SEAL + value.size + 7) & ~(size_t)7;

	if (!make_room(appends, need) || !make_note_room(appends))
		return false;
	uint64_t sum = sum_of(number, value);
	struct append *append = (struct append *)(void *)(appends->bytes + appends->used);
	append->number = number;
	append->size = (uint32_t)(APPEND_SEAL + value.size);
	seal(append->sealed, sum);
	if (value.size > 0)
		memcpy(append->sealed + APPEND_SEAL, value.data, value.size);
	appends->places[appends->count++] = appends->used;
	appends->used += need;
	chain_add(&appends->chain, number, sum);
	if (appends->chain.count % CHAIN_STEP == 0)
		appends->notes[appends->note_count++] = appends->chain;
	return true;
}

const struct append *appends_find(const struct appends *appends, uint64_t number)
{
	size_t low = 0, high = appends->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (appends_at(appends, middle)->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == appends->count || appends_at(appends, low)->number != number)
		return NULL;
	return appends_at(appends, low);
}

bool appends_give(struct appends *appends, struct appended *appended)
{
	if (appends->count == 0)
		return false;
	CHECK(!appends->is_given && appends_at(appends, appends->count - 1)->number - appends_at(appends, 0)->number + 1 ==
					appends->count);
	uint8_t *trimmed = appends->size - appends->used > appends->used / 4 ? realloc(appends->bytes, appends->used) : NULL;
	if (trimmed != NULL) {
		appends->bytes = trimmed;
		appends->size = appends->used;
	}
	*appended = (struct appended){.bytes = appends->bytes,
				      .places = appends->places,
				      .count = appends->count,
				      .used = appends->used,
				      .first = appends_at(appends, 0)->number};
	appends->is_given = true;
	return true;
}

struct bytes appended_value(const struct appended *appended, size_t index)
{
	const struct append *append = (const struct append *)(const void *)(appended->bytes + appended->places[index]);

	return bytes_of(append->sealed + APPEND_SEAL, append->size - APPEND_SEAL);
}

static void empty(struct appends *appends)
{
	bool is_large = appends->size > KEPT_MAX;

	appends->size_next = appends->is_given ? appends->used + appends->used / 8 : 0;
	appends->used = appends->count = appends->note_count = 0;
	if (!appends->is_given && !is_large)
		return;
	if (!appends->is_given) {
		free(appends->bytes);
		free(appends->places);
	}
	appends->bytes = NULL;
	appends->places = NULL;
	appends->size = appends->room = 0;
	appends->is_given = false;
}

void appends_settle(struct appends *appends)
{
	appends->committed = appends->chain;
	empty(appends);
}

void appends_undo(struct appends *appends)
{
	appends->chain = appends->committed;
	empty(appends);
}

void appends_drop(struct appends *appends)
{
	free(appends->bytes);
	free(appends->places);
	free(appends->notes);
	*appends = (struct appends){0};
}
