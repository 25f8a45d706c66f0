/*
 * bench_floor_lmdb.c -- the work of four services with nothing between them: one process, one
 * environment, one synced commit per batch.
 *
 * The state lies in arrays and a batch's changed rows are put once, in the order of their keys, so
 * this is not just some program to compare with: it is close to the best that LMDB can do with this
 * work.
 */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "bench_floor.h"

#define SHELVES (BENCH_OUTLETS * BENCH_PRODUCTS)
#define DAYS 4
#define REORDER 12
#define UP_TO 36
#define SHIPMENT_LINES 8
#define COMMITS_MAX 20000

enum { JOURNAL, SEEN, SHELF, RESTOCK, SHIPMENT, KPI, TABLES };

struct shelf {
	int64_t on_hand, on_order;
};

struct measures {
	int64_t revenue, units, tickets;
};

struct floor {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi names[TABLES];
	MDB_cursor *cursors[TABLES];
	struct shelf shelves[SHELVES];
	struct measures measures[BENCH_OUTLETS * DAYS];
	uint64_t seen[BENCH_TILLS];
	bool shelf_dirty[SHELVES], measures_dirty[BENCH_OUTLETS * DAYS], seen_dirty[BENCH_TILLS];
	uint32_t touched[SHELVES], touched_count;
	uint64_t journal, waiting_lines[BENCH_OUTLETS], waiting[BENCH_OUTLETS][SHIPMENT_LINES];
	struct bench_floor_commits *result;
};

static void must(int code)
{
	if (code == 0)
		return;
	fprintf(stderr, "bench_floor: LMDB: %s\n", mdb_strerror(code));
	exit(1);
}

static void put(struct floor *floor, unsigned table, uint64_t number, const void *value,
                size_t size, unsigned flags)
{
	uint8_t key[8];
	MDB_val k = {sizeof(key), key}, v = {size, NULL};

	put_u64_be(key, number);
	memcpy(&v.mv_data, &value, sizeof(value));
	must(mdb_cursor_put(floor->cursors[table], &k, &v, flags));
}

static void begin(struct floor *floor)
{
	must(mdb_txn_begin(floor->env, NULL, 0, &floor->txn));
	for (unsigned i = 0; i < TABLES; i++)
		must(mdb_cursor_open(floor->txn, floor->names[i], &floor->cursors[i]));
}

