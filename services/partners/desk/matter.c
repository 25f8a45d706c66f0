/* matter.c -- things with a flow, a handler and a deadline. */
#include "desk/matter.h"

#include "people/enrolment.h"
#include "record.h"

_Static_assert(sizeof(struct matter) == 176 && sizeof(struct matter_line) == 288, "rows have no padding");

#define WATCHED_MAX 500 /* of one tick; the others wait for the next */

struct bytes matter_key(uint8_t key[KEY_SIZE], const struct flow *flow, struct text thing)
{
	const struct text codes[] = {text_of(flow->name), thing};

	return key_join(key, codes, 2);
}

struct bytes matter_line_key(uint8_t key[KEY_SIZE], const struct flow *flow, struct text thing, uint32_t number)
{
	const struct text codes[] = {text_of(flow->name), thing, {0}};
	size_t size = key_join(key, codes, 3).size;

	put_u64_be(key + size, number);
	return bytes_of(key, size + 8);
}

struct bytes matter_due_key(uint8_t key[KEY_SIZE], int64_t due_us, const struct flow *flow, struct text thing)
{
	uint8_t rest[KEY_SIZE];

	return key_timed(key, "", due_us, matter_key(rest, flow, thing));
}

bool matter_read(struct bytes row, struct matter *matter)
{
	if (row.size != sizeof(*matter))
		return false;
	memcpy(matter, row.data, sizeof(*matter));
	return true;
}

bool matter_line_read(struct bytes row, struct matter_line *line)
{
	if (row.size != sizeof(*line))
		return false;
	memcpy(line, row.data, sizeof(*line));
	return true;
}

bool matter_get(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter)
{
	uint8_t key[KEY_SIZE];

	return matter_read(turn_get(turn, TABLE_MATTER, matter_key(key, flow, thing)), matter);
}

void matter_put(struct turn *turn, const struct flow *flow, struct text thing, const struct matter *matter)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_MATTER, matter_key(key, flow, thing), bytes_of(matter, sizeof(*matter)));
}

struct text matter_state(const struct flow *flow, const struct matter *matter)
{
	return text_of(flow->states[matter->state]);
}

/* What is resolved waits for nobody any more, nor what rests; anything else has a deadline until that has passed. */
bool matter_overdue(const struct flow *flow, const struct matter *matter)
{
	return matter->due_us == 0 && !flow_rests(flow, matter_state(flow, matter)) &&
	       !text_equal(matter_state(flow, matter), TEXT_LITERAL("resolved"));
}

void matter_due(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter, int64_t due_us)
{
	uint8_t key[KEY_SIZE];

#if !defined(MUTANT_DEADLINE_STAYS)
	if (matter->due_us != 0)
		turn_del(turn, TABLE_MATTER_DUE, matter_due_key(key, matter->due_us, flow, thing));
#endif
	matter->due_us = due_us;
	if (due_us != 0)
		turn_put(turn, TABLE_MATTER_DUE, matter_due_key(key, due_us, flow, thing), bytes_of("", 0));
}

void matter_note(struct turn *turn, const struct flow *flow, struct text thing, struct matter *matter, struct text step, struct text reason)
{
	const struct input *input = turn_input(turn);
	struct matter_line line = {.time_us = input->time_us};
	uint8_t key[KEY_SIZE];

	CODE_PUT(line.step, step);
	CODE_PUT(line.who, input->source);
	CODE_PUT(line.event, input->id);
	CODE_PUT(line.reason, reason);
	matter->lines++;
	turn_put(turn, TABLE_MATTER_LINE, matter_line_key(key, flow, thing, matter->lines), bytes_of(&line, sizeof(line)));
}

/* R200: A step that the flow of its thing does not have is refused with the state and what was tried, and changes nothing. */
bool matter_step(struct turn *turn, const struct matter_move *move, struct matter *matter)
{
	const char *next = flow_next(move->flow, matter_state(move->flow, matter), move->step);

	if (next == NULL) {
		const struct breach breach = {move->kind, move->flow, matter_state(move->flow, matter), move->step};

		breach_refuse(turn, &breach, move->thing, "bad_step",
			      turn_text(turn, "what is %.*s cannot take the step %.*s", TEXT_ARGS(breach.from), TEXT_ARGS(move->step)));
		return false;
	}
	matter->state = (uint8_t)flow_state(move->flow, text_of(next));
	matter_note(turn, move->flow, move->thing, matter, move->step, move->reason);
	return true;
}

/* R203: What is not done by its deadline is said to be overdue, once for each deadline. */
static void say_overdue(struct turn *turn, const struct flow *flow, struct text thing)
{
	struct matter matter;

	if (!matter_get(turn, flow, thing, &matter))
		return;
	int64_t due_us = matter.due_us;
	matter_due(turn, flow, thing, &matter, 0);
	matter_note(turn, flow, thing, &matter, TEXT_LITERAL("overdue"), (struct text){0});
	matter_put(turn, flow, thing, &matter);
	if (flow == &flow_ticket)
		ticket_overdue_say(turn, thing, &matter, due_us);
	else if (flow == &flow_enrolment)
		enrolment_overdue_say(turn, thing, &matter);
	else
		emit_action_item_overdue(turn, &(struct action_item_overdue){.action_item = thing, .owner = CODE_TEXT(matter.handler), .due = due_us});
}

void matter_watch(struct turn *turn, int64_t time_us)
{
	for (unsigned said = 0; said < WATCHED_MAX; said++) {
		struct bytes key;

		(void)turn_seek(turn, TABLE_MATTER_DUE, bytes_of(NULL, 0), &key);
		if (key.size < 9 || (int64_t)get_u64_be(key.data) >= time_us)
			return;
		struct bytes name = bytes_of(key.data + 8, key.size - 8);
		int place = flow_find(key_part(name, 0));
		CHECK(place >= 0);
		say_overdue(turn, flows[place], turn_text(turn, "%.*s", TEXT_ARGS(key_part(name, 1))));
	}
}
