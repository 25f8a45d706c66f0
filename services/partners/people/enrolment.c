/* enrolment.c -- enrolments are assigned, done by results, opened again when a result is replaced, overdue. */
#include "people/enrolment.h"

#include "base/when.h"

_Static_assert(sizeof(struct enrolled) == 48, "a row has no padding");

/* An enrolment as it stands now. */
struct enrolment {
	struct enrolment_submitted said;
	int64_t version, from, due;
	struct matter matter;
	struct enrolled enrolled;
};

struct bytes enrolled_key(uint8_t key[KEY_SIZE], struct text member, struct text course, struct text enrolment)
{
	const struct text codes[] = {member, course, enrolment};

	return key_join(key, codes, course.size > 0 ? 3 : 2);
}

bool enrolled_read(struct bytes row, struct enrolled *enrolled)
{
	if (row.size != sizeof(*enrolled))
		return false;
	memcpy(enrolled, row.data, sizeof(*enrolled));
	return true;
}

/* False: there is none, or what is kept of it cannot be read. */
static bool enrolment_get(struct turn *turn, struct text code, struct enrolment *enrolment)
{
	uint8_t key[KEY_SIZE];

	enrolment->version = record_fields(turn, TABLE_ENROLMENT, bytes_of_text(code), &enrolment->said);
	if (enrolment->version == 0 || !matter_get(turn, &flow_enrolment, code, &enrolment->matter))
		return false;
	CHECK(day_number(enrolment->said.from, &enrolment->from) && day_number(enrolment->said.due, &enrolment->due)); /* R190 */
	return enrolled_read(turn_get(turn, TABLE_ENROLLED, enrolled_key(key, enrolment->said.member, enrolment->said.course, code)),
			     &enrolment->enrolled);
}

static void enrolment_put(struct turn *turn, const struct enrolment *enrolment)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_ENROLLED, enrolled_key(key, enrolment->said.member, enrolment->said.course, enrolment->said.enrolment),
		 bytes_of(&enrolment->enrolled, sizeof(enrolment->enrolled)));
	matter_put(turn, &flow_enrolment, enrolment->said.enrolment, &enrolment->matter);
}

/* What its events have in common, in front of what each has of its own. */
static void say(struct turn *turn, const struct event_type *type, const struct enrolment *enrolment, const struct enrolment_completed *more)
{
	struct enrolment_completed event = *more;

	event.enrolment = enrolment->said.enrolment;
	event.course = enrolment->said.course;
	event.member = enrolment->said.member;
	event.outlet = CODE_TEXT(enrolment->matter.outlet);
	event.from = enrolment->said.from;
	event.due = enrolment->said.due;
	event.enrolment_version = enrolment->version;
	/* house: five events of one shape through one piece */
	void *said = turn_take(turn, type->struct_size);
	memset(said, 0, type->struct_size);
	record_copy(&enrolment_completed_type, &event, type, said);
	turn_emit(turn, type, said);
}

static void step(struct turn *turn, struct enrolment *enrolment, const char *state, const char *step, struct text result)
{
	if (!turn_must(turn, flow_leads(&flow_enrolment, matter_state(&flow_enrolment, &enrolment->matter), text_of(state))))
		return;
	enrolment->matter.state = (uint8_t)flow_state(&flow_enrolment, text_of(state));
	matter_note(turn, &flow_enrolment, enrolment->said.enrolment, &enrolment->matter, text_of(step), result);
}

static void wait_for(struct turn *turn, struct enrolment *enrolment)
{
	matter_due(turn, &flow_enrolment, enrolment->said.enrolment, &enrolment->matter, enrolment->due >= 0 ? (enrolment->due + 1) * US_PER_DAY : 1);
}

static void complete(struct turn *turn, struct enrolment *enrolment, struct text result, int64_t day)
{
	char text[DAY_TEXT_SIZE];
	int64_t late = day - enrolment->due;

	enrolment->enrolled = (struct enrolled){.day = day};
	CODE_PUT(enrolment->enrolled.result, result);
	step(turn, enrolment, "completed", "complete", result);
	matter_due(turn, &flow_enrolment, enrolment->said.enrolment, &enrolment->matter, 0);
	day_text(day, text);
	say(turn, &enrolment_completed_type, enrolment,
	    &(struct enrolment_completed){
		.training_result = result, .day = text_of(text), .has_days_late = late > 0, .days_late = late > 0 ? late : 0});
}

/* R192: Where the result that an enrolment was done by is replaced and no other is there, it is to be done still; its day is waited for again unless
 * that has passed and was said. */
