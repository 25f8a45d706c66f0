/* conflict_rows.c -- where cases lie, and how they are found. */
#include "channel/conflict_rows.h"

_Static_assert(sizeof(struct conflict) == 272 && sizeof(struct conflict_line) == 280, "rows have no padding");

const char *const conflict_kinds[CONFLICT_KINDS] = {"price", "territory", "listing", "assortment", "customer", "stock", "lead"};
const char *const conflict_states[CONFLICT_STATES] = {"opened", "assigned", "decided", "appealed", "closed"};
const char *const conflict_steps[CONFLICT_STEPS] = {"open", "evidence", "assign", "decide", "appeal", "close", "overdue"};

struct text severity_word(unsigned rank)
{
	static const char *const words[] = {"none", "notice", "freeze", "terminate"};

	return text_of(words[rank]);
}

bool conflict_read(struct bytes row, struct conflict *conflict)
{
	if (row.size != sizeof(*conflict))
		return false;
	memcpy(conflict, row.data, sizeof(*conflict));
	return true;
}

bool conflict_get(struct turn *turn, struct text code, struct conflict *conflict)
{
	return conflict_read(turn_get(turn, TABLE_CONFLICT, bytes_of_text(code)), conflict);
}

void conflict_put(struct turn *turn, struct text code, const struct conflict *conflict)
{
	turn_put(turn, TABLE_CONFLICT, bytes_of_text(code), bytes_of(conflict, sizeof(*conflict)));
}

bool conflict_line_read(struct bytes row, struct conflict_line *line)
{
	if (row.size != sizeof(*line))
		return false;
	memcpy(line, row.data, sizeof(*line));
	return true;
}

struct bytes conflict_line_key(uint8_t key[KEY_SIZE], struct text code, uint32_t number)
{
	const struct text codes[] = {code, {0}};
	size_t size = key_join(key, codes, 2).size;

	put_u64_be(key + size, number);
	return bytes_of(key, size + 8);
}

void conflict_line_add(struct turn *turn, struct text code, struct conflict *conflict, enum conflict_step step, unsigned severity,
                       struct text reason)
{
	conflict_line_of(turn, code, conflict, &(struct conflict_entry){step, severity, turn_input(turn)->id, reason});
}

void conflict_line_of(struct turn *turn, struct text code, struct conflict *conflict, const struct conflict_entry *entry)
{
	const struct input *input = turn_input(turn);
	struct conflict_line line = {.time_us = input->time_us, .step = (uint8_t)entry->step, .severity = (uint8_t)entry->severity};
	uint8_t key[KEY_SIZE];

	CODE_PUT(line.who, input->source);
	CODE_PUT(line.event, entry->event);
	CODE_PUT(line.reason, entry->reason);
	conflict->lines++;
	turn_put(turn, TABLE_CONFLICT_LINE, conflict_line_key(key, code, conflict->lines), bytes_of(&line, sizeof(line)));
}

struct bytes open_key(uint8_t key[KEY_SIZE], const struct conflict *conflict)
{
	const struct text codes[] = {TEXT_LITERAL("o"), text_of(conflict_kinds[conflict->kind]), CODE_TEXT(conflict->outlet),
				     CODE_TEXT(conflict->rule), CODE_TEXT(conflict->counterpart)};

	return key_join(key, codes, 5);
}

struct bytes due_key(uint8_t key[KEY_SIZE], int64_t due_us, struct text code)
{
	return key_timed(key, "d", due_us, bytes_of_text(code));
}

struct bytes precedent_key(uint8_t key[KEY_SIZE], const struct conflict *conflict, struct text code)
{
	const struct text codes[] = {TEXT_LITERAL("p"), text_of(conflict_kinds[conflict->kind]), CODE_TEXT(conflict->rule), code};

	return key_join(key, codes, 4);
}

struct bytes evidence_key(uint8_t key[KEY_SIZE], struct text code, struct text event)
{
	const struct text codes[] = {TEXT_LITERAL("e"), code, event};

	return key_join(key, codes, 3);
}

void conflict_due_set(struct turn *turn, struct text code, struct conflict *conflict, int64_t due_us)
{
	uint8_t key[KEY_SIZE];

	if (conflict->due_us != 0)
		turn_del(turn, TABLE_CONFLICT_FIND, due_key(key, conflict->due_us, code));
	conflict->due_us = due_us;
	if (due_us != 0)
		turn_put(turn, TABLE_CONFLICT_FIND, due_key(key, due_us, code), bytes_of("", 0));
}
