/*
 * bench_drive.h -- the tills of the bench at the door of orders, and an ear at the door of
 * inventory.
 *
 * All tills share a few links and speak the plain dialogue (publish, ack, resend), without a spool,
 * so that driving costs little beside what is driven. At full speed a till sends batches and the
 * window bounds what is not acknowledged. At a rate every ticket has a moment when it is due, and
 * latencies begin there, whenever it was sent; a till sends what is due when nothing of it is on
 * the way.
 */
#ifndef TRIBUTARY_COMMAND_BENCH_DRIVE_H
#define TRIBUTARY_COMMAND_BENCH_DRIVE_H

#include "bench_sales.h"
#include "bus/bus.h"
#include "pack/message.h"

#define BENCH_LINKS_MAX 16

/* struct bench_series -- measured times in microseconds, in no order until somebody asks for a
 * share of them. */
struct bench_series {
	int64_t *us;
	uint32_t count, room;
};

void bench_drive_note(struct bench_series *series, int64_t us);
/* bench_drive_share -- the time below which this share of all lie, by nearest rank; 0 when there
 * are none. Sorts. */
double bench_drive_share(struct bench_series *series, double share);

struct bench_drive_options {
	const char *orders, *inventory; /* doors; inventory NULL: do not listen */
	const uint64_t *epochs;         /* of the tills */
	uint64_t stamp;                 /* of the probes */
	uint32_t links, window, batch;
	double rate; /* tickets a second; 0: as fast as the window allows */
	int64_t timeout_us;
};

struct bench_driven {
	int64_t took_us, late_us_max; /* until the last acknowledgement; how far behind its due
	                                 moment a ticket was sent at worst */
	uint64_t sent, sent_again, refused, duplicates;
	struct bench_series acknowledged, restocked;
	uint32_t restocks_missing, restocks_heard;
};

/*
 * bench_drive_run -- publish all tickets, until all are acknowledged and the restocks of their
 * probes were heard. owns    gives driven's series until bench_driven_free. errors ERR_UNREACHABLE,
 * ERR_TIMEOUT, ERR_GONE (a till is fenced), ERR_MEMORY.
 */
int bench_drive_run(const struct bench_sales *sales, const struct bench_drive_options *options,
                    struct bench_driven *driven) must_check;
void bench_drive_free(struct bench_driven *driven);

#endif
