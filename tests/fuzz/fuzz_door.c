/*
 * fuzz_door.c -- a play at the door of a real service: the first byte chooses which, then clients say anything, its upstreams say
 * anything, and time passes. Nothing stops the process; what is malformed is set aside whole and nothing else is; the service's own
 * audit finds its state in order; nobody has more of its memory than is due; and a client that behaves is served before and after.
 */
#include "../simulation/network.h"
#include "base/check.h"
#include "base/error.h"
#include "file.h"
#include "fuzz.h"
#include "kernel/node.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "pack/message.h"
#include "scene.h"
#include "script.h"

#define CLIENTS 2
#define UPSTREAMS_MAX 8
#define DOOR "ipc:///fuzz/service.door"
#define PATIENCE_US (5 * US_PER_SECOND)
#define SUBSCRIPTIONS_MAX (16 * (CLIENTS + 1))

enum who { FIRST_CLIENT, SECOND_CLIENT, TIME, UPSTREAM }; /* UPSTREAM and everything beyond: which one */

struct upstream {
	struct bus *bus;
	struct bus_port *door;
	struct bus_peer follower;
	char endpoint[64];
};

struct polite {
	uint64_t session, through;
	bool heard;
};

struct play {
	struct bus_network *network;
	struct store_disk *disk;
	struct bus *node_bus, *client_buses[CLIENTS + 1];
	struct bus_port *clients[CLIENTS + 1]; /* the last one is polite */
	struct upstream upstreams[UPSTREAMS_MAX];
	const char *endpoints[UPSTREAMS_MAX];
	unsigned upstream_count;
	const struct service *service;
	struct node *node;
	struct polite polite;
	bool upstreams_spoke;
};

static void on_nothing(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	(void)context;
	(void)port;
	(void)from;
	(void)frame;
}

static void on_follower(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct upstream *upstream = context;

	(void)port;
	(void)frame;
	upstream->follower = *from;
}

static void on_polite(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	static struct message message; /* of the process: it is large */
	struct polite *polite = context;
	char reason[160];

	(void)port;
	(void)from;
	CHECK(message_read(frame, &message, reason, sizeof(reason)) == ERR_NONE);
	polite->heard = true;
	if (message.kind == MESSAGE_WELCOME)
		polite->session = message.session;
	if (message.kind == MESSAGE_ACK)
		polite->through = message.through;
	if (message.kind == MESSAGE_RESEND && message.seq == 0)
		polite->through = UINT64_MAX; /* somebody took its name: it was told */
}

static void on_fatal(void *context, int error)
{
	(void)context;
	fprintf(stderr, "the store's twin failed: %s\n", error_name(error));
	abort();
}

static void open_upstreams(struct play *play)
{
	for (unsigned i = 0; play->service->follows[i] != NULL; i++) {
		struct upstream *upstream = &play->upstreams[i];

		CHECK(i < UPSTREAMS_MAX);
		snprintf(upstream->endpoint, sizeof(upstream->endpoint), "ipc:///fuzz/%s.door", play->service->follows[i]);
		play->endpoints[i] = upstream->endpoint;
		CHECK(bus_open(&upstream->bus, play->network) == ERR_NONE);
		CHECK(bus_bind(upstream->bus, upstream->endpoint, on_follower, upstream, &upstream->door) == ERR_NONE);
		play->upstream_count = i + 1;
	}
}

static void open_play(struct play *play, enum service_number service)
{
	struct node_options options = {.endpoint = DOOR,
				       .upstreams = play->endpoints,
				       .turn_events_max = 4096,
				       .turn_bytes_max = 4 << 20,
				       .inline_turns = true,
				       .on_fatal = on_fatal};

	play->service = network_service(service);
	play->disk = store_disk_open();
	CHECK(bus_network_open(&play->network, 1, NETWORK_START_US) == ERR_NONE);
	CHECK(bus_open(&play->node_bus, play->network) == ERR_NONE);
	open_upstreams(play);
	options.engine = (struct engine_options){
	    .path = play->service->name, .memory = true, .disk = play->disk, .now_us = NETWORK_START_US};
	CHECK(node_open(&play->node, play->service, play->node_bus, &options) == ERR_NONE);
	for (unsigned i = 0; i <= CLIENTS; i++) {
		CHECK(bus_open(&play->client_buses[i], play->network) == ERR_NONE);
		CHECK(bus_connect(play->client_buses[i], DOOR, i < CLIENTS ? on_nothing : on_polite, &play->polite,
				  &play->clients[i]) == ERR_NONE);
	}
}

