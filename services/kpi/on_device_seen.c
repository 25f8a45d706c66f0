/* on_device_seen.c -- a device has said how it is. */
#include "count.h"
#include "device.h"
#include "metric.h"
#include "till.h"

/* R142: Of a device counts what it said last by its own clock, whatever is heard first; that it has spoken is as good as a ticket. */
void on_device_seen(struct turn *turn, const struct device_seen *seen)
{
	struct device known, device = {.reported_us = turn_input(turn)->time_us,
				       .queue_depth = seen->queue_depth,
				       .clock_offset = seen->clock_offset,
				       .has_queue_depth = seen->has_queue_depth,
				       .has_clock_offset = seen->has_clock_offset};

	heard(turn, 0);
	till_heard(turn, seen->terminal, seen->outlet);
	CODE_PUT(device.software, seen->software);
	CODE_PUT(device.kind, seen->kind);
	row_get(turn, TABLE_DEVICE, bytes_of_text(seen->terminal), &known, sizeof(known));
	if (known.reported_us <= device.reported_us)
		row_put(turn, TABLE_DEVICE, bytes_of_text(seen->terminal), &device, sizeof(device));
	metric_hear(turn, &device_seen_type, seen);
}
