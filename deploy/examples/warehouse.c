/*
 * warehouse.c -- a warehouse system to start from: it hears what logistics plans for its warehouse and
 * confirms each step.
 *
 *     warehouse --door ipc://build/run/logistics.door --warehouse WH-1 --spool /var/lib/wms
 *
 * Here every step succeeds at once: a planned shipment is picked, a picked one dispatched, a dispatched one
 * delivered, a delivered one received. A real system replaces the middle of on_event by "tell the people",
 * and publishes when they are done.
 *
 * Each event of the feed is answered exactly once: the answer and "heard up to here" become durable in one
 * commit, so a process that is killed at any moment goes on where it was. Prints a line per confirmation;
 * ends on SIGINT or SIGTERM, or after --idle SECONDS without anything to do.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "client/client.h"
#include "events/logistics.h"
#include "events/warehouses.h"

#define ARENA_BYTES (1 << 20)

struct warehouse {
	struct client *client;
	struct arena arena; /* of one event's lists */
	const char *door, *code, *spool;
	char source[SOURCE_TEXT_MAX + 1];
	int idle_s;
	time_t busy; /* when something happened last */
	int error;
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
	(void)number;
	stop_asked = 1;
}

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	(void)context;
	if (verdict->verdict == VERDICT_REFUSED)
		printf("refused %.*s#%llu %.*s: %.*s\n", TEXT_ARGS(verdict->source),
		       (unsigned long long)verdict->seq, TEXT_ARGS(verdict->code),
		       TEXT_ARGS(verdict->message));
}

static int confirm(struct warehouse *w, const struct event_type *type, const void *event,
		   struct text shipment)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	int64_t time_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	printf("%s %.*s\n", type->name, TEXT_ARGS(shipment));
	return client_publish(w->client, w->source, type, event, time_us, NULL);
}

static bool understood(struct warehouse *w, const struct event_type *type, const struct envelope *envelope,
		       void *event)
{
	struct reader reader = reader_of(envelope->data);

	arena_reset(&w->arena);
	return text_equal(envelope->type, text_of(type->name)) &&
	       type->unpack(event, &reader, &w->arena) == ERR_NONE;
}

/* What this warehouse does about one event of logistics; nothing when it is another's. */
static int answer(struct warehouse *w, const struct envelope *envelope)
{
	struct text mine = text_of(w->code);
	union {
		struct shipment_planned planned;
		struct shipment_picked picked;
		struct shipment_dispatched dispatched;
		struct shipment_delivered delivered;
	} heard;

	if (understood(w, &shipment_planned_type, envelope, &heard) &&
	    text_equal(heard.planned.warehouse, mine)) {
		struct pick_confirmed picked = {.shipment = heard.planned.shipment, .warehouse = mine};

		return confirm(w, &pick_confirmed_type, &picked, picked.shipment);
	}
	if (understood(w, &shipment_picked_type, envelope, &heard) &&
	    text_equal(heard.picked.warehouse, mine)) {
		struct dispatch_confirmed dispatched = {.shipment = heard.picked.shipment,
							.warehouse = mine}; /* no lines: as planned */

		return confirm(w, &dispatch_confirmed_type, &dispatched, dispatched.shipment);
	}
	if (understood(w, &shipment_dispatched_type, envelope, &heard) &&
	    text_equal(heard.dispatched.warehouse, mine)) {
		struct delivery_confirmed delivered = {.shipment = heard.dispatched.shipment,
						       .outlet = heard.dispatched.outlet};

		return confirm(w, &delivery_confirmed_type, &delivered, delivered.shipment);
	}
	if (understood(w, &shipment_delivered_type, envelope, &heard) &&
	    text_equal(heard.delivered.warehouse, mine)) {
		struct receipt_confirmed received = {.shipment = heard.delivered.shipment,
						     .outlet = heard.delivered.outlet};

		return confirm(w, &receipt_confirmed_type, &received, received.shipment);
	}
	return ERR_NONE;
}

static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	struct warehouse *w = context;

	(void)event;
	w->busy = time(NULL);
	if (w->error == ERR_NONE)
		w->error = client_begin(w->client);
	if (w->error != ERR_NONE)
		return; /* the disk failed: what follows is heard again at the next start */
	int error = answer(w, envelope);
	if (error == ERR_NONE)
		error = client_confirm(w->client, epoch, envelope->seq);
	int ended = client_end(w->client);
	w->error = error != ERR_NONE ? error : ended;
}

static int run(struct warehouse *w)
{
	static const char *const types[] = {"shipment.planned", "shipment.picked", "shipment.dispatched",
					    "shipment.delivered", NULL};
	struct client_subscription subscription = {.types = types, .on_event = on_event, .context = w};
	uint64_t heard;

	client_confirmed(w->client, &subscription.epoch, &heard);
	subscription.from = heard + 1;
	w->busy = time(NULL);
	int error = client_subscribe(w->client, &subscription);
	while (error == ERR_NONE && !stop_asked && (w->idle_s == 0 || time(NULL) - w->busy <= w->idle_s)) {
		client_process(w->client, 100);
		error = w->error;
	}
	if (error == ERR_NONE && client_flush(w->client, 5000) != ERR_NONE)
		fprintf(stderr, "warehouse: %llu confirmations wait; they are sent at the next start\n",
			(unsigned long long)client_waiting(w->client));
	return error;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: warehouse --door ENDPOINT --warehouse CODE --spool FOLDER [--idle SECONDS]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {{"door", 1, NULL, 'd'},
					      {"warehouse", 1, NULL, 'w'},
					      {"spool", 1, NULL, 's'},
					      {"idle", 1, NULL, 'i'},
					      {NULL, 0, NULL, 0}};
	struct warehouse w = {0};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == '?')
			return usage();
		if (option == 'i')
			w.idle_s = (int)strtol(optarg, NULL, 10);
		else
			*(option == 'd' ? &w.door : option == 'w' ? &w.code : &w.spool) = optarg;
	}
	if (w.door == NULL || w.code == NULL || w.spool == NULL)
		return usage();
	snprintf(w.source, sizeof(w.source), "wms/%s", w.code);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct client_options options = {
	    .name = w.source, .endpoint = w.door, .spool = w.spool, .keep_events = 20000, .on_verdict = on_verdict, .context = &w};
	int error = arena_open(&w.arena, ARENA_BYTES);
	if (error == ERR_NONE)
		error = client_open(&w.client, &options);
	if (error == ERR_NONE)
		error = run(&w);
	if (error != ERR_NONE)
		fprintf(stderr, "warehouse: %s: %s\n", w.spool, error_text(error));
	client_close(&w.client);
	arena_close(&w.arena);
	return error == ERR_NONE ? 0 : 1;
}