static void close_play(struct play *play)
{
	for (unsigned i = 0; i <= CLIENTS; i++)
		bus_close(&play->client_buses[i]);
	node_close(&play->node);
	for (unsigned i = 0; i < play->upstream_count; i++)
		bus_close(&play->upstreams[i].bus);
	bus_close(&play->node_bus);
	store_disk_close(&play->disk);
	bus_network_close(&play->network);
	free(play);
	scene_leave();
}

static void pass(struct play *play, int64_t us)
{
	int64_t until_us = bus_network_now_us(play->network) + us;

	while (bus_network_step(play->network, until_us))
		;
}

static void say(struct play *play, const struct writer *writer)
{
	CHECK(writer->error == ERR_NONE);
	CHECK(bus_send(play->clients[CLIENTS], NULL, writer_bytes(writer)) == ERR_NONE);
}

static void await(struct play *play, const uint64_t *what, uint64_t wanted)
{
	int64_t until_us = bus_network_now_us(play->network) + PATIENCE_US;

	while (*what < wanted)
		CHECK(bus_network_step(play->network, until_us));
}

/* Greets, and publishes one ticket more. What a service does not hear is refused, and acknowledged all the same. */
static void be_served(struct play *play, uint64_t seq)
{
	static const struct text source = {"polite", 6};
	struct message_source asked = {.source = source, .epoch = 1};
	struct envelope envelope = {.source = source, .seq = seq, .type = TEXT_LITERAL("ticket.sold"), .time_us = NETWORK_START_US};
	uint8_t event[256], frame[512];
	struct writer writer = writer_of(frame, sizeof(frame)), packed = writer_of(event, sizeof(event));

	play->polite.session = 0;
	message_write_hello(&writer, TEXT_LITERAL("polite"), &asked, 1);
	say(play, &writer);
	await(play, &play->polite.session, 1);
	writer_map(&packed, 0);
	envelope.data = writer_bytes(&packed);
	packed = writer_of(event + 1, sizeof(event) - 1);
	envelope_write(&packed, &envelope);
	writer = writer_of(frame, sizeof(frame));
	message_write_publish(&writer, play->polite.session, source, 1, seq, writer_bytes(&packed), 1);
	say(play, &writer);
	await(play, &play->polite.through, seq);
}

static void act(struct play *play, const struct step *step)
{
	if (step->who <= SECOND_CLIENT) {
		(void)bus_send(play->clients[step->who], NULL, step->bytes);
	} else if (step->who == TIME) {
		pass(play, (int64_t)step->number * 1000);
	} else if (play->upstream_count > 0) {
		struct upstream *upstream = &play->upstreams[step->who % play->upstream_count];

		(void)bus_send(upstream->door, &upstream->follower, step->bytes);
		play->upstreams_spoke = true;
	}
	pass(play, 5000);
}

/* ---- what must be true afterwards ---- */

static bool is_good(struct engine *engine, const struct run *run, uint64_t seq, struct bytes bytes, struct arena *arena)
{
	bool retried = text_equal(run->source, TEXT_LITERAL(ENGINE_OPERATOR));
	struct reader reader = reader_of(bytes);
	struct envelope envelope;

	envelope_read(&reader, &envelope);
	if (reader_finish(&reader) != ERR_NONE || bytes.size > EVENT_BYTES_MAX ||
	    (!retried && (envelope.seq != seq || !text_equal(envelope.source, run->source))))
		return false;
	const struct route *route = engine_route(engine, envelope.type);
	reader = reader_of(envelope.data);
	arena_reset(arena);
	return route != NULL && route->type->unpack(arena_take(arena, route->type->struct_size), &reader, arena) == ERR_NONE &&
	       reader_finish(&reader) == ERR_NONE;
}

