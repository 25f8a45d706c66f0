/* bench_drive.c -- when to send what, and how long it took. */
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/when.h"
#include "bench_drive_inside.h"

#define NAP_NS 40000
#define GATHER_US 3000
#define PING_US US_PER_SECOND
#define HELLO_US US_PER_SECOND
#define RESTOCKS_PATIENCE_US (10 * US_PER_SECOND)
#define AGAIN_ONE_IN 100
#define AGAIN_AT_ONCE_MAX 8

void bench_drive_note(struct bench_series *series, int64_t us)
{
	if (series->count == series->room) {
		uint32_t room = series->room * 2 + 1024;
		int64_t *grown = realloc(series->us, room * sizeof(*grown));

		CHECK(grown != NULL);
		series->us = grown;
		series->room = room;
	}
	series->us[series->count++] = us;
}

static int compare_times(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

double bench_drive_share(struct bench_series *series, double share)
{
	if (series->count == 0)
		return 0;
	qsort(series->us, series->count, sizeof(*series->us), compare_times);
	double rank = share * series->count;
	uint32_t index = (uint32_t)rank;

	if ((double)index == rank && index > 0)
		index--;
	return (double)series->us[index < series->count ? index : series->count - 1];
}

int64_t bench_drive_due_us(const struct drive *drive, uint32_t order)
{
	return drive->began_us + (drive->options->rate > 0
	                              ? (int64_t)((double)order * 1e6 / drive->options->rate)
	                              : 0);
}

/* One message of a till: tickets [from, until). Now and then it begins with some that were sent
 * before, as after a lost answer. */
static bool send_tickets(struct drive *drive, uint32_t index, uint32_t until)
{
	const struct bench_till *till = &drive->sales->tills[index];
	struct drive_till *at = &drive->tills[index];
	struct drive_link *link = &drive->links[index % drive->options->links];
	struct writer writer = writer_of(drive->frame, DRIVE_FRAME_BYTES);
	uint64_t owed = drive->driven->sent / AGAIN_ONE_IN - drive->driven->sent_again;
	uint32_t from = at->sent,
	         again = owed < AGAIN_AT_ONCE_MAX ? (uint32_t)owed : AGAIN_AT_ONCE_MAX;

	if (again > from)
		again = from;
	from -= again;
	size_t begins = from > 0 ? till->ends[from - 1] : 0;
	message_write_publish(&writer, link->session, text_of(till->name),
	                      drive->options->epochs[index], till->first_seq + from,
	                      bytes_of(till->bytes + begins, till->ends[until - 1] - begins),
	                      until - from);
	CHECK(writer.error == ERR_NONE);
	if (bus_send(link->port, NULL, writer_bytes(&writer)) != ERR_NONE)
		return false; /* its queue is full: the next round goes on */
	int64_t late_us =
	    bus_monotonic_us(drive->bus) - bench_drive_due_us(drive, till->order[at->sent]);
	if (drive->options->rate > 0 && late_us > drive->driven->late_us_max)
		drive->driven->late_us_max = late_us;
	drive->driven->sent += until - at->sent;
	drive->driven->sent_again += again;
	drive->in_flight += until - at->sent;
	at->sent = until;
	at->sent_us = bus_monotonic_us(drive->bus);
	return true;
}

static bool may_send(const struct drive *drive, uint32_t index, int64_t now_us)
{
	return drive->links[index % drive->options->links].session != 0 &&
	       now_us >= drive->tills[index].hold_until_us;
}

static uint32_t batch_end(const struct drive *drive, uint32_t from, uint32_t until)
{
	uint32_t most = drive->options->batch;

	if (most > drive->options->window - drive->in_flight)
		most = drive->options->window - drive->in_flight;
	return until - from > most ? from + most : until;
}

/* As fast as the window allows: whole batches, one till after the other. */
static void send_at_full_speed(struct drive *drive, int64_t now_us)
{
	for (uint32_t tried = 0; tried < BENCH_TILLS; tried++) {
		uint32_t index = drive->turn % BENCH_TILLS,
		         room = drive->options->window - drive->in_flight;
		struct drive_till *at = &drive->tills[index];
		uint32_t left = drive->sales->tills[index].count - at->sent;

		if (left > 0 && may_send(drive, index, now_us)) {
			if (room < left && room < drive->options->batch)
				return;
			if (!send_tickets(drive, index,
			                  batch_end(drive, at->sent, at->sent + left)))
				return;
			tried = 0;
		}
		drive->turn = index + 1;
	}
}

/* Like the client library, a till does not wait for an answer while the window has room: it sends
 * at once what becomes due when nothing of it is on the way, else what has gathered for a moment. */
static bool is_to_be_sent(const struct drive *drive, const struct drive_till *at, int64_t now_us)
{
	uint32_t gathered = at->due - at->sent;

	return gathered >= drive->options->batch ||
	       (gathered > 0 && (at->acked == at->sent || now_us - at->sent_us >= GATHER_US));
}

/* At a rate. */
static void send_what_is_due(struct drive *drive, int64_t now_us)
{
	for (; drive->due < drive->sales->count && bench_drive_due_us(drive, drive->due) <= now_us;
	     drive->due++)
		drive->tills[drive->sales->owner[drive->due]].due++;
	drive->turn++; /* where the window is full, no till is always first */
	for (uint32_t i = 0; i < BENCH_TILLS && drive->in_flight < drive->options->window; i++) {
		uint32_t index = (drive->turn + i) % BENCH_TILLS;
		struct drive_till *at = &drive->tills[index];
		uint32_t gathered = at->due - at->sent, room = drive->options->window - drive->in_flight;

		if (room < gathered && room < drive->options->batch)
			return; /* what little room there is must not cut messages into pieces */
		if (is_to_be_sent(drive, at, now_us) && may_send(drive, index, now_us))
			(void)send_tickets(drive, index, batch_end(drive, at->sent, at->due));
	}
}

/*
 * The loop sleeps by the millisecond. Where several tickets become due within one, that is good
 * enough; else the last one before a ticket is passed in short naps. Never without sleep: the tills
 * must not take the processor from those whom they measure.
 */
static void wait_for_news(struct drive *drive)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	int64_t until_due =
	    drive->due < drive->sales->count
	        ? bench_drive_due_us(drive, drive->due) - bus_monotonic_us(drive->bus)
	        : INT64_MAX;

	if (drive->options->rate <= 0 || drive->options->rate > 2000 || until_due > 1500 ||
	    until_due <= 0) {
		bus_run_once(drive->bus, 1);
		return;
	}
	bus_run_once(drive->bus, 0);
	if (until_due > NAP_NS / 1000)
		nanosleep(&nap, NULL);
}

