/*
 * writer.c -- somebody with a promise to keep: says on standard output what is durable, and later looks whether it is.
 *
 *   writer store FOLDER TURNS    commits turns, prints the number of each after its commit
 *   writer spool FOLDER EVENTS   publishes tickets into a client's spool, prints the number of each when it was taken
 *   writer look-store FOLDER     opens the store again, checks every row and entry, prints the last turn
 *   writer look-spool FOLDER     the same of a spool
 *
 * Exit: 0 done, 74 the storage failed, 75 it is full (what was said stays true), 70 what is there is wrong, 66 nothing is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "client/client.h"
#include "client/spool.h"
#include "events/terminals.h"
#include "log/log.h"

#define ROWS 97u
#define VALUE_MAX 3000u
#define FULL_TRIES 400
#if defined(MUTANT_PROMISE_FIRST) /* the control: one who says so before it is true must be found out */
#define HASTY true
#else
#define HASTY false
#endif

enum { STATE, ENTRIES, TABLES };
static const struct table tables[TABLES] = {[STATE] = {"state", TABLE_ROWS, "number -> turn"},
					    [ENTRIES] = {"entries", TABLE_LOG, "turn -> bytes that follow from it"}};

static void fail(const char *doing, int error)
{
	fprintf(stderr, "writer: %s: %s\n", doing, error_name(error));
	exit(error == ERR_STORE_FULL || error == ERR_DISK_FULL ? 75 : error == ERR_NOT_FOUND ? 66 : error == ERR_STORE_CORRUPT ? 70 : 74);
}

static void wrong(const char *what, uint64_t number)
{
	fprintf(stderr, "writer: %s %llu is wrong\n", what, (unsigned long long)number);
	exit(70);
}

static void promise(uint64_t number)
{
	char line[32];
	int size = snprintf(line, sizeof(line), "%llu\n", (unsigned long long)number);

	if (write(STDOUT_FILENO, line, (size_t)size) != size)
		exit(1);
}

/* Between a few bytes and pages of their own. */
static struct bytes value_of(uint64_t turn, uint8_t bytes[VALUE_MAX])
{
	size_t size = (size_t)(turn * 2654435761u % VALUE_MAX) + 1;

	memset(bytes, (int)(turn & 0xff), size);
	return bytes_of(bytes, size);
}

static struct bytes row_key(uint64_t turn, uint8_t key[8])
{
	put_u64_be(key, turn % ROWS);
	return bytes_of(key, 8);
}

static struct store *open_store(const char *folder)
{
	struct store_options options = {.path = folder, .map_bytes = 1 << 20, .map_bytes_max = 64 << 20, .cache_bytes = 1 << 20};
	struct store *store;
	int error = store_open(&store, &options, tables, TABLES);

	if (error != ERR_NONE)
		fail("open", error);
	return store;
}

static uint64_t last_entry(struct store *store)
{
	struct view view = {0};
	uint64_t last = 0;

	if (view_open(&view, store) != ERR_NONE)
		fail("view", ERR_STORE_IO);
	(void)view_log_last(&view, ENTRIES, &last);
	view_close(&view);
	return last;
}

static int turn(struct store *store, uint64_t number)
{
	uint8_t bytes[VALUE_MAX], key[8], value[8];
	int error = store_begin(store);

	if (error != ERR_NONE)
		return error;
	put_u64_be(value, number);
	store_put(store, STATE, row_key(number, key), bytes_of(value, 8));
	store_append(store, ENTRIES, number, value_of(number, bytes));
	return store_commit(store);
}

static void write_store(const char *folder, uint64_t turns)
{
	struct store *store = open_store(folder);
	uint64_t last = last_entry(store);
	unsigned tries = 0;

	for (uint64_t number = last + 1; number <= last + turns;) {
		if (HASTY)
			promise(number);
		int error = turn(store, number);

		if (error == ERR_NONE) {
			if (!HASTY)
				promise(number);
			number++;
			tries = 0;
		} else if (!error_is_halt(error) && ++tries < FULL_TRIES) {
			usleep(5000); /* full, or out of memory: nothing happened, and it may pass */
		} else {
			fail("commit", error);
		}
	}
	store_close(&store);
}

