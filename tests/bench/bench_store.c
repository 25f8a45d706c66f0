/*
 * bench_store.c -- what a turn costs: fdatasync beside synced commits, rows that the cache knows beside
 * rows that it does not, a large turn beside the same puts made straight into LMDB. Figures only: a
 * machine's noise fails nobody.
 *
 * usage: bench_store [folder]
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/error.h"
#include "store/store.h"

enum { STOCK, JOURNAL, INTAKE, TABLES };

static const struct table tables[TABLES] = {
	{"stock", TABLE_ROWS, ""},
	{"journal", TABLE_LOG, ""},
	{"intake", TABLE_LOG, ""},
};

struct bench {
	char folder[512];
	struct store *store;
	uint64_t seed, number;
};

struct stock {
	int64_t on_hand, in_transit, on_order, reserved;
};

static uint64_t dice(struct bench *bench)
{
	uint64_t z = (bench->seed += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(int error)
{
	if (error == ERR_NONE)
		return;
	fprintf(stderr, "failed: %s\n", error_text(error));
	exit(1);
}

static void open_store(struct bench *bench, const char *name)
{
	char path[600];
	struct store_options options = {
		.path = path, .map_bytes = 1 << 30, .map_bytes_max = UINT64_C(8) << 30};

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	must(store_open(&bench->store, &options, tables, TABLES));
	bench->number = 0;
}

static struct bytes stock_key(char room[40], uint64_t outlet, uint64_t sku)
{
	int size = snprintf(room, 40, "OUT-%03u/SKU-%05u", (unsigned)outlet, (unsigned)sku);

	return bytes_of(room, (size_t)size);
}

/* One sale: three lines, each a row read and written; one journal entry and one intake entry. */
static void one_sale(struct bench *bench)
{
	uint8_t event[195];
	char room[40];

	for (int line = 0; line < 3; line++) {
		struct stock stock = {0};
		uint64_t popular = dice(bench) % 2000 * (dice(bench) % 2000) / 2000; /* few skus sell much */
		struct bytes key = stock_key(room, dice(bench) % 20, popular);
		struct bytes row = store_get(bench->store, STOCK, key);

		if (row.size == sizeof(stock))
			memcpy(&stock, row.data, sizeof(stock));
		stock.on_hand -= 1000;
		store_put(bench->store, STOCK, key, bytes_of(&stock, sizeof(stock)));
	}
	memset(event, (int)(bench->number % 251), sizeof(event));
	store_append(bench->store, JOURNAL, ++bench->number, bytes_of(event, sizeof(event)));
	store_append(bench->store, INTAKE, bench->number, bytes_of(event, 24));
}

static void bench_turns(struct bench *bench, unsigned per_turn, unsigned sales)
{
	struct store_usage usage;
	double began = seconds(), cpu = cpu_seconds();

	for (unsigned done = 0; done < sales; done += per_turn) {
		must(store_begin(bench->store));
		for (unsigned i = 0; i < per_turn; i++)
			one_sale(bench);
		must(store_commit(bench->store));
	}
	double took = seconds() - began;
	store_usage(bench->store, &usage);
	printf("%5u sales per commit: %9.0f sales/s, %7.0f commits/s; %6.2f us CPU and %4.0f bytes a sale\n",
	       per_turn, sales / took, sales / (double)per_turn / took, (cpu_seconds() - cpu) * 1e6 / sales,
	       (double)usage.used_bytes / (double)bench->number);
}

static void bench_fdatasync(struct bench *bench)
{
	char path[600], block[4096] = {0};
	const int count = 300;

	snprintf(path, sizeof(path), "%s/plain", bench->folder);
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	double began = seconds();
	for (int i = 0; i < count; i++)
		if (pwrite(file, block, sizeof(block), 0) != sizeof(block) || fdatasync(file) != 0)
			exit(1);
	printf("fdatasync of one page: %.0f us\n", (seconds() - began) / count * 1e6);
	close(file);
}

static void bench_gets(struct bench *bench)
{
	const unsigned rows = 20000, count = 2000000;
	struct stock stock = {0};
	char room[40];
	uint64_t found = 0;

	must(store_begin(bench->store));
	for (unsigned i = 0; i < rows; i++)
		store_put(bench->store, STOCK, stock_key(room, 0, i), bytes_of(&stock, sizeof(stock)));
	must(store_commit(bench->store));
	must(store_begin(bench->store));
	double began = seconds();
	for (unsigned i = 0; i < count; i++)
		(void)stock_key(room, 0, dice(bench) % rows);
	double keys = seconds() - began;
	began = seconds();
	for (unsigned i = 0; i < count; i++)
		found += store_get(bench->store, STOCK, stock_key(room, 0, dice(bench) % rows)).size;
	double hits = seconds() - began - keys;
	began = seconds();
	for (unsigned i = 0; i < rows; i++)
		found += store_get(bench->store, STOCK, stock_key(room, 1, i)).size; /* absent */
	double misses = seconds() - began - keys * rows / count;
	store_abort(bench->store);
	printf("get: %.0f ns known, %.0f ns the first time (%llu)\n", hits / count * 1e9, misses / rows * 1e9,
	       (unsigned long long)found % 10);
}

static void bench_seeks(struct bench *bench)
{
	const unsigned count = 20000;
	char room[40];
	struct bytes found;

	must(store_begin(bench->store));
	double began = seconds();
	for (unsigned i = 0; i < count; i++) { /* every seek meets a change that is not in order yet */
		struct stock stock = {.on_hand = (int64_t)i};

		struct bytes key = stock_key(room, 2, dice(bench) % 3000);
		store_put(bench->store, STOCK, key, bytes_of(&stock, sizeof(stock)));
		(void)store_seek(bench->store, STOCK, stock_key(room, 2, dice(bench) % 3000), &found);
	}
	printf("put and seek in a turn with 3000 changes: %.0f ns\n", (seconds() - began) / count * 1e9);
	store_abort(bench->store);
}

