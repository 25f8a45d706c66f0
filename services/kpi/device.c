/* device.c -- devices in use are looked through once an hour, and those that were not heard of for too long are said. */
#include "device.h"

#include "till.h"

_Static_assert(sizeof(struct device) == 80, "a device has no padding");

#define WATCH_KEY bytes_of("devices", 7)

/* R143: A device in use is silent when the hour of its last word lies as many hours before the hour of the watermark as the setting says; that is said
   once, until it is heard again. */
static void watch_one(struct turn *turn, struct text terminal, struct till *till, int64_t hour)
{
	int64_t hours = turn_setting(turn, SETTING_SILENT_HOURS);

	if (!till->counted || till->heard_us == 0 || till->silent || hour - (int64_t)hour_at(till->heard_us) < hours)
		return;
	till->silent = 1;
	row_put(turn, TABLE_TILL, bytes_of_text(terminal), till, sizeof(*till));
	emit_device_silent(turn, &(struct device_silent){
					 .outlet = CODE_TEXT(till->outlet), .terminal = terminal, .last_seen = till->heard_us, .hours = hours});
}

void device_watch(struct turn *turn)
{
	int64_t hour = (int64_t)hour_at(book_get(turn).watermark_us), looked;
	struct walk walk;
	struct till till;

	row_get(turn, TABLE_WATCH, WATCH_KEY, &looked, sizeof(looked));
	if (hour <= looked)
		return;
	row_put(turn, TABLE_WATCH, WATCH_KEY, &hour, sizeof(hour));
	walk_begin(&walk, turn, TABLE_TILL, bytes_of(NULL, 0));
	while (walk_next(&walk))
		if (copy_row(walk.value, &till, sizeof(till)))
			watch_one(turn, (struct text){(const char *)walk.key.data, (uint32_t)walk.key.size}, &till, hour);
}
