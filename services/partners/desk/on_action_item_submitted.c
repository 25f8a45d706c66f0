/* on_action_item_submitted.c -- somebody is to do something by a day (待办). */
#include "base/when.h"
#include "desk/matter.h"
#include "record.h"

/* R177: An action item is due on a date; its meeting and its outlet are known where it names them. */
static bool item_valid(struct turn *turn, const struct action_item_submitted *item, int64_t *day)
{
	if (!day_number(item->due, day))
		return record_refuse(turn, TABLE_ACTION_ITEM, item->action_item, "bad_day", "the day is not a date");
	if (item->has_meeting && !record_names(turn, TABLE_ACTION_ITEM, item->action_item, TABLE_MEETING, item->meeting))
		return false;
	return !item->has_outlet || record_names(turn, TABLE_ACTION_ITEM, item->action_item, TABLE_OUTLET, item->outlet);
}

/* R178: An action item is assigned, to be done by the end of its day in UTC, and closed; submitted with other words it is assigned anew. */
void on_action_item_submitted(struct turn *turn, const struct action_item_submitted *item)
{
	struct matter matter = {.opened_us = turn_input(turn)->time_us};
	int64_t day = 0;

	if (!item_valid(turn, item, &day) || record_submit(turn, TABLE_ACTION_ITEM, bytes_of_text(item->action_item), item) == 0)
		return;
	bool was = matter_get(turn, &flow_action_item, item->action_item, &matter);
	if (!was)
		matter = (struct matter){.opened_us = turn_input(turn)->time_us};
	matter.again += was && text_equal(matter_state(&flow_action_item, &matter), TEXT_LITERAL("closed"));
	matter.state = 0; /* assigned, wherever it was */
	memset(matter.outlet, 0, sizeof(matter.outlet));
	CODE_PUT(matter.handler, item->owner);
	CODE_PUT(matter.outlet, item->has_outlet ? item->outlet : (struct text){0});
	matter_note(turn, &flow_action_item, item->action_item, &matter, TEXT_LITERAL("assign"), (struct text){0});
	matter_due(turn, &flow_action_item, item->action_item, &matter, day >= 0 ? (day + 1) * US_PER_DAY : 1);
	matter_put(turn, &flow_action_item, item->action_item, &matter);
}
