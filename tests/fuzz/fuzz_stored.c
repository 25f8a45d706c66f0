/*
 * fuzz_stored.c -- a service's store with any values in the kernel's own tables: the engine refuses it, or whoever only looks at it (audit,
 * queries, feeds, a hand in the quarantine) answers something and does not stop. Steps of a script are rows: the table, then one byte
 * size of the key, the key, the value; entries of logs are numbered in their order.
 */
#include <stdlib.h>

#include "../unit/kernel/toy.h"
#include "base/check.h"
#include "base/error.h"
#include "file.h"
#include "fuzz.h"
#include "kernel/node.h"
#include "kernel/query.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "pack/message.h"
#include "scene.h"
#include "script.h"
#include "store/store_disk.h"

#define DOOR "ipc:///fuzz/service.door"
#define START_US INT64_C(1773216000000000)

/* What is there before an input: a store with the tables of a service, and a network. */
struct play {
	struct store_disk *disk;
	struct engine *engine;
	struct node *node; /* NULL: it was refused */
	struct bus_network *network;
	struct bus *door_bus, *client_bus;
};

/* Prepared once, where there are scenes. */
static struct play *prepare(void)
{
	static struct play *play; /* it lies in its scene */

	if (!scene_enter(0))
		return play;
	play = calloc(1, sizeof(*play));
	CHECK(play != NULL);
	play->disk = store_disk_open();
	struct engine_options options = {.path = "toy", .memory = true, .disk = play->disk, .now_us = START_US};
	CHECK(engine_open(&play->engine, &toy, &options) == ERR_NONE);
	CHECK(bus_network_open(&play->network, 1, START_US) == ERR_NONE);
	CHECK(bus_open(&play->door_bus, play->network) == ERR_NONE);
	CHECK(bus_open(&play->client_bus, play->network) == ERR_NONE);
	CHECK(store_begin(engine_store(play->engine)) == ERR_NONE);
	scene_keep();
	return play;
}

static void write_rows(struct play *play, struct bytes rest)
{
	struct store *store = engine_store(play->engine);
	uint64_t numbers[KERNEL_TABLES] = {0};
	struct step step;

	for (unsigned i = 0; i < SCRIPT_STEPS_MAX && script_next(&rest, &step); i++) {
		unsigned table = step.who % KERNEL_TABLES;
		size_t key = step.bytes.size > 0 ? step.bytes.data[0] : 0;

		if (key == 0 || key > step.bytes.size - 1)
			continue;
		struct bytes value = bytes_of(step.bytes.data + 1 + key, step.bytes.size - 1 - key);
		if (table == KERNEL_JOURNAL || table == KERNEL_INTAKE)
			store_append(store, table, numbers[table] += 1 + step.bytes.data[1] / 128, value);
		else
			store_put(store, table, bytes_of(step.bytes.data + 1, key), value);
	}
	CHECK(store_commit(store) == ERR_NONE);
	engine_close(&play->engine);
}

/* The last question has the longest answer, which hangs least on what is stored. */
static void look(struct engine *engine, bool is_whole)
{
	static const char *const questions[] = {"sources", "quarantine", "status", "settings", "hash", "metrics"};
	static uint8_t buffer[QUERY_PAGE_BYTES];
	struct page page;

	(void)tool_audit(engine, file_nowhere());
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]) - !is_whole; i++)
		(void)!query_run(engine, text_of(questions[i]), bytes_of(NULL, 0), bytes_of(NULL, 0), buffer, &page);
	(void)!engine_discard(engine, 1, START_US);
}

static void on_frame(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	static struct message message; /* of the process: it is large */
	uint64_t *session = context;
	char reason[160];

	(void)port;
	(void)from;
	if (message_read(frame, &message, reason, sizeof(reason)) == ERR_NONE && message.kind == MESSAGE_WELCOME)
		*session = message.session;
}

/* Somebody greets with a source that may be there, and hears the journal from its beginning, all of it and by type. */
static void visit(struct bus_network *network, struct bus_port *link, const uint64_t *session)
{
	struct message_source asked = {.source = TEXT_LITERAL("till"), .epoch = 7};
	struct text types[] = {TEXT_LITERAL("sale.recorded")};
	uint8_t frame[512];
	struct writer writer = writer_of(frame, sizeof(frame));
	int64_t until_us = START_US + 100000;

	while (bus_network_step(network, until_us))
		;
	message_write_hello(&writer, TEXT_LITERAL("fuzz"), &asked, 1);
	CHECK(bus_send(link, NULL, writer_bytes(&writer)) == ERR_NONE);
	while (bus_network_step(network, until_us + 100000))
		;
	CHECK(*session != 0);
	for (uint64_t sub = 1; sub <= 2; sub++) {
		writer = writer_of(frame, sizeof(frame));
		message_write_subscribe(&writer, *session, sub, types, sub == 2, NULL, 0, 1, 1000);
		CHECK(bus_send(link, NULL, writer_bytes(&writer)) == ERR_NONE);
	}
	while (bus_network_step(network, until_us + 2000000))
		;
}

static void serve(struct play *play, bool is_whole)
{
	struct node_options options = {.engine = {.path = "toy", .memory = true, .disk = play->disk, .now_us = START_US},
				       .endpoint = DOOR,
				       .turn_events_max = 4096,
				       .turn_bytes_max = 4 << 20,
				       .inline_turns = true};
	struct bus_port *link;
	uint64_t session = 0;

	if (node_open(&play->node, &toy, play->door_bus, &options) != ERR_NONE) {
		play->node = NULL;
		return;
	}
	CHECK(bus_connect(play->client_bus, DOOR, on_frame, &session, &link) == ERR_NONE);
	visit(play->network, link, &session);
	look(node_engine(play->node), is_whole);
}

static void close_play(struct play *play)
{
	bus_close(&play->client_bus);
	if (play->node != NULL)
		node_close(&play->node);
	bus_close(&play->door_bus);
	bus_network_close(&play->network);
	store_disk_close(&play->disk);
	free(play);
	scene_leave();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of(NULL, 0); /* the first byte is not needed here */
	bool is_whole = scene_is_whole(bytes_of(data, size));
	static bool silent; /* of the process: logs are silenced once */

	if (!silent)
		log_open("fuzz", LOG_BROKEN);
	silent = file_nowhere() != NULL;
	struct play *play = prepare();
	write_rows(play, rest);
	serve(play, is_whole);
	if (is_whole)
		close_play(play);
	else
		scene_drop();
	return 0;
}
