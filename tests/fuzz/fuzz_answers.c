/*
 * fuzz_answers.c -- a client before a door that says anything. It does not stop; each event that it took is waiting or has had exactly one
 * verdict, never one that it did not take; what it hears is an event; and it goes on talking.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/error.h"
#include "client/client.h"
#include "events/terminals.h"
#include "fuzz.h"
#include "log/log.h"
#include "scene.h"
#include "script.h"

#define DOOR "ipc:///fuzz/service.door"
#define START_US INT64_C(1773216000000000)
#define SECONDS_US INT64_C(1000000)
#define PATIENCE_SECONDS 30

enum who { DOOR_SAYS, TIME, TILL, OFFICE }; /* till and office are sources of the client */

struct play {
	struct bus_network *network;
	struct bus *door_bus, *client_bus;
	struct bus_port *door;
	struct bus_peer peer;
	struct client *client;
	unsigned published, verdicts, frames;
};

static void on_frame(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct play *play = context;

	(void)port;
	(void)frame;
	play->peer = *from;
	play->frames++;
}

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct play *play = context;

	CHECK(verdict->seq >= 1 && verdict->seq <= play->published);
	CHECK(verdict->code.size == 0 || verdict->verdict == VERDICT_REFUSED);
	play->verdicts++;
}

static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	(void)context;
	(void)epoch;
	CHECK(envelope->seq >= 1 && envelope->source.size >= 1 && event.size > 0 && envelope->data.size > 0);
}

static void pass(struct play *play, int64_t us)
{
	int64_t until_us = bus_network_now_us(play->network) + us;

	for (int64_t at_us = until_us - us; at_us < until_us; at_us = bus_network_now_us(play->network)) {
		int64_t soon_us = at_us + 100000 < until_us ? at_us + 100000 : until_us;

		client_process(play->client, 0);
		while (bus_network_step(play->network, soon_us))
			;
	}
}

static void publish(struct play *play, const char *source)
{
	struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
				   .receipt = TEXT_LITERAL("R"),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-11"),
				   .lines = {&line, 1}};

	CHECK(client_publish(play->client, source, &ticket_sold_type, &sold, START_US, NULL) == ERR_NONE);
	play->published++;
}

static void open_play(struct play *play)
{
	struct client_options options = {.name = "fuzz", .endpoint = DOOR, .seed = 1, .on_verdict = on_verdict, .context = play};
	static const struct client_subscription subscription = {.from = 1, .on_event = on_event};

	CHECK(bus_network_open(&play->network, 1, START_US) == ERR_NONE);
	CHECK(bus_open(&play->door_bus, play->network) == ERR_NONE);
	CHECK(bus_open(&play->client_bus, play->network) == ERR_NONE);
	CHECK(bus_bind(play->door_bus, DOOR, on_frame, play, &play->door) == ERR_NONE);
	options.bus = play->client_bus;
	CHECK(client_open(&play->client, &options) == ERR_NONE);
	CHECK(client_subscribe(play->client, &subscription) == ERR_NONE);
	publish(play, "till");
	publish(play, "till");
}

static void act(struct play *play, const struct step *step)
{
	switch ((enum who)(step->who % 4)) {
	case DOOR_SAYS:
		(void)bus_send(play->door, &play->peer, step->bytes);
		break;
	case TIME:
		pass(play, (int64_t)step->number * 1000);
		return;
	case TILL:
		publish(play, "till");
		break;
	case OFFICE:
		publish(play, "office");
		break;
	}
	pass(play, 5000);
}

static void close_play(struct play *play)
{
	client_close(&play->client);
	bus_close(&play->client_bus);
	bus_close(&play->door_bus);
	bus_network_close(&play->network);
	free(play);
	scene_leave();
}

/* What is there before the door says anything: prepared once, where there are scenes. */
static struct play *prepare(void)
{
	static struct play *play; /* it lies in its scene */

	if (scene_enter(0)) {
		play = calloc(1, sizeof(*play));
		CHECK(play != NULL);
		open_play(play);
		pass(play, SECONDS_US / 2);
		CHECK(play->frames > 0);
		scene_keep();
	}
	return play;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of(NULL, 0); /* the first byte is not needed here */
	static bool silent; /* of the process: logs are silenced once */
	struct step step;

	if (!silent)
		log_open("fuzz", LOG_BROKEN);
	silent = true;
	struct play *play = prepare();
	for (unsigned i = 0; i < SCRIPT_STEPS_MAX && script_next(&rest, &step); i++)
		act(play, &step);
	play->frames = 0;
	for (unsigned seconds = 0; play->frames == 0; seconds++) {
		CHECK(seconds < PATIENCE_SECONDS);
		pass(play, SECONDS_US);
	}
	CHECK(play->verdicts + client_waiting(play->client) == play->published);
	if (scene_is_whole(bytes_of(data, size)))
		close_play(play);
	else
		scene_drop();
	return 0;
}
