/* query_conflicts.c -- `get conflicts`: the cases, or the time line of one; `get precedents`: what was decided in others of its rule. */
#include "channel/conflict_rows.h"

static void text_if(struct query *query, const char *name, struct text value)
{
	if (value.size > 0)
		query_text(query, name, value);
}

static void answer_case(struct query *query, struct text code, const struct conflict *conflict)
{
	query_text(query, "conflict", code);
	query_text(query, "outlet", CODE_TEXT(conflict->outlet));
	query_text(query, "kind", text_of(conflict_kinds[conflict->kind]));
	query_text(query, "rule", CODE_TEXT(conflict->rule));
	query_int(query, "rule_version", conflict->rule_version);
	text_if(query, "counterpart", CODE_TEXT(conflict->counterpart));
	query_text(query, "state", text_of(conflict_states[conflict->state]));
	query_text(query, "severity", severity_word(conflict->severity));
	query_int(query, "evidence", (int64_t)conflict->evidence + conflict->more);
	query_int(query, "opened_us", conflict->opened_us);
	if (conflict->due_us != 0)
		query_int(query, "due_us", conflict->due_us);
	text_if(query, "handler", CODE_TEXT(conflict->handler));
	text_if(query, "decision", CODE_TEXT(conflict->decision));
	if (conflict->found > 0)
		query_text(query, "found", severity_word(conflict->found));
	if (conflict->has_penalty) {
		query_int(query, "penalty_minor", conflict->penalty);
		query_text(query, "currency", CODE_TEXT(conflict->currency));
	}
}

static bool is_wanted(struct query *query, const struct conflict *conflict)
{
	struct text outlet = query_argument(query, "outlet"), state = query_argument(query, "state"), kind = query_argument(query, "kind");

	return (outlet.size == 0 || text_equal(outlet, CODE_TEXT(conflict->outlet))) &&
	       (state.size == 0 || text_equal(state, text_of(conflict_states[conflict->state]))) &&
	       (kind.size == 0 || text_equal(kind, text_of(conflict_kinds[conflict->kind])));
}

static void answer_line(struct query *query, struct text code, struct text outlet, uint32_t number, const struct conflict_line *line)
{
	query_text(query, "conflict", code);
	query_text(query, "outlet", outlet);
	query_int(query, "number", number);
	query_int(query, "time_us", line->time_us);
	query_text(query, "step", text_of(conflict_steps[line->step]));
	query_text(query, "who", CODE_TEXT(line->who));
	query_text(query, "event", CODE_TEXT(line->event));
	if (line->severity > 0)
		query_text(query, "severity", severity_word(line->severity));
	text_if(query, "reason", CODE_TEXT(line->reason));
}

/* The time line of one case, from its first line on. */
static void answer_lines(struct query *query, struct text code)
{
	struct bytes from = query_from(query);
	struct conflict conflict;
	uint32_t number = from.size == 8 ? (uint32_t)get_u64_be(from.data) : 1;

	if (!conflict_read(query_get(query, TABLE_CONFLICT, bytes_of_text(code)), &conflict))
		return;
	for (; number <= conflict.lines; number++) {
		struct conflict_line line;
		uint8_t key[KEY_SIZE];

		if (!conflict_line_read(query_get(query, TABLE_CONFLICT_LINE, conflict_line_key(key, code, number)), &line))
			continue;
		if (!query_row(query)) {
			put_u64_be(key, number);
			query_more(query, bytes_of(key, 8));
			return;
		}
		answer_line(query, code, CODE_TEXT(conflict.outlet), number, &line);
	}
}

void query_conflicts(struct query *query)
{
	struct text code = query_argument(query, "conflict");
	struct bytes key = query_from(query), row;
	struct conflict conflict;

	if (code.size > 0) {
		answer_lines(query, code);
		return;
	}
	for (row = query_seek(query, TABLE_CONFLICT, key, &key); key.data != NULL; row = query_next(query, TABLE_CONFLICT, &key)) {
		if (!conflict_read(row, &conflict) || !is_wanted(query, &conflict))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_case(query, key_part(key, 0), &conflict);
	}
}

void query_precedents(struct query *query)
{
	const struct text none = {0};
	struct text code = query_argument(query, "conflict");
	struct bytes key = query_from(query), row;
	struct conflict conflict, other;
	uint8_t place[KEY_SIZE];

	if (!conflict_read(query_get(query, TABLE_CONFLICT, bytes_of_text(code)), &conflict))
		return;
	struct bytes prefix = precedent_key(place, &conflict, none);
	for (row = query_seek(query, TABLE_CONFLICT_FIND, key.size > 0 ? key : prefix, &key);
	     key.size > prefix.size && memcmp(key.data, prefix.data, prefix.size) == 0; row = query_next(query, TABLE_CONFLICT_FIND, &key)) {
		struct text found = key_part(key, 3);

		if (text_equal(found, code) || !conflict_read(query_get(query, TABLE_CONFLICT, row), &other))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_case(query, found, &other);
	}
}
