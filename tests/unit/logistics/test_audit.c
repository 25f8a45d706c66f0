/*
 * Goal: whatever is asked for, there or not there, confirmed or not, the truths of logistics hold; broken
 * on purpose, the audit says so. Method: seeded hours of a small network (restocks, scarce supply,
 * cancelled wants, confirmations right and wrong) through the real engine; the audit over the outcome, then
 * over the outcome with one row changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "events/clock.h"
#include "events/inventory.h"
#include "events/logistics.h"
#include "events/partners.h"
#include "events/warehouses.h"
#include "kernel/tools.h"
#include "state.h"
#include "../stage/stage.h"

#define OUTLETS 5
#define SKUS 4

int logistics_main(int argc, char **argv);

static const char *const outlets[OUTLETS] = {"S1", "S2", "S3", "S4", "S5"};
static const char *const skus[SKUS] = {"A", "B", "C", "D"};

struct world {
	struct stage stage;
	uint64_t seed;
	uint64_t restocks;
	struct {
		uint64_t number;
		char outlet[CODE_SIZE];
	} shipments[16];                                              /* planned last */
	uint32_t planned, shared, received, refused, rounds, delayed; /* events heard */
	int64_t on_hand[SKUS];
};

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->seed, below);
}

static void world_open(struct world *world, const struct service *service, const char *dir, uint64_t seed,
                       uint32_t turn_size)
{
	*world = (struct world){.seed = seed};
	stage_open(&world->stage, service, dir);
	world->stage.turn_size = turn_size;
	stage_hear(&world->stage, "staff", &carrier_declared_type,
	           &(struct carrier_declared){.carrier = TEXT_LITERAL("C"),
	                                      .name = TEXT_LITERAL("c"),
	                                      .capacity = {20000},
	                                      .cost_per_stop = {100},
	                                      .cost_per_km = {10},
	                                      .currency = TEXT_LITERAL("GBP"),
	                                      .speed = 60,
	                                      .version = 1});
	stage_hear(&world->stage, "staff", &warehouse_declared_type,
	           &(struct warehouse_declared){.warehouse = TEXT_LITERAL("W"),
	                                        .name = TEXT_LITERAL("w"),
	                                        .has_latitude = true,
	                                        .latitude = 515000000,
	                                        .has_longitude = true,
	                                        .longitude = 0,
	                                        .version = 1});
	for (int i = 0; i < OUTLETS; i++) {
		stage_hear(&world->stage, "staff", &outlet_declared_type,
		           &(struct outlet_declared){.outlet = text_of(outlets[i]),
		                                     .name = TEXT_LITERAL("s"),
		                                     .tier = 1,
		                                     .kind = TEXT_LITERAL("own_store"),
		                                     .currency = TEXT_LITERAL("GBP"),
		                                     .has_latitude = true,
		                                     .latitude = 515000000 + i * i * 300000,
		                                     .has_longitude = true,
		                                     .longitude = (i % 2 ? 1 : -1) * i * 200000,
		                                     .version = 1});
		if (i > 0) /* nothing leads to the first outlet */
			stage_hear(&world->stage, "staff", &lane_declared_type,
			           &(struct lane_declared){.lane = text_of(outlets[i]),
			                                   .from = TEXT_LITERAL("W"),
			                                   .to = text_of(outlets[i]),
			                                   .lead_time = 60,
			                                   .currency = TEXT_LITERAL("GBP"),
			                                   .version = 1});
	}
}

static void somebody_asks(struct world *world)
{
	char number[24];
	struct restock_requested wanted = {.from = TEXT_LITERAL("W"),
	                                   .policy = TEXT_LITERAL("computed"),
	                                   .cause_event = TEXT_LITERAL("orders#1")};

	/* Numbers are drawn one per statement: the order inside an initializer is the compiler's. */
	wanted.place = text_of(outlets[pick(world, OUTLETS)]);
	wanted.sku = text_of(skus[pick(world, SKUS)]);
	wanted.quantity.milli = 1000 * (int64_t)(pick(world, 9) + 1);
	snprintf(number, sizeof(number), "R-%llu", (unsigned long long)++world->restocks);
	wanted.restock = text_of(number);
	stage_hear(&world->stage, "inventory-feed", &restock_requested_type, &wanted);
}