static void reopen(struct turn *turn, struct enrolment *enrolment)
{
	struct text result = turn_text(turn, "%.*s", TEXT_ARGS(CODE_TEXT(enrolment->enrolled.result)));

	enrolment->enrolled = (struct enrolled){0};
	enrolment->matter.again++;
	step(turn, enrolment, "assigned", "reopen", result);
	if (enrolment->matter.sort == 0)
		wait_for(turn, enrolment);
	say(turn, &enrolment_reopened_type, enrolment, &(struct enrolment_completed){.training_result = result});
}

/* R191: An enrolment is done by the first result of its member in its course, from its first day on, that was passed and stands; which is handed in first
 * does not matter. */
static void settle(struct turn *turn, struct enrolment *enrolment)
{
	struct text result = {0}, before = CODE_TEXT(enrolment->enrolled.result);
	int64_t from = enrolment->from, day = 0;

#if defined(MUTANT_ENROLLED_BEFORE)
	from = 0;
#endif
	if (text_equal(matter_state(&flow_enrolment, &enrolment->matter), TEXT_LITERAL("withdrawn")))
		return;
	bool done = certificate_first(turn, enrolment->said.member, enrolment->said.course, from, &result, &day);
	if (done && !text_equal(result, before))
		complete(turn, enrolment, result, day);
	else if (!done && before.size > 0)
		reopen(turn, enrolment);
}

void enrolment_open(struct turn *turn, const struct enrolment_submitted *said, int64_t version)
{
	struct enrolment enrolment = {.said = *said, .version = version};
	struct member_submitted member;

	if (!turn_must(turn, record_fields(turn, TABLE_MEMBER, bytes_of_text(said->member), &member) > 0)) /* R190 */
		return;
	CHECK(day_number(said->from, &enrolment.from) && day_number(said->due, &enrolment.due)); /* R190 */
	if (!matter_get(turn, &flow_enrolment, said->enrolment, &enrolment.matter))
		enrolment.matter = (struct matter){.opened_us = turn_input(turn)->time_us};
	enrolment.matter.sort = 0; /* nothing was said of this day yet */
	CODE_PUT(enrolment.matter.handler, said->member);
	CODE_PUT(enrolment.matter.outlet, member.outlet);
	if (said->has_status && !text_equal(said->status, TEXT_LITERAL("active"))) {
		step(turn, &enrolment, "withdrawn", "withdraw", (struct text){0});
		matter_due(turn, &flow_enrolment, said->enrolment, &enrolment.matter, 0);
		say(turn, &enrolment_withdrawn_type, &enrolment, &(struct enrolment_completed){0});
	} else {
		step(turn, &enrolment, "assigned", "assign", (struct text){0});
		wait_for(turn, &enrolment);
		say(turn, &enrolment_assigned_type, &enrolment, &(struct enrolment_completed){0});
		settle(turn, &enrolment);
	}
	enrolment_put(turn, &enrolment);
}

/* Each enrolment of a member, in a course or in all, after something was done with it. */
static void each(struct turn *turn, struct text member, struct text course, void (*act)(struct turn *turn, struct enrolment *enrolment))
{
	uint8_t key[KEY_SIZE];
	struct row_walk walk = row_walk_of(enrolled_key(key, member, course, (struct text){0}));
	struct enrolment enrolment;
	struct text rest;

	while (row_walk_next(turn, TABLE_ENROLLED, &walk, &rest).size > 0) {
		struct text code = course.size > 0 ? rest : key_part(bytes_of(walk.at, walk.size - 1), 2);

		if (!enrolment_get(turn, turn_text(turn, "%.*s", TEXT_ARGS(code)), &enrolment))
			continue;
		act(turn, &enrolment);
		enrolment_put(turn, &enrolment);
	}
}

void enrolments_settle(struct turn *turn, struct text member, struct text course)
{
	each(turn, member, course, settle);
}

/* Where its member works now. */
static void move(struct turn *turn, struct enrolment *enrolment)
{
	struct member_submitted member;

	if (turn_must(turn, record_fields(turn, TABLE_MEMBER, bytes_of_text(enrolment->said.member), &member) > 0))
		CODE_PUT(enrolment->matter.outlet, member.outlet);
}

void enrolments_move(struct turn *turn, const struct member_submitted *member)
{
	each(turn, member->member, (struct text){0}, move);
}

/* The matter has been put: what is changed of it here is put again. */
void enrolment_overdue_say(struct turn *turn, struct text code, const struct matter *matter)
{
	struct enrolment enrolment;

	if (!enrolment_get(turn, code, &enrolment))
		return;
	enrolment.matter = *matter;
	enrolment.matter.sort = 1; /* said: once for each day that it is due */
	enrolment_put(turn, &enrolment);
	say(turn, &enrolment_overdue_type, &enrolment, &(struct enrolment_completed){0});
}
