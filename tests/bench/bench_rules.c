/*
 * bench_rules.c -- what it costs to judge shelves anew when a rule of the master data changes: inventory itself, on a store on disk.
 *
 * usage: bench_rules FOLDER [OUTLETS SKUS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/error.h"
#include "events/orders.h"
#include "events/partners.h"
#include "inventory.h"
#include "judge.h"
#include "kernel/engine.h"

#define LINES 1000		/* of a ticket, by its schema */
#define TURN_SHELVES 200000	/* judged in one turn */
#define EVENTS_BYTES (8u << 20)
#define NOW_US INT64_C(1772355600000000)
#define EPOCH 7
#define MINUTE_US INT64_C(60000000)

struct bench {
	struct engine *engine;
	uint32_t outlets, skus;
	uint8_t *events;
	uint64_t said[2]; /* by partners and by orders */
	int64_t now_us;
};

enum { PARTNERS, ORDERS };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct text name_of(char room[16], const char *kind, uint32_t number)
{
	snprintf(room, 16, "%s-%05u", kind, number);
	return text_of(room);
}

static void hear(struct bench *bench, int source, const struct event_type *type, const void *event)
{
	static const char *const names[] = {"partners", "orders"};
	struct writer writer = writer_of(bench->events, EVENTS_BYTES);
	struct envelope envelope = {.source = text_of(names[source]), .seq = bench->said[source] + 1, .type = text_of(type->name), .time_us = NOW_US};
	struct run run = {.source = envelope.source, .epoch = EPOCH, .feed = true, .after = envelope.seq - 1, .through = envelope.seq, .count = 1};
	struct admission admission;

	envelope_write(&writer, &envelope);
	type->pack(event, &writer);
	CHECK(writer.error == ERR_NONE);
	run.events = writer_bytes(&writer);
	engine_admit(bench->engine, &run, &admission);
	CHECK(admission.state == ADMISSION_DONE && admission.admitted == 1);
	bench->said[source]++;
}

static void begin(struct bench *bench)
{
	CHECK(engine_begin(bench->engine, bench->now_us) == ERR_NONE);
}

static double commit(struct bench *bench)
{
	double began = seconds();

	CHECK(engine_commit(bench->engine) == ERR_NONE);
	return seconds() - began;
}

/* One warehouse with a lane to every outlet; every product is of one category. */
static void declare(struct bench *bench)
{
	struct outlet_declared_upstream upstream = {.has_warehouse = true, .warehouse = TEXT_LITERAL("WH")};
	char name[16], lane[16];

	begin(bench);
	hear(bench, PARTNERS, &warehouse_declared_type,
	     &(struct warehouse_declared){.warehouse = TEXT_LITERAL("WH"), .name = TEXT_LITERAL("WH"), .version = 1});
	for (uint32_t i = 0; i < bench->outlets; i++) {
		struct outlet_declared outlet = {.outlet = name_of(name, "S", i), .name = TEXT_LITERAL("S"), .tier = 2, .kind = TEXT_LITERAL("shop"),
						 .currency = TEXT_LITERAL("CNY"), .has_upstreams = true, .version = 1};

		outlet.upstreams.items = &upstream;
		outlet.upstreams.count = 1;
		hear(bench, PARTNERS, &outlet_declared_type, &outlet);
		hear(bench, PARTNERS, &lane_declared_type,
		     &(struct lane_declared){.lane = name_of(lane, "L", i), .from = TEXT_LITERAL("WH"), .to = outlet.outlet, .lead_time = 1440,
					     .cost = {100}, .currency = TEXT_LITERAL("CNY"), .version = 1});
	}
	for (uint32_t i = 0; i < bench->skus; i++)
		hear(bench, PARTNERS, &product_declared_type,
		     &(struct product_declared){.sku = name_of(name, "A", i), .name = TEXT_LITERAL("A"), .has_category = true,
						.category = TEXT_LITERAL("C"), .goods = true, .version = 1});
	(void)commit(bench);
}

static void change_rule(struct bench *bench, int64_t version)
{
	begin(bench);
	hear(bench, PARTNERS, &stock_policy_declared_type,
	     &(struct stock_policy_declared){.has_category = true, .category = TEXT_LITERAL("C"), .reorder_point = {-1000000 - version},
					     .order_up_to = {1000 * version}, .version = version});
	(void)commit(bench);
}