static void look_store(const char *folder)
{
	struct store *store = open_store(folder);
	uint64_t last = last_entry(store), number = 0, seen = 0;
	uint8_t bytes[VALUE_MAX], key[8], value[8];
	struct view view = {0};

	if (view_open(&view, store) != ERR_NONE)
		fail("view", ERR_STORE_IO);
	for (struct bytes entry = view_log_seek(&view, ENTRIES, 1, &number); entry.data != NULL;
	     entry = view_log_next(&view, ENTRIES, &number))
		if (number != ++seen || !bytes_equal(entry, value_of(number, bytes)))
			wrong("entry", number);
	if (seen != last || view.failure != ERR_NONE)
		wrong("entry after", seen);
	for (uint64_t of = last > ROWS ? last - ROWS + 1 : 1; of <= last; of++) {
		put_u64_be(value, of);
		if (!bytes_equal(view_get(&view, STATE, row_key(of, key)), bytes_of(value, 8)))
			wrong("row of turn", of);
	}
	view_close(&view);
	store_close(&store);
	promise(last);
}

static struct client *open_client(const char *folder)
{
	struct client_options options = {.name = "writer", .endpoint = "ipc:///nonexistent/door", .spool = folder};
	struct client *client;
	int error = client_open(&client, &options);

	if (error != ERR_NONE)
		fail("open", error);
	return client;
}

static void write_spool(const char *folder, uint64_t events)
{
	struct client *client = open_client(folder);
	struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	unsigned tries = 0;
	char receipt[24];

	for (uint64_t done = 0, seq = client_waiting(client); done < events;) {
		snprintf(receipt, sizeof(receipt), "r%llu", (unsigned long long)seq + 1);
		struct ticket_sold sold = {.outlet = TEXT_LITERAL("OUT-001"),
					   .receipt = text_of(receipt),
					   .currency = TEXT_LITERAL("GBP"),
					   .day = TEXT_LITERAL("2026-03-01"),
					   .lines = {&line, 1}};
		if (HASTY)
			promise(seq + 1);
		int error = client_publish(client, "OUT-001/T1", &ticket_sold_type, &sold, 1772359200000000, &seq);

		if (error == ERR_NONE) {
			if (!HASTY)
				promise(seq);
			done++;
			tries = 0;
		} else if (!error_is_halt(error) && ++tries < FULL_TRIES) {
			usleep(5000);
		} else {
			fail("publish", error);
		}
	}
	client_close(&client);
}

static void look_spool(const char *folder)
{
	struct spool spool;
	struct spooled next;
	struct view view = {0};
	uint64_t seen = 0, after = 0;
	int error = access(folder, F_OK) != 0 ? ERR_NOT_FOUND : spool_open(&spool, folder, 1000000);

	if (error != ERR_NONE)
		fail("open", error);
	if (view_open(&view, spool.store) != ERR_NONE)
		fail("view", ERR_STORE_IO);
	for (; spool_next(&spool, &view, after, &next); after = next.arrival) {
		struct reader reader = reader_of(next.event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (reader_finish(&reader) != ERR_NONE || next.seq != ++seen || envelope.seq != seen)
			wrong("event", next.seq);
	}
	view_close(&view);
	spool_close(&spool);
	promise(seen);
}

int main(int argc, char **argv)
{
	uint64_t count = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

	log_open("writer", LOG_ALARM);
	if (argc == 4 && strcmp(argv[1], "store") == 0)
		write_store(argv[2], count);
	else if (argc == 4 && strcmp(argv[1], "spool") == 0)
		write_spool(argv[2], count);
	else if (argc == 3 && strcmp(argv[1], "look-store") == 0)
		look_store(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "look-spool") == 0)
		look_spool(argv[2]);
	else {
		fprintf(stderr, "usage: writer store|spool FOLDER COUNT, writer look-store|look-spool FOLDER\n");
		return 64;
	}
	return 0;
}
