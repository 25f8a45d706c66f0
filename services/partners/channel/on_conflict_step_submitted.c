/* on_conflict_step_submitted.c -- staff moves a case on, also for the outlet that appeals. */
#include "channel/channel.h"
#include "channel/conflict.h"
#include "events/staff.h"
#include "rebates/clean.h"
#include "record.h"
#include "rules.h"

static bool step_refuse(struct turn *turn, const struct conflict_step_submitted *step, const char *code, const char *message)
{
	struct submission_refused refused = {
	    .kind = TEXT_LITERAL("conflict"), .key = step->conflict, .code = text_of(code), .message = text_of(message)};

	turn_refuse(turn, code, refused.message);
	emit_submission_refused(turn, &refused);
	return false;
}

static enum conflict_step step_of(struct text word)
{
	for (enum conflict_step step = STEP_ASSIGN; step <= STEP_CLOSE; step++)
		if (text_equal(word, text_of(conflict_steps[step])))
			return step;
	return CONFLICT_STEPS;
}

static bool decision_known(struct text word)
{
	static const char *const words[] = {"upheld", "settled", "dismissed", NULL};

	return is_word(word, words);
}

/* R54: A step names its case; who assigns names who takes it on, who decides says what was found; a penalty is of a currency and no less
 * than nothing; a decision is appealed against once, with a reason. */
static bool step_valid(struct turn *turn, const struct conflict_step_submitted *step, const struct conflict *conflict, enum conflict_step what)
{
	if (what == STEP_ASSIGN && (!step->has_handler || !is_code(step->handler)))
		return step_refuse(turn, step, "missing_handler", "say who takes it on");
	if (what == STEP_DECIDE && (!step->has_decision || !decision_known(step->decision)))
		return step_refuse(turn, step, "unknown_decision", "say what was found: upheld, settled or dismissed");
	if (what == STEP_DECIDE && step->has_severity && severity_rank(step->severity) == 0)
		return step_refuse(turn, step, "unknown_severity", "the severity is notice, freeze or terminate");
	if (what == STEP_DECIDE && step->has_penalty &&
	    (!step->has_currency || currency_exponent(step->currency) < 0 || step->penalty.minor < 0))
		return step_refuse(turn, step, "bad_penalty", "a penalty is of a currency and no less than nothing");
	if (what == STEP_APPEAL && !step->has_reason)
		return step_refuse(turn, step, "missing_reason", "an appeal has a reason");
	return what != STEP_APPEAL || conflict->appeals == 0 || step_refuse(turn, step, "already_appealed", "it was appealed against once");
}

static void say_assigned(struct turn *turn, const struct conflict_step_submitted *step, struct conflict *conflict)
{
	CODE_PUT(conflict->handler, step->handler);
	emit_conflict_assigned(turn, &(struct conflict_assigned){.conflict = step->conflict,
								 .outlet = CODE_TEXT(conflict->outlet),
								 .handler = step->handler,
								 .has_reason = step->has_reason,
								 .reason = step->reason,
								 .has_state = true,
								 .state = text_of(conflict_states[conflict->state])});
}

/* R55: Decided cases of the same kind and rule are the precedents of a case. */
static void say_decided(struct turn *turn, const struct conflict_step_submitted *step, struct conflict *conflict)
{
	uint8_t key[KEY_SIZE];

	CODE_PUT(conflict->decision, step->decision);
	CODE_PUT(conflict->currency, step->currency);
	conflict->found = (uint8_t)(step->has_severity ? severity_rank(step->severity) : 0);
	conflict->has_penalty = step->has_penalty;
	conflict->penalty = step->penalty.minor;
	conflict_due_set(turn, step->conflict, conflict, 0);
	turn_put(turn, TABLE_CONFLICT_FIND, precedent_key(key, conflict, step->conflict), bytes_of_text(step->conflict));
	emit_conflict_decided(turn, &(struct conflict_decided){.conflict = step->conflict,
							       .outlet = CODE_TEXT(conflict->outlet),
							       .kind = text_of(conflict_kinds[conflict->kind]),
							       .rule = CODE_TEXT(conflict->rule),
							       .decision = step->decision,
							       .by = turn_input(turn)->source,
							       .has_severity = step->has_severity,
							       .severity = step->severity,
							       .has_penalty = step->has_penalty,
							       .penalty = step->penalty,
							       .has_currency = step->has_penalty,
							       .currency = step->currency,
							       .has_reason = step->has_reason,
							       .reason = step->reason});
}

static void say_appealed(struct turn *turn, const struct conflict_step_submitted *step, struct conflict *conflict)
{
	int64_t days = turn_setting(turn, SETTING_CONFLICT_DAYS);

	conflict->appeals++;
	conflict_due_set(turn, step->conflict, conflict, turn_input(turn)->time_us + days * US_PER_DAY);
	emit_conflict_appealed(turn, &(struct conflict_appealed){.conflict = step->conflict,
								 .outlet = CODE_TEXT(conflict->outlet),
								 .due = conflict->due_us,
								 .has_reason = step->has_reason,
								 .reason = step->reason});
}

static void say_closed(struct turn *turn, const struct conflict_step_submitted *step, struct conflict *conflict)
{
	uint8_t key[KEY_SIZE];

	conflict_due_set(turn, step->conflict, conflict, 0);
	turn_del(turn, TABLE_CONFLICT_FIND, open_key(key, conflict));
	emit_conflict_closed(turn, &(struct conflict_closed){.conflict = step->conflict,
							     .outlet = CODE_TEXT(conflict->outlet),
							     .has_reason = step->has_reason,
							     .reason = step->reason});
}

void on_conflict_step_submitted(struct turn *turn, const struct conflict_step_submitted *step)
{
	static void (*const say[CONFLICT_STEPS])(struct turn * turn, const struct conflict_step_submitted *step, struct conflict *conflict) = {
	    [STEP_ASSIGN] = say_assigned, [STEP_DECIDE] = say_decided, [STEP_APPEAL] = say_appealed, [STEP_CLOSE] = say_closed};
	enum conflict_step what = step_of(step->step);
	enum conflict_state next;
	struct conflict conflict;

	if (!conflict_get(turn, step->conflict, &conflict)) {
		(void)step_refuse(turn, step, "unknown_conflict", "there is no such case");
		return;
	}
	if (!conflict_next((enum conflict_state)conflict.state, what, &next)) {
		const struct breach breach = {"conflict", &flow_conflict, text_of(conflict_states[conflict.state]), step->step};

		breach_refuse(turn, &breach, step->conflict, "bad_step", TEXT_LITERAL("a case in this state cannot take this step"));
		return;
	}
	if (!step_valid(turn, step, &conflict, what))
		return;
	conflict.state = (uint8_t)next;
	conflict_line_add(turn, step->conflict, &conflict, what, what == STEP_DECIDE && step->has_severity ? severity_rank(step->severity) : 0,
	                  step->has_reason ? step->reason : (struct text){0});
	say[what](turn, step, &conflict);
	conflict_put(turn, step->conflict, &conflict);
	if (what == STEP_DECIDE)
		clean_decided(turn, step->conflict, &conflict);
}
