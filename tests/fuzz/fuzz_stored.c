/*
 * fuzz_stored.c -- a service's store with any values in the kernel's own tables: the engine refuses it, or whoever only looks at it (audit,
 * queries, feeds, a hand in the quarantine) answers something and does not stop. Steps of a script are rows: the table, then one byte
 * size of the key, the key, the value; entries of logs are numbered in their order.
 */
#include "../unit/kernel/toy.h"
#include "base/check.h"
#include "base/error.h"
#include "fuzz.h"
#include "kernel/node.h"
#include "kernel/query.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "pack/message.h"
#include "script.h"
#include "store/store_disk.h"

#define DOOR "ipc:///fuzz/service.door"
#define START_US INT64_C(1773216000000000)

static void write_rows(struct store_disk *disk, struct bytes rest)
{
	struct engine_options options = {.path = "toy", .memory = true, .disk = disk, .now_us = START_US};
	uint64_t numbers[KERNEL_TABLES] = {0};
	struct engine *engine;
	struct step step;

	CHECK(engine_open(&engine, &toy, &options) == ERR_NONE);
	struct store *store = engine_store(engine);
	CHECK(store_begin(store) == ERR_NONE);
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
	engine_close(&engine);
}

static void look(struct engine *engine)
{
	static const char *const questions[] = {"sources", "quarantine", "status", "settings", "metrics", "hash"};
	static uint8_t buffer[QUERY_PAGE_BYTES];
	static FILE *nowhere;
	struct page page;

	if (nowhere == NULL)
		nowhere = fopen("/dev/null", "w");
	(void)tool_audit(engine, nowhere);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
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

static void serve(struct store_disk *disk)
{
	struct node_options options = {.engine = {.path = "toy", .memory = true, .disk = disk, .now_us = START_US},
				       .endpoint = DOOR,
				       .turn_events_max = 4096,
				       .turn_bytes_max = 4 << 20,
				       .inline_turns = true};
	struct bus *door_bus, *client_bus;
	struct bus_network *network;
	struct bus_port *link;
	uint64_t session = 0;
	struct node *node;

	CHECK(bus_network_open(&network, 1, START_US) == ERR_NONE);
	CHECK(bus_open(&door_bus, network) == ERR_NONE);
	CHECK(bus_open(&client_bus, network) == ERR_NONE);
	if (node_open(&node, &toy, door_bus, &options) == ERR_NONE) {
		CHECK(bus_connect(client_bus, DOOR, on_frame, &session, &link) == ERR_NONE);
		visit(network, link, &session);
		look(node_engine(node));
		bus_close(&client_bus);
		node_close(&node);
	} else {
		bus_close(&client_bus);
	}
	bus_close(&door_bus);
	bus_network_close(&network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of(NULL, 0); /* the first byte is not needed here */
	struct store_disk *disk = store_disk_open();
	static bool silent; /* of the process: logs are silenced once */

	if (!silent)
		log_open("fuzz", LOG_BROKEN);
	silent = true;
	write_rows(disk, rest);
	serve(disk);
	store_disk_close(&disk);
	return 0;
}
