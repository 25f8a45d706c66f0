/*
 * query_notices.c -- `get notices`: what outlets were told, and how many have read it; `get receipts`: which outlet has read which version, or owes it.
 * Arguments: notice, outlet, state (of receipts: read, unread, outdated).
 */
#include "base/error.h"
#include "desk/notice.h"

struct told {
	struct text code;
	int64_t version, rule_version;
	struct notice_submitted notice;
};

/* A notice as it is now. Lends from the row and the arena. */
static bool notice_of(struct query *query, struct text code, struct bytes row, struct arena *arena, struct told *told)
{
	struct record record;

	arena_reset(arena);
	if (!record_read(row, &record))
		return false;
	struct reader reader = reader_of(record.fields);
	*told = (struct told){.code = code, .version = record.version};
	if (notice_submitted_type.unpack(&told->notice, &reader, arena) != ERR_NONE)
		return false;
	unsigned kind = told->notice.has_rule ? kind_find(told->notice.rule_kind) : TABLE_COUNT;
	if (kind < TABLE_COUNT && record_read(query_get(query, kind, bytes_of_text(told->notice.rule)), &record))
		told->rule_version = record.version;
	return true;
}

/* R174: An outlet that a notice with receipts is for, and that has not given one, owes it: unread; one of an earlier version of it or of its rule is
 * outdated. */
static const char *state_of(struct query *query, const struct told *told, struct text outlet, struct receipt *receipt)
{
	uint8_t key[KEY_SIZE];

	if (!receipt_read(query_get(query, TABLE_RECEIPT, receipt_key(key, told->code, outlet)), receipt))
		return "unread";
	return receipt->version == told->version && receipt->rule_version == told->rule_version ? "read" : "outdated";
}

static bool concerned(const struct told *told, struct text outlet, struct bytes row, struct arena *arena)
{
	struct record record;
	struct outlet_submitted fields;

	arena_reset(arena); /* a notice has no lists in it */
	if (!record_read(row, &record))
		return false;
	struct reader reader = reader_of(record.fields);
	return outlet_submitted_type.unpack(&fields, &reader, arena) == ERR_NONE && notice_concerns(&told->notice, outlet, fields.tier);
}

static void notice_fields(struct query *query, const struct told *told)
{
	query_text(query, "notice", told->code);
	query_int(query, "version", told->version);
	query_text(query, "title", told->notice.title);
	if (told->notice.has_rule) {
		query_text(query, "rule_kind", told->notice.rule_kind);
		query_text(query, "rule", told->notice.rule);
		query_int(query, "rule_version", told->rule_version);
	}
	if (told->notice.has_due)
		query_text(query, "due", told->notice.due);
}

static bool asks(const struct told *told)
{
	return told->notice.has_receipt && told->notice.receipt;
}

static void count(struct query *query, const struct told *told, struct arena *arena, int64_t counts[2])
{
	struct bytes key, row;
	struct receipt receipt;

	for (row = query_seek(query, TABLE_OUTLET, bytes_of(NULL, 0), &key); key.data != NULL; row = query_next(query, TABLE_OUTLET, &key)) {
		struct text outlet = key_part(key, 0);

		if (!concerned(told, outlet, row, arena))
			continue;
		counts[0]++;
		counts[1] += strcmp(state_of(query, told, outlet, &receipt), "read") == 0;
	}
}

void query_notices(struct query *query)
{
	struct text wanted = query_argument(query, "notice");
	struct bytes key = query_from(query), row;
	struct arena arena;
	uint8_t at[KEY_SIZE];

	CHECK(arena_open(&arena, 1u << 20) == ERR_NONE);
	for (row = query_seek(query, TABLE_NOTICE, key, &key); key.data != NULL; row = query_seek(query, TABLE_NOTICE, key, &key)) {
		size_t size = key.size;
		struct told told;
		int64_t counts[2] = {0};

		memcpy(at, key.data, size);
		struct text code = {(const char *)at, (uint32_t)size};
		if ((wanted.size == 0 || text_equal(wanted, code)) && notice_of(query, code, row, &arena, &told)) {
			if (asks(&told))
				count(query, &told, &arena, counts);
			if (!query_row(query)) {
				query_more(query, bytes_of(at, size));
				break;
			}
			notice_fields(query, &told);
			if (told.notice.has_outlet)
				query_text(query, "outlet", told.notice.outlet);
			query_bool(query, "receipt", asks(&told));
			query_int(query, "expected", counts[0]);
			query_int(query, "read", counts[1]);
		}
		at[size] = 0; /* the least key behind it */
		key = bytes_of(at, size + 1);
	}
	arena_close(&arena);
}

static void answer_receipt(struct query *query, const struct told *told, struct text outlet, const char *state, const struct receipt *receipt)
{
	notice_fields(query, told);
	query_text(query, "outlet", outlet);
	query_text(query, "state", text_of(state));
	if (strcmp(state, "unread") == 0)
		return;
	query_text(query, "reader", CODE_TEXT(receipt->reader));
	query_int(query, "time_us", receipt->time_us);
	query_int(query, "read_version", receipt->version);
	if (receipt->rule_version > 0)
		query_int(query, "read_rule_version", receipt->rule_version);
}

/* The receipts of one notice from an outlet on; false: the page is full, and more says where it goes on. */
static bool answer_receipts(struct query *query, const struct told *told, struct text from, struct arena *arena)
{
	struct text wanted = query_argument(query, "outlet"), in = query_argument(query, "state");
	struct bytes key, row;
	struct receipt receipt;
	uint8_t more[KEY_SIZE];

	for (row = query_seek(query, TABLE_OUTLET, bytes_of_text(from), &key); key.data != NULL; row = query_next(query, TABLE_OUTLET, &key)) {
		struct text outlet = key_part(key, 0);

		if ((wanted.size > 0 && !text_equal(wanted, outlet)) || !concerned(told, outlet, row, arena))
			continue;
		const char *state = state_of(query, told, outlet, &receipt);
		if (in.size > 0 && !text_equal(in, text_of(state)))
			continue;
		if (!query_row(query)) {
			query_more(query, receipt_key(more, told->code, outlet));
			return false;
		}
		answer_receipt(query, told, outlet, state, &receipt);
	}
	return true;
}

void query_receipts(struct query *query)
{
	struct text wanted = query_argument(query, "notice"), from = {0};
	struct bytes key = query_from(query), row;
	uint8_t at[KEY_SIZE];
	struct arena arena;
	struct told told;

	CHECK(arena_open(&arena, 1u << 20) == ERR_NONE);
	if (key.size > 0) {
		from = key_part(key, 1);
		key = bytes_of_text(key_part(key, 0));
	}
	for (row = query_seek(query, TABLE_NOTICE, key, &key); key.data != NULL; row = query_seek(query, TABLE_NOTICE, key, &key)) {
		size_t size = key.size;

		memcpy(at, key.data, size);
		struct text code = {(const char *)at, (uint32_t)size};
		if ((wanted.size == 0 || text_equal(wanted, code)) && notice_of(query, code, row, &arena, &told) && asks(&told) &&
		    !answer_receipts(query, &told, from, &arena))
			break;
		from = (struct text){0};
		at[size] = 0; /* the least key behind it */
		key = bytes_of(at, size + 1);
	}
	arena_close(&arena);
}
