/*
 * fuzz_spool.c -- a till's spool with any rows in it, as a damaged disk or another program leaves them: it is refused, or the till works
 * with it. Steps of a script are rows: the table, then one byte size of the key, the key, the value.
 *
 * The store passes rows on as they are, so under libFuzzer most inputs have its twin in memory, which is thirty times as fast; one of 1,024,
 * by their hash, has files, and so has every input that is only replayed.
 */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "client/client.h"
#include "events/terminals.h"
#include "fuzz.h"
#include "log/log.h"
#include "scene.h"
#include "script.h"
#include "store/store_disk.h"

#define DOOR "ipc:///fuzz/service.door"
#define START_US INT64_C(1773216000000000)
#define EPOCH 7
#define TABLES 3

/* The same as the spool's. */
static const struct table tables[TABLES] = {
    {"spool.sources", TABLE_PRIVATE, ""}, {"spool.events", TABLE_PRIVATE, ""}, {"spool.heard", TABLE_PRIVATE, ""}};

static struct store_disk *disk; /* of the present input; NULL: it has files */

#if defined(FUZZ_ENGINE)
#define IN_FILES_OF 1024

int __real_store_open(struct store **out, const struct store_options *options, const struct table *of, unsigned count);
int __wrap_store_open(struct store **out, const struct store_options *options, const struct table *of, unsigned count);

/* What the client opens by a name lies on the input's disk. */
int __wrap_store_open(struct store **out, const struct store_options *options, const struct table *of, unsigned count)
{
	struct store_options chosen = *options;

	chosen.disk = disk;
	chosen.memory = disk != NULL;
	return __real_store_open(out, &chosen, of, count);
}
#else
#define IN_FILES_OF 1
#endif

struct door {
	struct bus *bus;
	struct bus_port *port;
	uint64_t session;
};

/* An honest door: it knows nobody, and asks for everything from the first number. */
static void on_frame(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	static struct message message; /* of the process: it is large */
	static uint8_t buffer[1 << 20];
	struct writer writer = writer_of(buffer, sizeof(buffer));
	struct door *door = context;
	char reason[160];

	if (message_read(frame, &message, reason, sizeof(reason)) != ERR_NONE || message.kind != MESSAGE_HELLO)
		return;
	for (uint32_t i = 0; i < message.source_count; i++)
		message.sources[i].seq = 1;
	message_write_welcome(&writer, TEXT_LITERAL("orders"), EPOCH, 0, ++door->session, message.sources, message.source_count, START_US);
	CHECK(writer.error == ERR_NONE);
	CHECK(bus_send(port, from, writer_bytes(&writer)) == ERR_NONE);
}

/* What is there before an input: an empty spool, and a network with the door. */
struct play {
	struct store_disk *disk; /* NULL: the spool has files */
	struct store *store;
	struct bus_network *network;
	struct bus *client_bus;
	struct door door;
};

static struct play *open_play(const char *folder, bool in_files)
{
	struct store_options options = {.path = folder, .map_bytes = 4 << 20, .map_bytes_max = 64 << 20};
	struct play *play = calloc(1, sizeof(*play));

	CHECK(play != NULL);
	disk = play->disk = in_files ? NULL : store_disk_open();
	CHECK(bus_network_open(&play->network, 1, START_US) == ERR_NONE);
	CHECK(bus_open(&play->door.bus, play->network) == ERR_NONE);
	CHECK(bus_open(&play->client_bus, play->network) == ERR_NONE);
	CHECK(bus_bind(play->door.bus, DOOR, on_frame, &play->door, &play->door.port) == ERR_NONE);
	CHECK(store_open(&play->store, &options, tables, TABLES) == ERR_NONE);
	CHECK(store_begin(play->store) == ERR_NONE);
	return play;
}

/* Prepared once, where there are scenes. Files are none of a heap's business. */
static struct play *prepare(const char *folder, bool in_files)
{
	static struct play *kept; /* it lies in its scene */

	if (in_files)
		return open_play(folder, true);
	if (scene_enter(0)) {
		kept = open_play(folder, false);
		scene_keep();
	}
	disk = kept->disk;
	return kept;
}

static void close_play(struct play *play, bool in_files)
{
	bus_close(&play->client_bus);
	bus_close(&play->door.bus);
	bus_network_close(&play->network);
	store_disk_close(&play->disk);
	free(play);
	if (!in_files)
		scene_leave();
}

static void write_rows(struct play *play, struct bytes rest)
{
	struct step step;

	for (unsigned i = 0; i < SCRIPT_STEPS_MAX && script_next(&rest, &step); i++) {
		size_t key = step.bytes.size > 0 ? step.bytes.data[0] : 0;

		if (key == 0 || key > step.bytes.size - 1)
			continue;
		store_put(play->store, step.who % TABLES, bytes_of(step.bytes.data + 1, key),
			  bytes_of(step.bytes.data + 1 + key, step.bytes.size - 1 - key));
	}
	CHECK(store_commit(play->store) == ERR_NONE);
	store_close(&play->store);
}

static void work(struct client *client, struct bus_network *network, int64_t us)
{
	for (int64_t until_us = bus_network_now_us(network) + us; bus_network_now_us(network) < until_us;) {
		int64_t soon_us = bus_network_now_us(network) + 100000;

		client_process(client, 0);
		while (bus_network_step(network, soon_us))
			;
	}
}

static void use(struct play *play, const char *folder)
{
	struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
				   .receipt = TEXT_LITERAL("R"),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-11"),
				   .lines = {&line, 1}};
	struct client_options options = {.name = "fuzz", .endpoint = DOOR, .spool = folder, .bus = play->client_bus, .seed = 1};
	struct client *client;

	if (client_open(&client, &options) != ERR_NONE)
		return;
	work(client, play->network, 500000);
	(void)!client_publish(client, "till", &ticket_sold_type, &sold, START_US, NULL);
	(void)!client_renumber(client, "till");
	(void)!client_confirm(client, EPOCH, 1);
	work(client, play->network, 4000000);
	client_close(&client);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of(NULL, 0); /* the first byte is not needed here */
	char folder[] = "/dev/shm/fuzz-spool-XXXXXX";
	static bool silent; /* of the process: logs are silenced once */

	if (!silent)
		log_open("fuzz", LOG_BROKEN);
	silent = true;
	bool in_files = hash_bytes(bytes_of(data, size)) % IN_FILES_OF == 0;
	CHECK(!in_files || mkdtemp(folder) != NULL);
	struct play *play = prepare(folder, in_files);
	write_rows(play, rest);
	use(play, folder);
	if (in_files || scene_is_whole(bytes_of(data, size)))
		close_play(play, in_files);
	else
		scene_drop();
	CHECK(!in_files || nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
	return 0;
}
