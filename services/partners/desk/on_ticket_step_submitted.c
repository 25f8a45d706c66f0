/* on_ticket_step_submitted.c -- staff takes a step with an after-sales ticket. */
#include "desk/service.h"
#include "events/staff.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct ticket_step_submitted *step, const char *code, const char *message)
{
	return record_refuse(turn, TABLE_TICKET, step->ticket, code, "%s", message);
}

/* R205: Who assigns a ticket names who takes it on; who reopens one says why. */
static bool step_valid(struct turn *turn, const struct ticket_step_submitted *step)
{
	if (step->has_handler && !is_code(step->handler))
		return refuse(turn, step, "bad_code", "the handler has a control character");
	if (text_equal(step->step, TEXT_LITERAL("assign")) && !step->has_handler)
		return refuse(turn, step, "missing_handler", "say who takes it on");
	return !text_equal(step->step, TEXT_LITERAL("reopen")) || step->has_reason ||
	       refuse(turn, step, "missing_reason", "say why it is not resolved");
}

static void say_assigned(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter)
{
	CODE_PUT(matter->handler, step->handler);
	emit_ticket_assigned(turn, &(struct ticket_assigned){.ticket = step->ticket,
							     .outlet = CODE_TEXT(matter->outlet),
							     .kind = CODE_TEXT(matter->kind),
							     .has_reason = step->has_reason,
							     .reason = step->reason,
							     .handler = step->handler});
}

static void say_escalated(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter)
{
	if (step->has_handler)
		CODE_PUT(matter->handler, step->handler);
	emit_ticket_escalated(turn, &(struct ticket_escalated){.ticket = step->ticket,
							       .outlet = CODE_TEXT(matter->outlet),
							       .kind = CODE_TEXT(matter->kind),
							       .has_reason = step->has_reason,
							       .reason = step->reason,
							       .has_handler = step->has_handler,
							       .handler = step->handler});
}

static void say_resolved(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter)
{
	int64_t now_us = turn_input(turn)->time_us;
	bool on_time = matter->due_us != 0 && now_us <= matter->due_us;

	matter_due(turn, &flow_ticket, step->ticket, matter, 0);
	emit_ticket_resolved(turn, &(struct ticket_resolved){.ticket = step->ticket,
							     .outlet = CODE_TEXT(matter->outlet),
							     .kind = CODE_TEXT(matter->kind),
							     .has_reason = step->has_reason,
							     .reason = step->reason,
							     .took = now_us > matter->opened_us ? now_us - matter->opened_us : 0,
							     .on_time = on_time});
}

static void say_reopened(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter)
{
	matter->again++;
	matter_due(turn, &flow_ticket, step->ticket, matter, service_due(turn, matter));
	emit_ticket_reopened(turn, &(struct ticket_reopened){.ticket = step->ticket,
							     .outlet = CODE_TEXT(matter->outlet),
							     .kind = CODE_TEXT(matter->kind),
							     .has_reason = step->has_reason,
							     .reason = step->reason,
							     .due = matter->due_us});
}

static void say_closed(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter)
{
	matter_due(turn, &flow_ticket, step->ticket, matter, 0);
	emit_ticket_closed(turn, &(struct ticket_closed){.ticket = step->ticket,
							 .outlet = CODE_TEXT(matter->outlet),
							 .kind = CODE_TEXT(matter->kind),
							 .has_reason = step->has_reason,
							 .reason = step->reason});
}

/* By what a ticket has become: opened is no step's end. */
static void (*const say[])(struct turn *turn, const struct ticket_step_submitted *step, struct matter *matter) = {
    NULL, say_assigned, say_escalated, say_resolved, say_reopened, say_closed};

/* R206: A ticket moves by these steps alone: opened, assigned, perhaps escalated, resolved, closed; one that is resolved or closed may be reopened, and what
 * nobody has taken on can be closed as it is. */
void on_ticket_step_submitted(struct turn *turn, const struct ticket_step_submitted *step)
{
	const struct matter_move move = {&flow_ticket, "ticket", step->ticket, step->step, step->has_reason ? step->reason : (struct text){0}};
	struct matter matter;

	if (!matter_get(turn, &flow_ticket, step->ticket, &matter)) {
		(void)refuse(turn, step, "unknown_ticket", "there is no such ticket");
		return;
	}
	if (!step_valid(turn, step) || !matter_step(turn, &move, &matter))
		return;
	say[matter.state](turn, step, &matter);
	matter_put(turn, &flow_ticket, step->ticket, &matter);
}
