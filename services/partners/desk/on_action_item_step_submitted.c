/* on_action_item_step_submitted.c -- what somebody was to do is done. */
#include "desk/matter.h"
#include "events/staff.h"
#include "record.h"

void on_action_item_step_submitted(struct turn *turn, const struct action_item_step_submitted *step)
{
	const struct matter_move move = {&flow_action_item, "action_item", step->action_item, step->step,
					 step->has_reason ? step->reason : (struct text){0}};
	struct matter matter;

	if (!matter_get(turn, &flow_action_item, step->action_item, &matter)) {
		(void)record_refuse(turn, TABLE_ACTION_ITEM, step->action_item, "unknown_action_item", "there is no such action item");
		return;
	}
	if (text_equal(step->step, TEXT_LITERAL("assign"))) {
		(void)record_refuse(turn, TABLE_ACTION_ITEM, step->action_item, "missing_handler", "submit it with its new owner");
		return;
	}
	if (!matter_step(turn, &move, &matter))
		return;
	bool on_time = matter.due_us != 0 && turn_input(turn)->time_us < matter.due_us;
	matter_due(turn, &flow_action_item, step->action_item, &matter, 0);
	matter_put(turn, &flow_action_item, step->action_item, &matter);
	emit_action_item_closed(turn, &(struct action_item_closed){.action_item = step->action_item,
								   .owner = CODE_TEXT(matter.handler),
								   .on_time = on_time,
								   .has_reason = step->has_reason,
								   .reason = step->reason});
}
