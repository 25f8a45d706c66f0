/* row.c -- finding fields of what is answered. */
#include "pack/row.h"

#include "base/error.h"
#include "pack/reader.h"

#define FIELDS_MAX 1000
#define KEY_MAX 200

/* Behind an error the reader stands still, and every key is empty. */
static bool find(struct bytes row, const char *key, enum reader_kind kind, struct reader *value)
{
	*value = reader_of(row);
	for (uint32_t pairs = reader_map(value, FIELDS_MAX); pairs > 0; pairs--) {
		if (text_equal(reader_text(value, KEY_MAX), text_of(key)))
			return reader_peek(value) == kind;
		reader_skip(value);
	}
	return false;
}

struct text row_text(struct bytes row, const char *key)
{
	struct reader value;

	return find(row, key, READER_TEXT, &value) ? reader_text(&value, UINT32_MAX) : (struct text){0};
}

int64_t row_int(struct bytes row, const char *key, int64_t absent)
{
	struct reader value;

	if (!find(row, key, READER_INT, &value))
		return absent;
	int64_t found = reader_int(&value);
	return value.error == ERR_NONE ? found : absent;
}

static bool says(struct bytes row, const char *key, bool expected)
{
	struct reader value;

	return find(row, key, READER_BOOL, &value) && reader_bool(&value) == expected;
}

bool row_true(struct bytes row, const char *key)
{
	return says(row, key, true);
}

bool row_false(struct bytes row, const char *key)
{
	return says(row, key, false);
}
