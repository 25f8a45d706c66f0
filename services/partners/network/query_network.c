/* query_network.c -- who supplied whom in which tier: the relations that are in force on a day, as they were known at a moment. */
#include "answer.h"
#include "base/error.h"
#include "rules.h"

#define NETWORK_FIELDS 64

/* What is told of an outlet, as far as its record has it. Borrows from the record. */
struct shown {
	struct text name, status, stage;
	int64_t tier;
	struct bytes upstreams; /* a packed list; empty: none */
};

struct relation {
	struct text brand, warehouse, outlet, from, until;
	int64_t tier; /* 0: the outlet's own */
};

static struct shown outlet_shown(struct bytes fields)
{
	struct reader reader = reader_of(fields);
	struct shown shown = {0};

	for (uint32_t pairs = reader_map(&reader, NETWORK_FIELDS); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&reader, 64);

		if (text_equal(key, TEXT_LITERAL("name")))
			shown.name = reader_text(&reader, 1000);
		else if (text_equal(key, TEXT_LITERAL("status")))
			shown.status = reader_text(&reader, 1000);
		else if (text_equal(key, TEXT_LITERAL("stage")))
			shown.stage = reader_text(&reader, 1000);
		else if (text_equal(key, TEXT_LITERAL("tier")))
			shown.tier = reader_int(&reader);
		else if (text_equal(key, TEXT_LITERAL("upstreams")))
			shown.upstreams = reader_value(&reader);
		else
			reader_skip(&reader);
	}
	return shown;
}

static struct relation relation_read(struct bytes item)
{
	struct relation relation = {0};
	struct reader reader = reader_of(item);
	const struct {
		const char *name;
		struct text *text;
	} texts[] = {{"brand", &relation.brand},
		     {"warehouse", &relation.warehouse},
		     {"outlet", &relation.outlet},
		     {"from", &relation.from},
		     {"until", &relation.until}};

	for (uint32_t pairs = reader_map(&reader, NETWORK_FIELDS); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&reader, 64);
		unsigned at = 0;

		while (at < 5 && !text_equal(key, text_of(texts[at].name)))
			at++;
		if (at < 5)
			*texts[at].text = reader_text(&reader, 1000);
		else if (text_equal(key, TEXT_LITERAL("tier")))
			relation.tier = reader_int(&reader);
		else
			reader_skip(&reader);
	}
	return relation;
}

static void say_if(struct query *query, const char *name, struct text text)
{
	if (text.size > 0)
		query_text(query, name, text);
}

/* One relation of an outlet, or none of it: then it is supplied by nobody. */
static bool answer_relation(struct query *query, const struct version_walk *outlet, const struct relation *relation)
{
	struct shown shown = outlet_shown(outlet->fields);
	char key[KEY_SIZE];

	if (!query_row(query))
		return false;
	query_text(query, "outlet", record_shown(outlet->key, key));
	query_text(query, "name", shown.name);
	query_int(query, "tier", relation != NULL && relation->tier > 0 ? relation->tier : shown.tier);
	if (relation != NULL) {
		say_if(query, "brand", relation->brand);
		query_text(query, "supplier", relation->warehouse.size > 0 ? relation->warehouse : relation->outlet);
		query_text(query, "supplied_by", relation->warehouse.size > 0 ? TEXT_LITERAL("warehouse") : TEXT_LITERAL("outlet"));
		say_if(query, "from", relation->from);
		say_if(query, "until", relation->until);
	}
	say_if(query, "stage", shown.stage);
	say_if(query, "status", shown.status);
	query_int(query, "version", outlet->version);
	return true;
}

/* The relations in force from the first-th on; returns the number of the one that does not fit, -1: all did. */
static int answer_outlet(struct query *query, const struct version_walk *outlet, struct text day, int first)
{
	struct bytes upstreams = outlet_shown(outlet->fields).upstreams;
	struct reader reader = reader_of(upstreams);
	uint32_t count = upstreams.size > 0 ? reader_array(&reader, 1000) : 0;
	bool is_supplied = false;

	for (int i = 0; i < (int)count && reader.error == ERR_NONE; i++) {
		struct relation relation = relation_read(reader_value(&reader));

		if (day.size > 0 && !is_between(day, relation.from, relation.until))
			continue;
		is_supplied = true;
		if (i >= first && !answer_relation(query, outlet, &relation))
			return i;
	}
	return is_supplied || answer_relation(query, outlet, NULL) ? -1 : 0;
}

/* R20: The network as of a day has the relations in force on that day, of the outlets as they were known at the moment that is asked for. */
void query_network(struct query *query)
{
	struct bytes page = query_from(query), key, row;
	struct text day = query_argument(query, "at"), wanted = query_argument(query, "outlet");
	int64_t moment_us = query_argument_int(query, "known", INT64_MAX);
	int first = page.size > 0 ? page.data[0] : 0;
	struct bytes start = page.size > 0 ? bytes_of(page.data + 1, page.size - 1) : bytes_of(NULL, 0);

	for (row = query_seek(query, TABLE_OUTLET, start, &key); key.data != NULL; row = query_next(query, TABLE_OUTLET, &key)) {
		struct record record;
		uint8_t from[1 + KEY_SIZE];

		if (!record_read(row, &record) || (wanted.size > 0 && !bytes_equal(key, bytes_of_text(wanted))))
			continue;
		struct version_walk outlet = version_walk_of(TABLE_OUTLET, key, record.version);
		bool is_known = version_known(query, &outlet, moment_us);
		if (!is_known && moment_us == INT64_MAX) { /* kept before there was a history */
			outlet = version_walk_of(TABLE_OUTLET, key, record.version);
			outlet.version = record.version;
			outlet.fields = record.fields;
			is_known = true;
		}
		int full = is_known ? answer_outlet(query, &outlet, day, first) : -1;
		first = 0;
		if (full < 0)
			continue;
		from[0] = (uint8_t)full;
		memcpy(from + 1, key.data, key.size);
		query_more(query, bytes_of(from, 1 + key.size));
		return;
	}
}
