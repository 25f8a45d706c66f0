/* answer.c -- records as fields of rows, and found by the keys that people write. */
#include "answer.h"

#include "base/error.h"
#include "pack/json.h"

#define ANSWER_LIST_BYTES (12 << 10) /* of a list as JSON; a longer one is left out of its row */

void answer_fields(struct query *query, struct bytes fields)
{
	struct reader reader = reader_of(fields);
	char name[64], json[ANSWER_LIST_BYTES];

	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&reader, sizeof(name) - 1);

		memcpy(name, key.data, key.size);
		name[key.size] = 0;
		if (strcmp(name, "kind") == 0)
			memcpy(name, "sort", sizeof("sort")); /* `kind` is the record's own in the answer */
		switch (reader_peek(&reader)) {
		case READER_TEXT:
			query_text(query, name, reader_text(&reader, 1000));
			break;
		case READER_INT:
			query_int(query, name, reader_int(&reader));
			break;
		case READER_BOOL:
			query_bool(query, name, reader_bool(&reader));
			break;
		default:
			if (json_of_msgpack(reader_value(&reader), json, sizeof(json)) == ERR_NONE)
				query_text(query, name, text_of(json));
		}
	}
}

/* As it is, or with the zeros back for the slashes. Neither where a code of several has a slash itself: then all are looked at. */
struct bytes answer_key(struct query *query, unsigned kind, struct text shown, uint8_t key[KEY_SIZE])
{
	char other[KEY_SIZE];
	struct bytes found;

	if (shown.size == 0 || shown.size > KEY_SIZE)
		return bytes_of(NULL, 0);
	memcpy(key, shown.data, shown.size);
	if (query_get(query, kind, bytes_of(key, shown.size)).data != NULL)
		return bytes_of(key, shown.size);
	for (uint32_t i = 0; i < shown.size; i++)
		key[i] = shown.data[i] == '/' ? 0 : (uint8_t)shown.data[i];
	if (query_get(query, kind, bytes_of(key, shown.size)).data != NULL)
		return bytes_of(key, shown.size);
	(void)query_seek(query, kind, bytes_of(NULL, 0), &found);
	while (found.data != NULL && !text_equal(record_shown(found, other), shown))
		(void)query_next(query, kind, &found);
	if (found.data != NULL)
		memcpy(key, found.data, found.size);
	return bytes_of(found.data != NULL ? key : NULL, found.data != NULL ? found.size : 0);
}

struct version_walk version_walk_of(unsigned kind, struct bytes key, int64_t latest)
{
	return (struct version_walk){.kind = kind, .key = key, .latest = latest, .known_us = INT64_MIN};
}

/* R16: A version is known from the time of its declaration on, and never before the version before it. */
bool version_walk_next(struct query *query, struct version_walk *walk)
{
	uint8_t place[VERSION_KEY_SIZE];
	struct version version = {0};
	bool found = false;

	while (!found && walk->version < walk->latest)
		found = version_read(query_get(query, TABLE_HISTORY, version_key(place, walk->kind, walk->key, ++walk->version)), &version);
	if (!found)
		return false;
	walk->known_us = version.time_us > walk->known_us ? version.time_us : walk->known_us;
	walk->fields = version.fields;
	return true;
}

bool version_known(struct query *query, struct version_walk *walk, int64_t moment_us)
{
	struct version_walk found = {0};

	while (version_walk_next(query, walk) && walk->known_us <= moment_us)
		found = *walk;
	*walk = found;
	return found.version > 0;
}
