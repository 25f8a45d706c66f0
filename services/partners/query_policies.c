/* query_policies.c -- records as they were: a version, as known at a moment, as in force on a day, or the whole history. */
#include "answer.h"
#include "rules.h"

/* What is asked of every record. */
struct asked {
	int64_t version, known_us; /* 0: any; INT64_MAX: now */
	struct text day;	   /* empty: any */
};

/* Days of these names are a validity; a lane's `from` is a place. */
static bool has_validity(unsigned kind)
{
	const struct event_type *type = kinds[kind].submitted;
	unsigned days = 0;

	for (uint32_t i = 0; i < type->field_count; i++)
		days += type->fields[i].kind == FIELD_TEXT && type->fields[i].max == DAY_TEXT_SIZE - 1 &&
			(strcmp(type->fields[i].name, "from") == 0 || strcmp(type->fields[i].name, "until") == 0);
	return days == 2;
}

/* R17: A record with from and until is in force on the days between them, both included; without them it always is. */
static bool is_in_force(unsigned kind, struct bytes fields, struct text day)
{
	struct reader reader = reader_of(fields);
	struct text from = {0}, until = {0};

	if (day.size == 0 || !has_validity(kind))
		return true;
	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == 0; pairs--) {
		struct text key = reader_text(&reader, 64);

		if (text_equal(key, TEXT_LITERAL("from")))
			from = reader_text(&reader, 64);
		else if (text_equal(key, TEXT_LITERAL("until")))
			until = reader_text(&reader, 64);
		else
			reader_skip(&reader);
	}
	return is_between(day, from, until);
}

/* replaced_us: 0 as long as nothing came after it. */
static bool answer_version(struct query *query, const struct version_walk *found, int64_t replaced_us)
{
	char shown[KEY_SIZE];

	if (!query_row(query))
		return false;
	query_text(query, "kind", text_of(kinds[found->kind].name));
	query_text(query, "key", record_shown(found->key, shown));
	query_int(query, "version", found->version);
	if (found->known_us != INT64_MIN)
		query_int(query, "known_us", found->known_us);
	if (replaced_us != 0)
		query_int(query, "replaced_us", replaced_us);
	answer_fields(query, found->fields);
	return true;
}

/* A record that was kept before there was a history has no other version than the one that it is. */
static bool answer_record(struct query *query, const struct asked *asked, struct version_walk walk, struct bytes now)
{
	struct version_walk found = {0};
	int64_t replaced_us = 0;

	while (version_walk_next(query, &walk)) {
		bool wanted = walk.known_us <= asked->known_us && (asked->version == 0 || walk.version == asked->version);

		if (wanted) {
			found = walk;
			replaced_us = 0;
		} else if (found.version > 0 && replaced_us == 0) {
			replaced_us = walk.known_us;
		}
	}
	if (found.version == 0 && walk.fields.data == NULL && asked->known_us == INT64_MAX &&
	    (asked->version == 0 || asked->version == walk.latest)) {
		found = walk;
		found.version = walk.latest;
		found.fields = now;
	}
	return found.version == 0 || !is_in_force(found.kind, found.fields, asked->day) || answer_version(query, &found, replaced_us);
}

static void answer_history(struct query *query, struct version_walk walk)
{
	struct bytes from = query_from(query);
	int64_t first = from.size == 8 ? (int64_t)get_u64_be(from.data) : 1;
	bool more = version_walk_next(query, &walk);

	while (more) {
		struct version_walk shown = walk;
		uint8_t page[8];

		more = version_walk_next(query, &walk);
		if (shown.version < first || answer_version(query, &shown, more ? walk.known_us : 0))
			continue;
		put_u64_be(page, (uint64_t)shown.version);
		query_more(query, bytes_of(page, sizeof(page)));
		return;
	}
}

static void answer_all(struct query *query, const struct asked *asked, unsigned kind)
{
	struct record record;
	struct bytes key, row;

	for (row = query_seek(query, kind, query_from(query), &key); key.data != NULL; row = query_next(query, kind, &key))
		if (record_read(row, &record) && !answer_record(query, asked, version_walk_of(kind, key, record.version), record.fields)) {
			query_more(query, key);
			return;
		}
}

void query_policies(struct query *query)
{
	const struct asked asked = {.version = query_argument_int(query, "version", 0),
				    .known_us = query_argument_int(query, "known", INT64_MAX),
				    .day = query_argument(query, "day")};
	unsigned kind = kind_find(query_argument(query, "kind"));
	struct text shown = query_argument(query, "key");
	uint8_t place[KEY_SIZE];
	struct record record;

	if (kind == TABLE_COUNT)
		return;
	if (shown.size == 0) {
		answer_all(query, &asked, kind);
		return;
	}
	struct bytes key = answer_key(query, kind, shown, place);
	if (key.data == NULL || !record_read(query_get(query, kind, key), &record))
		return;
	if (query_argument(query, "history").size > 0)
		answer_history(query, version_walk_of(kind, key, record.version));
	else
		(void)answer_record(query, &asked, version_walk_of(kind, key, record.version), record.fields);
}