static int compare_places(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static void commit(struct floor *floor)
{
	qsort(floor->touched, floor->touched_count, sizeof(floor->touched[0]), compare_places);
	for (uint32_t i = 0; i < floor->touched_count; i++) {
		put(floor, SHELF, floor->touched[i], &floor->shelves[floor->touched[i]],
		    sizeof(struct shelf), 0);
		floor->shelf_dirty[floor->touched[i]] = false;
	}
	floor->touched_count = 0;
	for (unsigned i = 0; i < BENCH_TILLS; i++)
		if (floor->seen_dirty[i]) {
			put(floor, SEEN, i, &floor->seen[i], sizeof(floor->seen[i]), 0);
			floor->seen_dirty[i] = false;
		}
	for (unsigned i = 0; i < BENCH_OUTLETS * DAYS; i++)
		if (floor->measures_dirty[i]) {
			put(floor, KPI, i, &floor->measures[i], sizeof(floor->measures[i]), 0);
			floor->measures_dirty[i] = false;
		}
	for (unsigned i = 0; i < TABLES; i++)
		mdb_cursor_close(floor->cursors[i]);
	must(mdb_txn_commit(floor->txn));
}

/* Inventory's part, and logistics' where a restock becomes due: eight of an outlet make a shipment.
 */
static void move(struct floor *floor, uint32_t outlet, uint32_t product, int64_t units)
{
	uint32_t at = outlet * BENCH_PRODUCTS + product;
	struct shelf *shelf = &floor->shelves[at];

	shelf->on_hand -= units;
	if (shelf->on_order == 0 &&
	    shelf->on_hand <=
	        REORDER) { /* one open restock a shelf: none arrives while the bench runs */
		uint64_t restock[4] = {at, (uint64_t)(UP_TO - shelf->on_hand), floor->journal,
		                       outlet};
		uint64_t number = ++floor->result->restocks;

		shelf->on_order += (int64_t)restock[1];
		put(floor, RESTOCK, number, restock, sizeof(restock), MDB_APPEND);
		floor->waiting[outlet][floor->waiting_lines[outlet]++] = number;
		if (floor->waiting_lines[outlet] == SHIPMENT_LINES) {
			put(floor, SHIPMENT, ++floor->result->shipments, floor->waiting[outlet],
			    sizeof(floor->waiting[outlet]), MDB_APPEND);
			floor->waiting_lines[outlet] = 0;
		}
	}
	if (!floor->shelf_dirty[at]) {
		floor->shelf_dirty[at] = true;
		floor->touched[floor->touched_count++] = at;
	}
}

/* One ticket through all four: once per till, valid, journaled, moved, measured. */
static void sell(struct floor *floor, uint32_t till, const struct envelope *envelope,
                 const struct ticket_sold *sold, struct bytes event)
{
	uint32_t products[64], outlet;
	bool valid = bench_sales_outlet_of(sold->outlet, &outlet) && sold->lines.count <= 64;
	int64_t revenue = 0, units = 0;

	if (envelope->seq <= floor->seen[till]) {
		floor->result->duplicates++;
		return;
	}
	floor->seen[till] = envelope->seq;
	floor->seen_dirty[till] = true;
	for (uint32_t i = 0; i < sold->lines.count && valid; i++)
		valid = bench_sales_product_of(sold->lines.items[i].sku, 0, &products[i]);
	put(floor, JOURNAL, ++floor->journal, event.data, event.size, MDB_APPEND);
	if (!valid) {
		floor->result->refused++;
		return;
	}
	for (uint32_t i = 0; i < sold->lines.count; i++) {
		struct money amount;

		CHECK(money_of_line(sold->lines.items[i].quantity, sold->lines.items[i].unit_price,
		                    2, &amount));
		revenue += amount.minor;
		units += sold->lines.items[i].quantity.milli / 1000;
		move(floor, outlet, products[i], sold->lines.items[i].quantity.milli / 1000);
	}
	uint32_t cell = outlet * DAYS + (uint32_t)(envelope->time_us / INT64_C(86400000000) % DAYS);
	floor->measures[cell].revenue += revenue;
	floor->measures[cell].units += units;
	floor->measures[cell].tickets++;
	floor->measures_dirty[cell] = true;
}

static struct floor *open_floor(const char *path, struct bench_floor_commits *result)
{
	static const char *const names[TABLES] = {"journal", "seen",     "shelf",
	                                          "restock", "shipment", "kpi"};
	struct floor *floor = calloc(1, sizeof(*floor));

	CHECK(floor != NULL);
	floor->result = result;
	(void)unlink(path);
	must(mdb_env_create(&floor->env));
	must(mdb_env_set_maxdbs(floor->env, TABLES));
	must(mdb_env_set_mapsize(floor->env, UINT64_C(4) << 30));
	must(mdb_env_open(floor->env, path, MDB_NOSUBDIR, 0600));
	must(mdb_txn_begin(floor->env, NULL, 0, &floor->txn));
	for (unsigned i = 0; i < TABLES; i++)
		must(mdb_dbi_open(floor->txn, names[i], MDB_CREATE, &floor->names[i]));
	must(mdb_txn_commit(floor->txn));
	begin(floor);
	for (uint32_t i = 0; i < SHELVES; i++) {
		floor->shelves[i].on_hand = bench_sales_opening(i % BENCH_PRODUCTS);
		put(floor, SHELF, i, &floor->shelves[i], sizeof(floor->shelves[i]), MDB_APPEND);
	}
	commit(floor);
	return floor;
}

static int64_t sum_of(const struct floor *floor)
{
	int64_t sum = (int64_t)floor->journal;

	for (uint32_t i = 0; i < SHELVES; i++)
		sum += (int64_t)(i % 97 + 1) *
		       (floor->shelves[i].on_hand + 3 * floor->shelves[i].on_order);
	for (uint32_t i = 0; i < BENCH_OUTLETS * DAYS; i++)
		sum += (int64_t)(i + 1) * (floor->measures[i].revenue + floor->measures[i].units +
		                           floor->measures[i].tickets);
	return sum;
}

/* The tills take turns, ten tickets each, as their messages arrive mixed at a door. */
static unsigned sell_all(struct floor *floor, const struct bench_sales *sales, unsigned per_commit,
                         unsigned most, double *times)
{
	struct reader readers[BENCH_TILLS];
	struct envelope envelope;
	struct ticket_sold sold;
	struct arena arena;
	unsigned done = 0, commits = 0, at_once = per_commit < 10 ? per_commit : 10;

	CHECK(arena_open(&arena, 64 << 10) == ERR_NONE);
	for (unsigned i = 0; i < BENCH_TILLS; i++)
		readers[i] = reader_of(bytes_of(sales->tills[i].bytes, sales->tills[i].used));
	begin(floor);
	double began = bench_floor_seconds();
	for (unsigned till = 0, idle = 0; done < most && idle < BENCH_TILLS;
	     till = (till + 1) % BENCH_TILLS) {
		const uint8_t *start = readers[till].at;

		idle++;
		for (unsigned i = 0; i < at_once && done < most &&
		                     bench_floor_ticket(&readers[till], &arena, &envelope, &sold);
		     i++) {
			sell(floor, till, &envelope, &sold,
			     bytes_of(start, (size_t)(readers[till].at - start)));
			start = readers[till].at;
			idle = 0;
			if (++done % per_commit != 0)
				continue;
			commit(floor);
			double now = bench_floor_seconds();
			if (commits < COMMITS_MAX)
				times[commits++] = (now - began) * 1e6;
			begin(floor);
			began = bench_floor_seconds();
		}
	}
	commit(floor);
	arena_close(&arena);
	return commits;
}

void bench_floor_commit(const struct bench_sales *sales, const char *folder, unsigned per_commit,
                        unsigned most, struct bench_floor_commits *result)
{
	double *times = calloc(COMMITS_MAX, sizeof(*times));
	char path[4200], lock[4210];
	struct stat status, before;

	*result = (struct bench_floor_commits){0};
	CHECK(times != NULL);
	snprintf(path, sizeof(path), "%s/floor.mdb", folder);
	snprintf(lock, sizeof(lock), "%s-lock", path);
	struct floor *floor = open_floor(path, result);
	CHECK(stat(path, &before) == 0);
	double began = bench_floor_seconds(), cpu = bench_floor_cpu_seconds();
	unsigned commits = sell_all(floor, sales, per_commit, most, times);
	result->per_s = most / (bench_floor_seconds() - began);
	result->cpu_s_per_100k = (bench_floor_cpu_seconds() - cpu) / most * 1e5;
	result->commit_us_p50 = commits > 0 ? bench_floor_share(times, commits, 0.5) : 0;
	result->commit_us_p99 = commits > 0 ? bench_floor_share(times, commits, 0.99) : 0;
	result->checksum = sum_of(floor);
	CHECK(stat(path, &status) == 0);
	result->kept_bytes = (double)(status.st_blocks - before.st_blocks) * 512 / most;
	mdb_env_close(floor->env);
	(void)unlink(path);
	(void)unlink(lock);
	free(floor);
	free(times);
}