/* Every shelf moves once, tickets of LINES shelves. Returns the seconds of the handlers; those of the commits in *committing. */
static double touch_all(struct bench *bench, double *committing)
{
	static struct sale_recorded_line lines[LINES];
	static char names[LINES][16];
	double judging = 0;
	char outlet[16];

	*committing = 0;
	begin(bench);
	for (uint32_t i = 0, judged = 0; i < bench->outlets; i++)
		for (uint32_t from = 0; from < bench->skus; from += LINES) {
			struct sale_recorded sale = {.outlet = name_of(outlet, "S", i), .terminal = TEXT_LITERAL("T"), .receipt = TEXT_LITERAL("R"),
						     .currency = TEXT_LITERAL("CNY"), .day = TEXT_LITERAL("2026-03-01"), .tier = 2};
			uint32_t count = bench->skus - from < LINES ? bench->skus - from : LINES;

			for (uint32_t line = 0; line < count; line++)
				lines[line] = (struct sale_recorded_line){.sku = name_of(names[line], "A", from + line), .quantity = {1000}};
			sale.lines.items = lines;
			sale.lines.count = count;
			double began = seconds();
			hear(bench, ORDERS, &sale_recorded_type, &sale);
			judging += seconds() - began;
			judged += count;
			if (judged >= TURN_SHELVES) {
				*committing += commit(bench);
				begin(bench);
				judged = 0;
			}
		}
	*committing += commit(bench);
	return judging;
}

/*
 * Nothing moves, but business time does: the round over the shelves, tick by tick. A tick has nothing more to do when it is over; one more
 * shows what that costs.
 */
static double judge_all(struct bench *bench, double *committing)
{
	uint64_t shelves = (uint64_t)bench->outlets * bench->skus;
	double judging = 0;

	*committing = 0;
	for (uint64_t seen = 0; seen <= shelves; seen += JUDGED_PER_TICK) {
		bench->now_us += 2 * MINUTE_US;
		begin(bench);
		double began = seconds();
		CHECK(engine_tick(bench->engine));
		judging += seconds() - began;
		*committing += commit(bench);
	}
	return judging;
}

static void print(const struct bench *bench, const char *what, double judging, double committing)
{
	double shelves = (double)bench->outlets * bench->skus;

	printf("%-46s %8.0f shelves: %8.1f ms in the handlers, %8.1f ms in commits; %.2f us a shelf\n", what, shelves, judging * 1e3,
	       committing * 1e3, (judging + committing) / shelves * 1e6);
}

static void print_memory(void)
{
	struct rusage usage;

	CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
	printf("most memory: %ld MiB\n", usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	static struct service inventory = {.name = "inventory", .routes = inventory_routes, .tables = inventory_tables, .table_count = TABLE_COUNT,
					   .settings = inventory_settings, .setting_count = SETTING_COUNT, .follows = inventory_follows};
	struct engine_options options = {.map_bytes = UINT64_C(256) << 20, .map_bytes_max = UINT64_C(8) << 30, .now_us = NOW_US};
	struct bench bench = {.now_us = NOW_US,
			      .outlets = argc > 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 15,
			      .skus = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1000};
	double committing, judging;

	if (argc < 2 || bench.outlets < 1 || bench.skus < 1 || bench.outlets > 99999 || bench.skus > 99999) {
		fprintf(stderr, "usage: bench_rules FOLDER [OUTLETS SKUS]\n");
		return 2;
	}
	options.path = argv[1];
	inventory.route_count = inventory_route_count;
	bench.events = malloc(EVENTS_BYTES);
	if (bench.events == NULL || engine_open(&bench.engine, &inventory, &options) != ERR_NONE)
		return 1;
	declare(&bench);
	change_rule(&bench, 1);
	judging = touch_all(&bench, &committing);
	print(&bench, "shelves are made", judging, committing);
	judging = touch_all(&bench, &committing);
	print(&bench, "they move, and no rule has changed", judging, committing);
	change_rule(&bench, 2);
	judging = touch_all(&bench, &committing);
	print(&bench, "they move, and the rule of their category is new", judging, committing);
	change_rule(&bench, 3);
	judging = judge_all(&bench, &committing);
	print(&bench, "they stay, and the rule of their category is new", judging, committing);
	print_memory();
	engine_close(&bench.engine);
	free(bench.events);
	return 0;
}
