/* conflict.c -- a case for each outlet, rule and other side; what comes while it is open is kept with it. */
#include "channel/conflict.h"

#include "channel/channel.h"
#include "flow/flow.h"

#define WATCHED_MAX 500 /* of one tick; the others wait for the next */

/* R50: A case moves by these steps alone: opened, assigned, decided, once appealed and decided again, closed; one that nobody has taken on
 * can be closed as it is. */
bool conflict_next(enum conflict_state state, enum conflict_step step, enum conflict_state *next)
{
	const char *to =
	    step < CONFLICT_STEPS ? flow_next(&flow_conflict, text_of(conflict_states[state]), text_of(conflict_steps[step])) : NULL;

	if (to == NULL)
		return false;
	*next = (enum conflict_state)flow_state(&flow_conflict, text_of(to));
	return true;
}

static struct text evidence_of(struct turn *turn, const struct finding *finding)
{
	return finding->event.size > 0 ? finding->event : turn_input(turn)->id;
}

static void conflict_open(struct turn *turn, const struct finding *finding, struct conflict *conflict)
{
	struct text code = turn_text(turn, "C-%llu", (unsigned long long)turn_next_seq(turn));
	const struct input *input = turn_input(turn);
	uint8_t key[KEY_SIZE];

	conflict->severity = (uint8_t)finding->severity;
	conflict->rule_version = finding->rule_version;
	conflict->opened_us = input->time_us;
	conflict->evidence = 1;
	conflict_line_of(turn, code, conflict, &(struct conflict_entry){STEP_OPEN, finding->severity, evidence_of(turn, finding), {0}});
	conflict_due_set(turn, code, conflict, input->time_us + turn_setting(turn, SETTING_CONFLICT_DAYS) * US_PER_DAY);
	conflict_put(turn, code, conflict);
	turn_put(turn, TABLE_CONFLICT_FIND, open_key(key, conflict), bytes_of_text(code));
	emit_conflict_opened(turn, &(struct conflict_opened){.conflict = code,
							     .outlet = finding->outlet,
							     .kind = text_of(conflict_kinds[finding->kind]),
							     .rule = finding->rule,
							     .rule_version = finding->rule_version,
							     .has_counterpart = finding->counterpart.size > 0,
							     .counterpart = finding->counterpart,
							     .severity = severity_word(finding->severity),
							     .evidence = evidence_of(turn, finding),
							     .due = conflict->due_us});
}

/* R51: What is found while a case about the same kind, outlet, rule and other side is not closed is kept with it, as many events as the
 * setting says; those beyond are counted. The case weighs what its heaviest event does. */
static void conflict_extend(struct turn *turn, const struct finding *finding, struct text code)
{
	struct conflict conflict;

	if (!conflict_get(turn, code, &conflict))
		return;
	if (conflict.severity < finding->severity)
		conflict.severity = (uint8_t)finding->severity;
	if (conflict.evidence >= turn_setting(turn, SETTING_CONFLICT_EVIDENCE)) {
		conflict.more++;
		conflict_put(turn, code, &conflict);
		return;
	}
	conflict.evidence++;
	conflict_line_of(turn, code, &conflict, &(struct conflict_entry){STEP_EVIDENCE, finding->severity, evidence_of(turn, finding), {0}});
	conflict_put(turn, code, &conflict);
	emit_conflict_evidence_added(turn, &(struct conflict_evidence_added){.conflict = code,
									     .outlet = finding->outlet,
									     .evidence = evidence_of(turn, finding),
									     .number = conflict.evidence,
									     .severity = severity_word(finding->severity)});
}

static struct text conflict_find(struct turn *turn, const struct finding *finding, struct conflict *conflict)
{
	uint8_t key[KEY_SIZE];

	*conflict = (struct conflict){.kind = (uint8_t)finding->kind, .state = STATE_OPENED};
	CODE_PUT(conflict->outlet, finding->outlet);
	CODE_PUT(conflict->rule, finding->rule);
	CODE_PUT(conflict->counterpart, finding->counterpart);
	struct bytes open = turn_get(turn, TABLE_CONFLICT_FIND, open_key(key, conflict));
#if defined(MUTANT_CASE_FOR_EACH)
	open.size = 0;
#endif
	return turn_text(turn, "%.*s", (int)open.size, (const char *)open.data);
}

/* R52: A finding of at least the severity of the setting opens a case at the conflict desk (协调), where none is open; lighter ones do not,
 * and are not kept. */
void conflict_note(struct turn *turn, const struct finding *finding)
{
	struct conflict conflict;

	if (finding->severity < turn_setting(turn, SETTING_CONFLICT_FROM))
		return;
	struct text code = conflict_find(turn, finding, &conflict);
	if (code.size == 0)
		conflict_open(turn, finding, &conflict);
	else
		conflict_extend(turn, finding, code);
}

void conflict_lay(struct turn *turn, const struct finding *finding)
{
	struct conflict conflict;
	uint8_t key[KEY_SIZE];
	struct text code = conflict_find(turn, finding, &conflict);
	struct text named = code.size > 0 ? code : turn_text(turn, "C-%llu", (unsigned long long)turn_next_seq(turn));

	if (turn_get(turn, TABLE_CONFLICT_FIND, evidence_key(key, named, finding->event)).data != NULL)
		return;
	turn_put(turn, TABLE_CONFLICT_FIND, evidence_key(key, named, finding->event), bytes_of("", 0));
	if (code.size == 0)
		conflict_open(turn, finding, &conflict);
	else
		conflict_extend(turn, finding, code);
}

/* R53: A case that is not decided by its deadline is said to be overdue, once for each deadline. */
static void say_overdue(struct turn *turn, struct text code)
{
	const struct text none = {0};
	struct conflict conflict;

	if (!conflict_get(turn, code, &conflict))
		return;
	int64_t due_us = conflict.due_us;
	conflict_due_set(turn, code, &conflict, 0);
	conflict_line_add(turn, code, &conflict, STEP_OVERDUE, 0, none);
	conflict_put(turn, code, &conflict);
	emit_conflict_overdue(turn, &(struct conflict_overdue){.conflict = code,
							       .outlet = CODE_TEXT(conflict.outlet),
							       .state = text_of(conflict_states[conflict.state]),
							       .due = due_us});
}

void conflict_watch(struct turn *turn, int64_t time_us)
{
	for (unsigned said = 0; said < WATCHED_MAX; said++) {
		struct bytes key;

		(void)turn_seek(turn, TABLE_CONFLICT_FIND, bytes_of("d", 1), &key);
		if (key.size < 9 || key.data[0] != 'd' || (int64_t)get_u64_be(key.data + 1) >= time_us)
			return;
		struct text code = turn_text(turn, "%.*s", (int)(key.size - 9), (const char *)key.data + 9);
		say_overdue(turn, code);
	}
}