static void ping_links(struct drive *drive, int64_t now_us)
{
	if (now_us - drive->pinged_us < PING_US)
		return;
	drive->pinged_us = now_us;
	for (uint32_t i = 0; i < drive->options->links; i++)
		bench_drive_ping(drive, &drive->links[i]);
	if (drive->ear.port != NULL)
		bench_drive_ping(drive, &drive->ear);
}

static bool is_over(const struct drive *drive, int64_t now_us)
{
	if (drive->acked < drive->sales->count)
		return false;
	return drive->ear.port == NULL || drive->driven->restocks_missing == 0 ||
	       now_us - drive->acked_us > RESTOCKS_PATIENCE_US;
}

static int greet(struct drive *drive)
{
	int64_t until_us = bus_monotonic_us(drive->bus) + 10 * US_PER_SECOND, asked_us = 0;

	while (!bench_drive_greeted(drive)) {
		int64_t now_us = bus_monotonic_us(drive->bus);

		if (now_us > until_us)
			return ERR_UNREACHABLE;
		if (now_us - asked_us > HELLO_US / 10) {
			asked_us = now_us;
			bench_drive_greet_missing(drive);
		}
		bus_run_once(drive->bus, 5);
	}
	for (unsigned i = 0; i < 20; i++) /* the subscription has no answer */
		bus_run_once(drive->bus, 5);
	return drive->failure;
}

static int run(struct drive *drive)
{
	int error = greet(drive);

	drive->began_us = drive->pinged_us = bus_monotonic_us(drive->bus);
	while (error == ERR_NONE) {
		int64_t now_us = bus_monotonic_us(drive->bus);

		if (is_over(drive, now_us))
			break;
		if (now_us - drive->began_us > drive->options->timeout_us)
			error = ERR_TIMEOUT;
		if (drive->options->rate > 0)
			send_what_is_due(drive, now_us);
		else
			send_at_full_speed(drive, now_us);
		ping_links(drive, now_us);
		wait_for_news(drive);
		error = error != ERR_NONE ? error : drive->failure;
	}
	drive->driven->took_us = drive->acked_us - drive->began_us;
	return error;
}

int bench_drive_run(const struct bench_sales *sales, const struct bench_drive_options *options,
                    struct bench_driven *driven)
{
	struct drive *drive = calloc(1, sizeof(*drive));
	int error = drive != NULL ? ERR_NONE : ERR_MEMORY;

	*driven = (struct bench_driven){0};
	if (error == ERR_NONE) {
		drive->sales = sales;
		drive->options = options;
		drive->driven = driven;
		drive->frame = malloc(DRIVE_FRAME_BYTES);
		error = drive->frame != NULL ? bus_open(&drive->bus, NULL) : ERR_MEMORY;
	}
	for (uint32_t i = 0; i < BENCH_PROBES; i++)
		driven->restocks_missing +=
		    options->inventory != NULL && sales->probe_order[i] != UINT32_MAX;
	if (error == ERR_NONE)
		error = bench_drive_connect(drive);
	if (error == ERR_NONE)
		error = run(drive);
	if (drive != NULL) {
		bus_close(&drive->bus);
		free(drive->frame);
	}
	free(drive);
	return error;
}

void bench_drive_free(struct bench_driven *driven)
{
	free(driven->acknowledged.us);
	free(driven->restocked.us);
	*driven = (struct bench_driven){0};
}