static void bench_views(struct bench *bench)
{
	const unsigned count = 200000;
	struct view view;
	char room[40];

	double began = seconds();
	for (unsigned i = 0; i < count; i++) {
		must(view_open(&view, bench->store));
		(void)view_get(&view, STOCK, stock_key(room, 0, i % 20000));
		view_close(&view);
	}
	printf("view opened, one row, closed: %.0f ns\n", (seconds() - began) / count * 1e9);
}

/*
 * A turn of 3000 rows and 8000 entries: through the store, then the same bytes put by hand in the best
 * order.
 */
static double large_turn(struct bench *bench, uint8_t event[195])
{
	struct stock stock = {0};
	char room[40];
	double began = seconds();

	must(store_begin(bench->store));
	for (unsigned i = 0; i < 3000; i++) {
		stock.on_hand = (int64_t)bench->number;
		struct bytes key = stock_key(room, dice(bench) % 20, dice(bench) % 2000);
		(void)store_get(bench->store, STOCK, key);
		store_put(bench->store, STOCK, key, bytes_of(&stock, sizeof(stock)));
	}
	for (unsigned i = 0; i < 8000; i++)
		store_append(bench->store, JOURNAL, ++bench->number, bytes_of(event, 195));
	must(store_commit(bench->store));
	return seconds() - began;
}

static int compare_numbers(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static double large_turn_by_hand(struct bench *bench, MDB_env *env, const MDB_dbi names[2],
				 uint8_t event[199])
{
	uint64_t picks[3000];
	struct stock stock = {.on_hand = (int64_t)bench->number};
	MDB_txn *txn;
	MDB_cursor *cursor;
	char room[40];
	uint8_t number[8];

	for (unsigned i = 0; i < 3000; i++)
		picks[i] = dice(bench) % 20 * 100000 + dice(bench) % 2000;
	qsort(picks, 3000, sizeof(picks[0]), compare_numbers);
	double began = seconds();
	mdb_txn_begin(env, NULL, 0, &txn);
	mdb_cursor_open(txn, names[0], &cursor);
	for (unsigned i = 0; i < 3000; i++) {
		struct bytes key = stock_key(room, picks[i] / 100000, picks[i] % 100000);
		MDB_val k = {key.size, room}, v = {sizeof(stock), &stock};

		mdb_cursor_put(cursor, &k, &v, 0);
	}
	mdb_cursor_close(cursor);
	mdb_cursor_open(txn, names[1], &cursor);
	for (unsigned i = 0; i < 8000; i++) {
		put_u64_be(number, ++bench->number);
		MDB_val k = {sizeof(number), number}, v = {199, event};

		mdb_cursor_put(cursor, &k, &v, MDB_APPEND);
	}
	mdb_cursor_close(cursor);
	if (mdb_txn_commit(txn) != 0)
		exit(1);
	return seconds() - began;
}

static void bench_large_turns(struct bench *bench)
{
	static uint8_t event[199];
	const unsigned turns = 30;
	char path[600];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi names[2];
	double through = 0, by_hand = 0, cpu[2] = {0, 0};

	snprintf(path, sizeof(path), "%s/by-hand.mdb", bench->folder);
	mdb_env_create(&env);
	mdb_env_set_maxdbs(env, 2);
	mdb_env_set_mapsize(env, 1 << 30);
	if (mdb_env_open(env, path, MDB_NOSUBDIR, 0600) != 0)
		exit(1);
	mdb_txn_begin(env, NULL, 0, &txn);
	mdb_dbi_open(txn, "rows", MDB_CREATE, &names[0]);
	mdb_dbi_open(txn, "log", MDB_CREATE, &names[1]);
	mdb_txn_commit(txn);
	open_store(bench, "large");
	for (unsigned i = 0; i < turns; i++) { /* by turns, so that both meet the same neighbours */
		double before = cpu_seconds();
		through += large_turn(bench, event);
		cpu[0] += cpu_seconds() - before;
	}
	store_close(&bench->store);
	bench->number = 0;
	for (unsigned i = 0; i < turns; i++) {
		double before = cpu_seconds();
		by_hand += large_turn_by_hand(bench, env, names, event);
		cpu[1] += cpu_seconds() - before;
	}
	mdb_env_close(env);
	printf("turn of 3000 rows and 8000 entries: %.2f ms (%.2f CPU), by hand in LMDB %.2f ms (%.2f CPU)\n",
	       through / turns * 1e3, cpu[0] / turns * 1e3, by_hand / turns * 1e3, cpu[1] / turns * 1e3);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	struct bench bench = {.seed = 1};

	snprintf(bench.folder, sizeof(bench.folder), "%s/bench-store-XXXXXX", argc > 1 ? argv[1] : "/tmp");
	if (mkdtemp(bench.folder) == NULL)
		return 1;
	bench_fdatasync(&bench);
	open_store(&bench, "turns");
	bench_turns(&bench, 1, 500);
	bench_turns(&bench, 10, 5000);
	bench_turns(&bench, 100, 50000);
	bench_turns(&bench, 1000, 200000);
	store_close(&bench.store);
	open_store(&bench, "gets");
	bench_gets(&bench);
	bench_seeks(&bench);
	bench_views(&bench);
	store_close(&bench.store);
	bench_large_turns(&bench);
	(void)nftw(bench.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
