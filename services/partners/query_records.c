/* query_records.c -- the rulebook as rows, one kind or all, one key or all. */
#include "answer.h"

/* Where a page begins: the kind's number, then the record's key. */
static void answer_from(struct query *query, unsigned kind, struct bytes key)
{
	uint8_t from[1 + KEY_SIZE];

	from[0] = (uint8_t)kind;
	memcpy(from + 1, key.data, key.size);
	query_more(query, bytes_of(from, 1 + key.size));
}

static bool answer_kind(struct query *query, unsigned kind, struct bytes start)
{
	struct text wanted = query_argument(query, "key");
	struct bytes key, row;

	for (row = query_seek(query, kind, start, &key); key.data != NULL;
	     row = query_next(query, kind, &key)) {
		char shown[KEY_SIZE];
		struct record record;
		struct text name = record_shown(key, shown);

		if (!record_read(row, &record) || (wanted.size > 0 && !text_equal(wanted, name)))
			continue;
		if (!query_row(query)) {
			answer_from(query, kind, key);
			return false;
		}
		query_text(query, "kind", text_of(kinds[kind].name));
		query_text(query, "key", name);
		query_int(query, "version", record.version);
		answer_fields(query, record.fields);
	}
	return true;
}

void query_records(struct query *query)
{
	struct bytes from = query_from(query);
	struct text wanted = query_argument(query, "kind");

	for (unsigned kind = from.size > 0 ? from.data[0] : 0; kind < TABLE_COUNT; kind++) {
		bool first = from.size > 0 && kind == from.data[0];

		if (kinds[kind].name == NULL)
			continue; /* a table without records */
		if (wanted.size > 0 && !text_equal(wanted, text_of(kinds[kind].name)))
			continue;
		if (!answer_kind(query, kind,
		                 first ? bytes_of(from.data + 1, from.size - 1) : bytes_of(NULL, 0)))
			return;
	}
}