static uint64_t count_malformed(struct engine *engine, const struct run *run, struct arena *arena)
{
	struct reader reader = reader_of(run->events);
	uint64_t malformed = 0;

	for (uint32_t i = 0; i < run->count; i++) {
		struct bytes event = reader_value(&reader);

		malformed += reader.error != ERR_NONE || !is_good(engine, run, run->after + 1 + i, event, arena);
	}
	return malformed;
}

/* Each input that was taken and is no event of a kind that is heard here is in quarantine, and nothing else is. */
static void check_intake(struct engine *engine, struct view *view, struct arena *arena)
{
	uint64_t number, malformed = 0;

	for (struct bytes record = view_log_seek(view, KERNEL_INTAKE, 1, &number); number != 0;
	     record = view_log_next(view, KERNEL_INTAKE, &number)) {
		struct run run;

		CHECK(record.data != NULL && intake_read(record, &run));
		CHECK(!run.feed);
		malformed += count_malformed(engine, &run, arena);
	}
	CHECK(malformed == engine_meta(engine)->quarantined);
}

static void check_journal(struct view *view, struct arena *arena)
{
	uint64_t number;

	for (struct bytes event = view_log_seek(view, KERNEL_JOURNAL, 1, &number); number != 0;
	     event = view_log_next(view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		CHECK(event.data != NULL);
		envelope_read(&reader, &envelope);
		CHECK(reader_finish(&reader) == ERR_NONE && envelope.seq == number);
		const struct event_type *type = event_type_find(envelope.type);
		CHECK(type != NULL);
		reader = reader_of(envelope.data);
		arena_reset(arena);
		void *data = arena_take(arena, type->struct_size);
		CHECK(type->unpack(data, &reader, arena) == ERR_NONE && reader_finish(&reader) == ERR_NONE);
	}
}

/* Of the process: libFuzzer has no place to keep it. */
static struct arena arena;
static FILE *nowhere;

static void open_process(void)
{
	if (arena.block != NULL)
		return;
	CHECK(arena_open(&arena, 4 << 20) == ERR_NONE);
	nowhere = getenv("FUZZ_LOUD") != NULL ? stderr : file_nowhere();
	if (nowhere != stderr)
		log_open("fuzz", LOG_BROKEN);
}

static void check_play(struct play *play)
{
	struct engine *engine = node_engine(play->node);
	struct node_usage usage;
	struct view view = {0};

	node_usage(play->node, &usage);
	CHECK(usage.sessions <= CLIENTS + 1 && usage.subscriptions <= SUBSCRIPTIONS_MAX && usage.queued_bytes == 0);
	CHECK(view_open(&view, engine_store(engine)) == ERR_NONE);
	check_journal(&view, &arena);
	if (!play->upstreams_spoke)
		check_intake(engine, &view, &arena);
	view_close(&view);
	if (!play->upstreams_spoke) /* services believe each other: a lying one may upset the books, never the process */
		CHECK(tool_audit(engine, nowhere) == 0);
}

/* What is there before anybody says anything: of each service once, where there are scenes. */
static struct play *prepare(uint8_t choice)
{
	static struct play *plays[SERVICES]; /* each lies in its scene */
	unsigned number = choice % SERVICES;

	if (scene_enter(number)) {
		plays[number] = calloc(1, sizeof(*plays[number]));
		CHECK(plays[number] != NULL);
		open_play(plays[number], (enum service_number)number);
		pass(plays[number], 20000);
		be_served(plays[number], 1);
		scene_keep();
	}
	return plays[number];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of(NULL, 0);
	struct step step;

	if (size == 0)
		return 0;
	open_process();
	struct play *play = prepare(data[0]);
	for (unsigned i = 0; i < SCRIPT_STEPS_MAX && script_next(&rest, &step); i++)
		act(play, &step);
	be_served(play, 2);
	check_play(play);
	if (scene_is_whole(bytes_of(data, size)))
		close_play(play);
	else
		scene_drop();
	return 0;
}
