/* bench_drive_inside.h -- what bench_drive.c (when to send) and bench_drive_hear.c (what comes
 * back) share. */
#ifndef TRIBUTARY_COMMAND_BENCH_DRIVE_INSIDE_H
#define TRIBUTARY_COMMAND_BENCH_DRIVE_INSIDE_H

#include "bench_drive.h"

#define DRIVE_FRAME_BYTES (1 << 20)
#define DRIVE_CREDIT 10000

struct drive;

struct drive_link {
	struct drive *drive;
	struct bus_port *port;
	uint64_t session; /* 0: not greeted */
	uint32_t index;
};

/* Counts of a till's tickets, in their order. */
struct drive_till {
	uint32_t due, sent, acked;
	int64_t hold_until_us, sent_us;
};

struct drive {
	const struct bench_sales *sales;
	const struct bench_drive_options *options;
	struct bench_driven *driven;
	struct bus *bus;
	struct drive_link links[BENCH_LINKS_MAX];
	struct drive_link ear; /* at inventory's door */
	struct drive_till tills[BENCH_TILLS];
	struct message message;
	uint8_t *frame;
	uint32_t due, in_flight, acked, turn;
	bool listening;    /* the ear's subscription stands */
	uint64_t ear_owed; /* credit to give back */
	int64_t began_us, acked_us, pinged_us;
	int failure;
};

int64_t bench_drive_due_us(const struct drive *drive, uint32_t order);

/* bench_drive_connect -- open links and ear.   bench_drive_greet_missing -- say hello where it was
 * not answered.   bench_drive_greeted -- everywhere. */
int bench_drive_connect(struct drive *drive) must_check;
void bench_drive_greet_missing(struct drive *drive);
bool bench_drive_greeted(const struct drive *drive);
void bench_drive_ping(struct drive *drive, struct drive_link *link);

#endif