static void somebody_thinks_better(struct world *world)
{
	char number[24];
	struct restock_cancelled gone = {.place = TEXT_LITERAL("S1"),
	                                 .sku = TEXT_LITERAL("A"),
	                                 .quantity = {1},
	                                 .reason = TEXT_LITERAL("order withdrawn")};

	snprintf(number, sizeof(number), "R-%llu", (unsigned long long)pick(world, world->restocks + 1));
	gone.restock = text_of(number);
	stage_hear(&world->stage, "inventory-feed", &restock_cancelled_type, &gone);
}

static void supply_moves(struct world *world, uint64_t sku, int64_t delta, const char *reason)
{
	struct supply_changed_line line = {.sku = text_of(skus[sku]), .delta = {delta}};
	struct supply_changed changed = {.warehouse = TEXT_LITERAL("W"), .reason = text_of(reason)};

	world->on_hand[sku] += delta;
	line.on_hand.milli = world->on_hand[sku];
	changed.lines.items = &line;
	changed.lines.count = 1;
	stage_hear(&world->stage, "inventory-feed", &supply_changed_type, &changed);
}

static void somebody_fills(struct world *world)
{
	uint64_t sku = pick(world, SKUS - 1);
	int64_t delta = (int64_t)pick(world, 40) * 1000;

	supply_moves(world, sku, delta, pick(world, 2) ? "receipt" : "count");
}

/* What logistics has said meanwhile; what has left the warehouse comes back as a lower balance, as from
   inventory. */
static void world_listens(struct world *world)
{
	const struct event_type *type;
	const void *event;

	while (stage_said(&world->stage, &type, &event)) {
		world->shared += type == &allocation_decided_type;
		world->received += type == &shipment_received_type;
		world->refused += type == &confirmation_refused_type;
		world->rounds += type == &route_planned_type;
		world->delayed += type == &shipment_delayed_type;
		if (type == &shipment_planned_type) {
			uint32_t at = world->planned++ % 16;

			world->shipments[at].number = world->stage.said;
			CODE_PUT(world->shipments[at].outlet,
			         ((const struct shipment_planned *)event)->outlet);
		} else if (type == &shipment_dispatched_type) {
			const struct shipment_dispatched *gone = event;
			int64_t moved[SKUS] = {0};

			for (uint32_t i = 0; i < gone->lines.count; i++)
				moved[gone->lines.items[i].sku.data[0] - 'A'] +=
				    gone->lines.items[i].quantity.milli;
			for (uint64_t i = 0; i < SKUS; i++)
				if (moved[i] > 0)
					supply_moves(world, i, -moved[i], "transfer");
		}
	}
}

/* Somebody confirms something of some shipment; most of it fits, some does not. */
static void somebody_confirms(struct world *world)
{
	char number[24];
	uint64_t at = pick(world, 16), step = pick(world, 4);
	struct text warehouse = pick(world, 20) ? TEXT_LITERAL("W") : TEXT_LITERAL("V");
	struct text outlet = pick(world, 20) && world->shipments[at].number != 0
	                         ? CODE_TEXT(world->shipments[at].outlet)
	                         : TEXT_LITERAL("S1");

	snprintf(number, sizeof(number), "S-%llu", (unsigned long long)world->shipments[at].number);
	struct text shipment = text_of(number);
	if (step == 0) {
		stage_hear(&world->stage, "wms", &pick_confirmed_type,
		           &(struct pick_confirmed){.shipment = shipment, .warehouse = warehouse});
	} else if (step == 1) {
		struct dispatch_confirmed dispatch = {
		    .shipment = shipment, .warehouse = warehouse, .has_lines = pick(world, 8) == 0};

		stage_hear(&world->stage, "wms", &dispatch_confirmed_type,
		           &dispatch); /* with lines: nothing was loaded */
	} else if (step == 2) {
		stage_hear(&world->stage, "wms", &delivery_confirmed_type,
		           &(struct delivery_confirmed){.shipment = shipment, .outlet = outlet});
	} else {
		stage_hear(&world->stage, "wms", &receipt_confirmed_type,
		           &(struct receipt_confirmed){.shipment = shipment, .outlet = outlet});
	}
}

