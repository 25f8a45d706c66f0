/*
 * device.h -- how the devices of outlets are, and which of them nobody has heard of for too long.
 *
 * When a device was heard last till.h keeps, whatever it said; here is what it says of itself.
 */
#ifndef TRIBUTARY_KPI_DEVICE_H
#define TRIBUTARY_KPI_DEVICE_H

#include "state.h"

#define KIND_SIZE 16

/* struct device -- what a device said of itself last, by its own clock. */
struct device {
	int64_t reported_us, queue_depth, clock_offset;
	uint32_t has_queue_depth, has_clock_offset;
	char software[CODE_SIZE], kind[KIND_SIZE];
};

/* device_watch -- say which devices have fallen silent; looked for once for each hour of the watermark. */
void device_watch(struct turn *turn);

#endif
