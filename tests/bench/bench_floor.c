/*
 * bench_floor.c -- figures of this machine as one JSON object: fdatasync, LMDB, ZeroMQ, decoding.
 *
 * usage: bench_floor FOLDER [SALES]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_floor.h"

#include "base/error.h"

#define PAGE 4096
#define PAGES 1024
#define SYNCS 500
#define SINGLES 500

double bench_floor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double bench_floor_cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_times(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double bench_floor_share(double *times, unsigned count, double share)
{
	unsigned index = (unsigned)(share * count);

	qsort(times, count, sizeof(*times), compare_times);
	return times[index < count ? index : count - 1];
}

bool bench_floor_ticket(struct reader *reader, struct arena *arena, struct envelope *envelope,
                        struct ticket_sold *sold)
{
	if (reader->at == reader->end)
		return false;
	envelope_read(reader, envelope);
	struct reader data = reader_of(envelope->data);
	arena_reset(arena);
	CHECK(ticket_sold_type.unpack(sold, &data, arena) == ERR_NONE);
	return true;
}

/* Pages that exist already are overwritten, as in a log that is not growing: the cheapest sync
 * there is. */
static void floor_sync(const char *folder)
{
	static char page[PAGE];
	double times[SYNCS];
	char path[4200];

	snprintf(path, sizeof(path), "%s/floor.pages", folder);
	int file = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
	for (unsigned i = 0; i < PAGES; i++)
		CHECK(pwrite(file, page, PAGE, (off_t)i * PAGE) == PAGE);
	CHECK(fsync(file) == 0);
	double began = bench_floor_seconds();
	for (unsigned i = 0; i < SYNCS; i++) {
		double before = bench_floor_seconds();

		memset(page, (int)i, sizeof(page));
		CHECK(pwrite(file, page, PAGE, (off_t)(i % PAGES) * PAGE) == PAGE &&
		      fdatasync(file) == 0);
		times[i] = (bench_floor_seconds() - before) * 1e6;
	}
	double took = bench_floor_seconds() - began;
	close(file);
	unlink(path);
	printf("\"floor_fdatasync_per_s\":%.1f,\"floor_fdatasync_us_p50\":%.1f,", SYNCS / took,
	       bench_floor_share(times, SYNCS, 0.5));
	printf("\"floor_fdatasync_us_p99\":%.1f,", bench_floor_share(times, SYNCS, 0.99));
}

static void floor_decode(const struct bench_sales *sales)
{
	struct envelope envelope;
	struct ticket_sold sold;
	struct arena arena;
	uint64_t count = 0, lines = 0;

	CHECK(arena_open(&arena, 64 << 10) == ERR_NONE);
	double began = bench_floor_seconds();
	for (unsigned i = 0; i < BENCH_TILLS; i++) {
		struct reader reader =
		    reader_of(bytes_of(sales->tills[i].bytes, sales->tills[i].used));

		for (; bench_floor_ticket(&reader, &arena, &envelope, &sold); count++)
			lines += sold.lines.count;
	}
	double took = bench_floor_seconds() - began;
	CHECK(count == sales->count && lines >= count);
	arena_close(&arena);
	printf("\"floor_decode_per_s\":%.0f,\"lines_per_sale\":%.3f,", (double)count / took,
	       (double)lines / (double)count);
}

static void floor_commits(const struct bench_sales *sales, const char *folder)
{
	struct bench_floor_commits one, hundred, thousand;

	bench_floor_commit(sales, folder, 1, SINGLES, &one);
	bench_floor_commit(sales, folder, 100, sales->count / 4, &hundred);
	bench_floor_commit(sales, folder, 1000, sales->count, &thousand);
	printf("\"floor_commit_us_p50\":%.1f,\"floor_commit_us_p99\":%.1f,", one.commit_us_p50,
	       one.commit_us_p99);
	printf("\"floor_lmdb_1_per_s\":%.0f,\"floor_lmdb_100_per_s\":%.0f,\"floor_lmdb_1000_per_"
	       "s\":%.0f,",
	       one.per_s, hundred.per_s, thousand.per_s);
	printf("\"floor_cpu_s_per_100k\":%.4f,\"floor_kept_bytes_per_sale\":%.1f,",
	       thousand.cpu_s_per_100k, thousand.kept_bytes);
	printf("\"floor_refused\":%llu,\"floor_restocks\":%llu,\"floor_shipments\":%llu,\"floor_"
	       "checksum\":\"%lld\",",
	       (unsigned long long)thousand.refused, (unsigned long long)thousand.restocks,
	       (unsigned long long)thousand.shipments, (long long)thousand.checksum);
}

int main(int argc, char **argv)
{
	uint64_t said[BENCH_TILLS] = {0};
	struct bench_sales sales;
	struct bench_plan plan = {.count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200000,
	                          .seed = 1,
	                          .stamp = UINT64_C(1700000000000000),
	                          .begin_us = INT64_C(1700000000000000),
	                          .step_us = 250000,
	                          .said = said};

	if (argc < 2 || plan.count < 1000 || plan.count > 2000000) {
		fprintf(stderr, "usage: bench_floor FOLDER [SALES, 1000 to 2000000]\n");
		return 2;
	}
	if (bench_sales_make(&sales, &plan) != ERR_NONE)
		return 1;
	putchar('{');
	floor_sync(argv[1]);
	floor_commits(&sales, argv[1]);
	printf("\"floor_zmq_1_per_s\":%.0f,", bench_floor_wire(&sales, argv[1], 1, sales.count));
	printf("\"floor_zmq_100_per_s\":%.0f,",
	       bench_floor_wire(&sales, argv[1], 100, 4 * sales.count));
	floor_decode(&sales);
	printf("\"floor_sale_bytes\":%.1f}\n", (double)sales.bytes / sales.count);
	bench_sales_free(&sales);
	return 0;
}