static void world_run(struct world *world, int steps)
{
	for (int i = 0; i < steps; i++) {
		world->stage.time_us += 41 * US_PER_SECOND;
		switch (pick(world, 12)) {
		case 0:
			somebody_fills(world);
			break;
		case 1:
			if (pick(world, 4) == 0)
				somebody_thinks_better(world);
			break;
		case 2:
			world_listens(world);
			break;
		case 3:
		case 4:
		case 5:
		case 6:
			somebody_confirms(world);
			break;
		default:
			somebody_asks(world);
		}
	}
	world_listens(world);
}

static void test_the_truths_hold_whatever_happens(void **state)
{
	static struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 5; seed++) {
		stage_folder(dir);
		world_open(&world, *state, dir, seed * 104729, 50);
		world_run(&world, 2500);
		assert_in_range(world.planned, 100, 100000); /* the run was worth its time */
		assert_in_range(world.shared, 5, 100000);
		assert_in_range(world.received, 20, 100000);
		assert_in_range(world.refused, 100, 100000);
		assert_in_range(world.rounds, 20, 100000);
		assert_in_range(world.delayed, 5, 100000);
		stage_close(&world.stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_the_cut_of_turns_changes_nothing(void **state)
{
	static struct world world;
	uint64_t hash = 0;

	for (uint32_t size = 1; size <= 97; size += 32) {
		world_open(&world, *state, NULL, 4711, size);
		world_run(&world, 1500);
		hash = hash == 0 ? stage_hash(&world.stage) : hash;
		assert_true(hash == stage_hash(&world.stage));
		stage_close(&world.stage);
	}
}

/* R3: A wave that holds WAVE_RESTOCKS_MAX restocks is planned at once. */
static void test_a_full_wave_is_planned_at_once(void **state)
{
	static struct world world;

	world_open(&world, *state, NULL, 1, 1);
	for (uint32_t i = 0; i < WAVE_RESTOCKS_MAX; i++) {
		char number[24];
		struct restock_requested wanted = {.place = TEXT_LITERAL("S2"),
		                                   .sku = TEXT_LITERAL("A"),
		                                   .quantity = {1},
		                                   .from = TEXT_LITERAL("W"),
		                                   .policy = TEXT_LITERAL("computed"),
		                                   .cause_event = TEXT_LITERAL("orders#1")};

		world_listens(&world);
		assert_int_equal(world.planned, 0);
		snprintf(number, sizeof(number), "R-%u", i);
		wanted.restock = text_of(number);
		stage_hear(&world.stage, "inventory-feed", &restock_requested_type, &wanted);
	}
	world_listens(&world);
	assert_int_equal(world.planned, 1);
	assert_int_equal(world.rounds, 1);
	stage_close(&world.stage);
}

/* One restock of one outlet of its own, too little of it to go round, at a warehouse of `name`. */
static void distant_outlet_asks(struct world *world, const char *name, uint32_t i)
{
	char number[40], outlet[33], lane[33];
	struct restock_requested wanted = {.sku = TEXT_LITERAL("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"),
	                                   .quantity = {19000},
	                                   .from = text_of(name),
	                                   .policy = TEXT_LITERAL("computed"),
	                                   .cause_event = TEXT_LITERAL("orders#1")};

	snprintf(number, sizeof(number), "RESTOCK-OF-A-LONG-NAME-%s-%06u", name, i);
	snprintf(outlet, sizeof(outlet), "OUTLET-OF-A-LONG-NAME-%s-%06u", name, i);
	snprintf(lane, sizeof(lane), "LANE-OF-A-LONG-NAME-%s-%06u", name, i);
	wanted.restock = text_of(number);
	wanted.place = text_of(outlet);
	stage_hear(&world->stage, "staff", &lane_declared_type,
	           &(struct lane_declared){.lane = text_of(lane),
	                                   .from = text_of(name),
	                                   .to = text_of(outlet),
	                                   .lead_time = 60,
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .version = 1});
	stage_hear(&world->stage, "staff", &outlet_declared_type,
	           &(struct outlet_declared){.outlet = text_of(outlet),
	                                     .name = TEXT_LITERAL("s"),
	                                     .tier = 1,
	                                     .kind = TEXT_LITERAL("own_store"),
	                                     .currency = TEXT_LITERAL("GBP"),
	                                     .has_latitude = true,
	                                     .latitude = 515000000 + (int64_t)(i * 7919 % 1000) * 9000,
	                                     .has_longitude = true,
	                                     .longitude = (int64_t)(i * 104729 % 1000) * 9000,
	                                     .version = 1});
	stage_hear(&world->stage, "inventory-feed", &restock_requested_type, &wanted);
}

/* The memory of a turn holds the largest plans that one input may set off. */
static void test_the_largest_waves_are_planned_by_one_tick(void **state)
{
	static const char *const warehouses[] = {"W1", "W2", "W3", "W4"};
	static struct world world;

	world_open(&world, *state, NULL, 1, 1000);
	for (uint32_t w = 0; w < 4; w++) {
		struct supply_changed_line line = {.sku = TEXT_LITERAL("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"),
		                                   .delta = {9000000},
		                                   .on_hand = {9000000}};
		struct supply_changed counted = {.warehouse = text_of(warehouses[w]),
		                                 .reason = TEXT_LITERAL("count")};

		counted.lines.items = &line;
		counted.lines.count = 1;
		stage_hear(&world.stage, "inventory-feed", &supply_changed_type, &counted);
		for (uint32_t i = 1; i < WAVE_RESTOCKS_MAX; i++)
			distant_outlet_asks(&world, warehouses[w], i);
	}
	/* The hour is heard before the tick that a script sends: two ticks, three waves and the fourth. */
	world.stage.time_us += US_PER_HOUR;
	stage_hear(&world.stage, "script-clock", &clock_ticked_type,
	           &(struct clock_ticked){.time = world.stage.time_us});
	world_listens(&world);
	assert_int_equal(world.shared, 4);
	assert_int_equal(world.planned, 4 * (WAVE_RESTOCKS_MAX - 1));
	stage_close(&world.stage);
}

/* struct row -- a row of a table, to be changed as a bug would: breaks returns false for one that it leaves
   alone. */
struct row {
	unsigned table;
	size_t size;
	bool (*breaks)(void *row);
};

static bool break_planned(void *row)
{
	((struct restock *)row)->planned.milli += 1000;
	return true;
}

static bool break_asked(void *row)
{
	((struct restock *)row)->asked.milli -= 500;
	return !((struct restock *)row)
	            ->cancelled; /* what was left of a cancelled one is nobody's any more */
}

static bool break_pending(void *row)
{
	((struct pending *)row)->quantity.milli += 1;
	return true;
}

static bool break_line(void *row)
{
	((struct line *)row)->arrived.milli = ((struct line *)row)->planned.milli + 1;
	return true;
}

static bool break_dispatched(void *row)
{
	((struct line *)row)->dispatched.milli = ((struct line *)row)->planned.milli + 1;
	return true;
}

static bool break_damaged(void *row)
{
	((struct line *)row)->damaged.milli = ((struct line *)row)->arrived.milli + 1;
	return true;
}

static bool break_undamaged(void *row)
{
	((struct line *)row)->damaged.milli = -1;
	return true;
}

static void tamper(const struct service *service, const char *dir, const struct row *row)
{
	struct stage stage;
	uint8_t copy[256], name[KEY_SIZE + 1];
	struct bytes key = {name, 0}, found;
	size_t size = 0;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	do {
		found = store_seek(engine_store(stage.engine), KERNEL_TABLES + row->table,
		                   bytes_of(name, size), &key);
		assert_int_equal(found.size, row->size);
		memcpy(copy, found.data, found.size);
		memcpy(name, key.data, key.size);
		name[key.size] = 0; /* where the next look begins */
		size = key.size + 1;
	} while (!row->breaks(copy));
	store_put(engine_store(stage.engine), KERNEL_TABLES + row->table, bytes_of(name, size - 1),
	          bytes_of(copy, row->size));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_changed_row_is_found(void **state)
{
	static const struct row rows[] = {{TABLE_RESTOCK, sizeof(struct restock), break_planned},
	                                  {TABLE_RESTOCK, sizeof(struct restock), break_asked},
	                                  {TABLE_PENDING, sizeof(struct pending), break_pending},
	                                  {TABLE_LINE, sizeof(struct line), break_line},
	                                  {TABLE_LINE, sizeof(struct line), break_dispatched},
	                                  {TABLE_LINE, sizeof(struct line), break_damaged},
	                                  {TABLE_LINE, sizeof(struct line), break_undamaged}};
	static struct world world;
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stage_folder(dir);
		world_open(&world, *state, dir, 31337, 50);
		world_run(&world, 600);
		stage_close(&world.stage);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, &rows[i]);
		assert_in_range(stage_check(*state, dir), 1, 2);
		stage_folder_remove(dir, *state);
	}
}

static void test_a_row_that_cannot_be_read_is_found(void **state)
{
	static const struct line line = {.restock = "R-1"};
	static const struct restock nobodys = {.asked = {1000}};
	static const struct restock more = {.asked = {1000}, .planned = {2000}};
	static const struct {
		unsigned table;
		const char *key;
		size_t key_size;
		const void *value;
		size_t size;
		const char *says;
	} rows[] = {
	    {TABLE_PENDING, "W\0S1\0R-9", 8, "abc", 3, "pending: a row of 3 bytes"},
	    {TABLE_WAITING, "W\0A\0S1\0R-9", 10, "abc", 3, "waiting: a row of 3 bytes"},
	    {TABLE_RESTOCK, "R-999999", 8, "abc", 3, "restock: a row of 3 bytes"},
	    {TABLE_RESTOCK, "R-999999", 8, &nobodys, sizeof(nobodys), "restock R-999999: of 1000 asked 0 is in shipments and 0 is queued"},
	    {TABLE_RESTOCK, "R-999999", 8, &more, sizeof(more), "restock R-999999: 0 is in shipments, 1000 was asked, 2000 is written down"},
	    {TABLE_LINE, "abc", 3, &line, sizeof(line), "line: a key of 3 bytes"},
	};
	static struct world world;
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stage_folder(dir);
		world_open(&world, *state, dir, 31337, 50);
		if (i % 2 == 0)
			world_run(&world, 600); /* and where nothing has happened yet */
		stage_close(&world.stage);
		stage_write(*state, dir, rows[i].table, bytes_of(rows[i].key, rows[i].key_size),
		            bytes_of(rows[i].value, rows[i].size));
		assert_true(stage_check_says(*state, dir, rows[i].says));
		stage_folder_remove(dir, *state);
	}
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(logistics_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_truths_hold_whatever_happens),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_full_wave_is_planned_at_once),
	    cmocka_unit_test(test_the_largest_waves_are_planned_by_one_tick),
	    cmocka_unit_test(test_a_changed_row_is_found),
	    cmocka_unit_test(test_a_row_that_cannot_be_read_is_found),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
