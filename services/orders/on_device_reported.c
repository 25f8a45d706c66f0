/* on_device_reported.c -- a device says how it is: what it runs, what it holds back, how its clock goes. */
#include "events/terminals.h"
#include "ticket.h"

/* R133: A device reports for its own outlet, as a till sells for it; what it says is said on, and that it runs other software than before. */
void on_device_reported(struct turn *turn, const struct device_reported *reported)
{
	const struct text terminal = turn_input(turn)->source;
	struct bytes known = turn_get(turn, TABLE_DEVICE, bytes_of_text(terminal));
	struct text before = turn_text(turn, "%.*s", (int)known.size, (const char *)known.data);
	struct outlet outlet;

	if (!ticket_outlet(turn, reported->outlet, (struct text){0}, &outlet))
		return;
	emit_device_seen(turn, &(struct device_seen){.outlet = reported->outlet,
						     .terminal = terminal,
						     .software = reported->software,
						     .has_kind = reported->has_kind,
						     .kind = reported->kind,
						     .has_queue_depth = reported->has_queue_depth,
						     .queue_depth = reported->queue_depth,
						     .has_clock_offset = reported->has_clock_offset,
						     .clock_offset = reported->clock_offset});
	if (text_equal(before, reported->software))
		return;
	turn_put(turn, TABLE_DEVICE, bytes_of_text(terminal), bytes_of_text(reported->software));
#if !defined(MUTANT_UPGRADE_AT_FIRST_SIGHT)
	if (before.size == 0)
		return;
#endif
	emit_device_upgraded(turn, &(struct device_upgraded){
					   .outlet = reported->outlet, .terminal = terminal, .software = reported->software, .before = before});
}
