/*
 * Goal: whatever happens to an inventory, its truths hold; and where they are broken on purpose, the audit
 * says so. Method: seeded days of a small network (tills, counts, orders, and a carrier that loads short,
 * loses and damages goods) through the real engine; the audit over the outcome, then over the outcome with
 * one figure of one row changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/squeeze.h"
#include "events/inventory.h"
#include "events/logistics.h"
#include "events/orders.h"
#include "events/partners.h"
#include "events/warehouses.h"
#include "kernel/tools.h"
#include "procure.h"
#include "score.h"
#include "state.h"
#include "transfer.h"
#include "../stage/stage.h"

#define OUTLETS 4
#define SKUS 6
#define WANTS_MAX 4096

int inventory_main(int argc, char **argv);

static const char *const outlets[OUTLETS] = {"S1", "S2", "S3", "S4"};
static const char *const skus[SKUS] = {"A", "B", "C", "D", "E", "F"};

/* struct want -- a restock that the carrier has heard of. */
struct want {
	char restock[NUMBER_SIZE];
	char place[CODE_SIZE];
	char sku[CODE_SIZE];
	int64_t left, loaded; /* not planned yet; in the shipment that is under way */
	bool gone;
};

struct world {
	struct stage stage;
	uint64_t seed;
	struct want wants[WANTS_MAX];
	uint32_t want_count;
	uint32_t restocks, fulfilled; /* heard so far */
	uint64_t shipments, orders;
};

static void world_open(struct world *world, const struct service *service, const char *dir, uint64_t seed,
                       uint32_t turn_size)
{
	*world = (struct world){.seed = seed};
	stage_open(&world->stage, service, dir);
	world->stage.turn_size = turn_size;
	stage_hear(&world->stage, "staff", &warehouse_declared_type,
	           &(struct warehouse_declared){
	               .warehouse = TEXT_LITERAL("W"), .name = TEXT_LITERAL("w"), .version = 1});
	for (int i = 0; i < OUTLETS; i++) {
		struct outlet_declared_upstream upstream = {.has_warehouse = true,
		                                            .warehouse = TEXT_LITERAL("W")};
		struct outlet_declared outlet = {.outlet = text_of(outlets[i]),
		                                 .name = TEXT_LITERAL("s"),
		                                 .tier = 1,
		                                 .kind = TEXT_LITERAL("own_store"),
		                                 .currency = TEXT_LITERAL("GBP"),
		                                 .has_upstreams = true,
		                                 .version = 1};

		outlet.upstreams.items = &upstream;
		outlet.upstreams.count = 1;
		stage_hear(&world->stage, "staff", &outlet_declared_type, &outlet);
		stage_hear(&world->stage, "staff", &lane_declared_type,
		           &(struct lane_declared){.lane = text_of(outlets[i]),
		                                   .from = TEXT_LITERAL("W"),
		                                   .to = text_of(outlets[i]),
		                                   .lead_time = 60,
		                                   .currency = TEXT_LITERAL("GBP"),
		                                   .version = 1});
	}
	for (int i = 0; i < SKUS; i++)
		stage_hear(&world->stage, "staff", &product_declared_type,
		           &(struct product_declared){.sku = text_of(skus[i]),
		                                      .name = TEXT_LITERAL("p"),
		                                      .goods = true,
		                                      .has_pack = i % 2 == 1,
		                                      .pack = {3000},
		                                      .version = 1});
}

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->seed, below);
}

/* Numbers are drawn one per statement: the order inside an initializer is the compiler's. */
static struct text any_sku(struct world *world)
{
	return text_of(skus[pick(world, SKUS)]);
}

static struct quantity some(struct world *world)
{
	int64_t whole = (int64_t)pick(world, 5), quarters = (int64_t)pick(world, 2);

	return quantity_of(whole * 1000 + quarters * 250);
}

static void till_sells(struct world *world, const char *day)
{
	struct sale_recorded_line lines[4] = {{.sku = {0}}};
	struct sale_recorded sale = {.outlet = text_of(outlets[pick(world, OUTLETS)]),
	                             .terminal = TEXT_LITERAL("t"),
	                             .receipt = TEXT_LITERAL("r"),
	                             .currency = TEXT_LITERAL("GBP"),
	                             .day = text_of(day),
	                             .tier = 1};

	sale.lines.items = lines;
	sale.lines.count = (uint32_t)pick(world, 4) + 1;
	for (uint32_t i = 0; i < sale.lines.count; i++) {
		lines[i].sku = any_sku(world);
		lines[i].quantity = some(world);
	}
	stage_hear(&world->stage, "tills", &sale_recorded_type, &sale);
}

static void till_takes_back(struct world *world, const char *day)
{
	struct sale_voided_line line = {.sku = any_sku(world)};
	struct sale_voided voided = {.outlet = text_of(outlets[pick(world, OUTLETS)]),
	                             .terminal = TEXT_LITERAL("t"),
	                             .receipt = TEXT_LITERAL("r"),
	                             .currency = TEXT_LITERAL("GBP"),
	                             .day = text_of(day),
	                             .tier = 1,
	                             .was = TEXT_LITERAL("return")};

	line.quantity = some(world);
	if (pick(world, 2) == 0)
		voided.was = TEXT_LITERAL("sale");
	voided.lines.items = &line;
	voided.lines.count = 1;
	stage_hear(&world->stage, "tills", &sale_voided_type, &voided);
}

static void somebody_counts(struct world *world)
{
	struct stock_counted_line line = {.sku = any_sku(world)};
	struct stock_counted count = {.place = pick(world, 3) ? text_of(outlets[pick(world, OUTLETS)])
	                                                      : TEXT_LITERAL("W"),
	                              .reference = TEXT_LITERAL("c")};

	line.counted = some(world);
	count.lines.items = &line;
	count.lines.count = 1;
	stage_hear(&world->stage, "wms", &stock_counted_type, &count);
}

static void outlet_orders(struct world *world, const char *day)
{
	char number[16];
	struct order_accepted_line line = {.sku = any_sku(world)};
	struct order_accepted order = {.outlet = text_of(outlets[pick(world, OUTLETS)]),
	                               .day = text_of(day)};

	snprintf(number, sizeof(number), "o%llu", (unsigned long long)(++world->orders % 7));
	line.quantity = some(world);
	order.order = text_of(number);
	order.lines.items = &line;
	order.lines.count = 1;
	stage_hear(&world->stage, "tills", &order_accepted_type, &order);
	if (pick(world, 2) == 0) { /* and thinks better of it, perhaps of another one */
		struct order_cancelled_line gone = {.sku = line.sku, .quantity = line.quantity};
		struct order_cancelled cancelled = {
		    .outlet = order.outlet, .order = pick(world, 3) ? order.order : TEXT_LITERAL("o1")};

		cancelled.lines.items = &gone;
		cancelled.lines.count = 1;
		stage_hear(&world->stage, "tills", &order_cancelled_type, &cancelled);
	}
}

static void staff_decides(struct world *world)
{
	struct stock_policy_declared policy = {.has_sku = true, .sku = any_sku(world), .version = 1};

	policy.has_outlet = pick(world, 2) == 0;
	policy.outlet = text_of(outlets[pick(world, OUTLETS)]);
	policy.reorder_point = some(world);
	policy.order_up_to = quantity_add(policy.reorder_point, quantity_of(4000));
	stage_hear(&world->stage, "staff", &stock_policy_declared_type, &policy);
}

/* What inventory has said meanwhile; every restock becomes a want. */
static void carrier_listens(struct world *world)
{
	const struct event_type *type;
	const void *event;

	while (stage_said(&world->stage, &type, &event)) {
		world->fulfilled += type == &restock_fulfilled_type;
		if (type != &restock_requested_type || world->want_count == WANTS_MAX)
			continue;
		const struct restock_requested *requested = event;
		struct want *want = &world->wants[world->want_count++];

		CODE_PUT(want->restock, requested->restock);
		CODE_PUT(want->place, requested->place);
		CODE_PUT(want->sku, requested->sku);
		want->left = requested->quantity.milli;
		world->restocks++;
	}
}

static void carrier_plans(struct world *world, struct want *want, struct text shipment)
{
	struct shipment_planned_line line = {.restock = CODE_TEXT(want->restock),
	                                     .sku = CODE_TEXT(want->sku)};
	struct shipment_planned planned = {.shipment = shipment,
	                                   .warehouse = TEXT_LITERAL("W"),
	                                   .outlet = CODE_TEXT(want->place),
	                                   .carrier = TEXT_LITERAL("c"),
	                                   .lane = TEXT_LITERAL("l"),
	                                   .currency = TEXT_LITERAL("GBP")};

	want->loaded = pick(world, 3) > 0 ? want->left : (int64_t)pick(world, (uint64_t)want->left + 1);
	want->left -= want->loaded;
	line.quantity = quantity_of(want->loaded);
	planned.lines.items = &line;
	planned.lines.count = 1;
	stage_hear(&world->stage, "carrier", &shipment_planned_type, &planned);
}

/* A shipment from plan to receipt; loaded short, lost and damaged at times. */
static void carrier_drives(struct world *world, struct want *want)
{
	char number[24];
	struct text shipment = {number, (uint32_t)snprintf(number, sizeof(number), "S-%llu",
	                                                   (unsigned long long)++world->shipments)};

	carrier_plans(world, want, shipment);
	struct shipment_dispatched_line out = {.restock = CODE_TEXT(want->restock),
	                                       .sku = CODE_TEXT(want->sku)};
	struct shipment_dispatched dispatched = {.shipment = shipment,
	                                         .warehouse = TEXT_LITERAL("W"),
	                                         .outlet = CODE_TEXT(want->place),
	                                         .carrier = TEXT_LITERAL("c")};
	out.quantity.milli = pick(world, 4) > 0 ? want->loaded : want->loaded / 2;
	dispatched.lines.items = &out;
	dispatched.lines.count = 1;
	stage_hear(&world->stage, "carrier", &shipment_dispatched_type, &dispatched);
	if (pick(world, 5) == 0)
		till_sells(world, "2026-03-05"); /* business goes on while it is on the road */
	struct shipment_received_line in = {.restock = out.restock, .sku = out.sku};
	struct shipment_received received = {
	    .shipment = shipment, .warehouse = TEXT_LITERAL("W"), .outlet = CODE_TEXT(want->place)};
	in.quantity.milli = pick(world, 4) > 0 ? out.quantity.milli : out.quantity.milli / 3;
	in.damaged.milli = pick(world, 4) > 0 ? 0 : in.quantity.milli / 2;
	received.lines.items = &in;
	received.lines.count = 1;
	stage_hear(&world->stage, "carrier", &shipment_received_type, &received);
	want->gone = want->left == 0;
}

static void world_run(struct world *world, int steps)
{
	for (int i = 0; i < steps; i++) {
		char day[DAY_TEXT_SIZE];

		day_text(20500 + i / 60, day);
		world->stage.time_us += 37 * US_PER_SECOND;
		switch (pick(world, 12)) {
		case 0:
			till_takes_back(world, day);
			break;
		case 1:
			somebody_counts(world);
			break;
		case 2:
			outlet_orders(world, day);
			break;
		case 3:
			if (pick(world, 10) == 0)
				staff_decides(world);
			break;
		case 4:
		case 5:
			carrier_listens(world);
			if (world->want_count > 0 && !world->wants[i % (int)world->want_count].gone)
				carrier_drives(world, &world->wants[i % (int)world->want_count]);
			break;
		default:
			till_sells(world, day);
		}
	}
	carrier_listens(world);
}

static void test_the_truths_hold_whatever_happens(void **state)
{
	static struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 5; seed++) {
		stage_folder(dir);
		world_open(&world, *state, dir, seed * 7919, 50);
		world_run(&world, 1500);
		assert_in_range(world.restocks, 50, WANTS_MAX); /* the run was worth its time */
		assert_in_range(world.fulfilled, 20, WANTS_MAX);
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
		world_run(&world, 1200);
		hash = hash == 0 ? stage_hash(&world.stage) : hash;
		assert_true(hash == stage_hash(&world.stage));
		stage_close(&world.stage);
	}
}

/* Each changes one figure of a shelf, as a bug would. */
static void break_on_hand(struct shelf *shelf)
{
	shelf->stock.on_hand.milli++;
}

static void break_in_transit(struct shelf *shelf)
{
	shelf->stock.in_transit.milli -= 500;
}

static void break_on_order(struct shelf *shelf)
{
	shelf->stock.on_order.milli += 1000;
}

static void break_reserved(struct shelf *shelf)
{
	shelf->stock.reserved.milli += 1;
}

static void break_backlog(struct shelf *shelf)
{
	shelf->stock.backlog.milli += 1;
}

static void break_restock(struct shelf *shelf)
{
	shelf->restock += 1;
}

static void tamper(const struct service *service, const char *dir, void (*breaks)(struct shelf *shelf))
{
	struct stage stage;
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, TEXT_LITERAL("S2"), TEXT_LITERAL("B"));
	uint8_t squeezed[SQUEEZE_ROOM(SHELF_WORDS)];
	struct shelf shelf;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	struct bytes row = store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_SHELF, at);
	assert_true(shelf_read(row, &shelf));
	breaks(&shelf);
	store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_SHELF, at,
	          bytes_of(squeezed, squeeze(squeezed, &shelf, SHELF_WORDS)));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_changed_figure_is_found(void **state)
{
	static void (*const breaks[])(struct shelf * shelf) = {
	    break_on_hand, break_in_transit, break_on_order, break_reserved, break_backlog, break_restock};
	static struct world world;
	char dir[64];

	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		stage_folder(dir);
		world_open(&world, *state, dir, 31337, 50);
		world_run(&world, 600);
		stage_close(&world.stage);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, breaks[i]);
		assert_int_equal(stage_check(*state, dir), 1);
		stage_folder_remove(dir, *state);
	}
}

/* A row that no inventory has written, or one that is gone, as a bug or another program would leave it. */
static void test_a_row_that_cannot_be_read_is_found(void **state)
{
	static const uint8_t three[3] = {1, 2, 3}, number[8] = {0, 0, 0, 0, 0, 0x98, 0x96, 0x7f}; /* R-9999999 */
	static const struct restock stranger = {.place = "S1", .sku = "A", .from = "W", .asked = {1000}};
	static const struct score late = {.deliveries = 1, .promised = 1, .on_time = 2};
	static const struct budget spent = {.currency = "GBP", .amount = {9}, .spent = {5}};
	static const struct transfer unnamed = {.sku = "A", .from = "S1", .to = "S2", .state = TRANSFER_PROPOSED};
	static const struct {
		unsigned table;
		struct bytes key, value;
		const char *says;
	} rows[] = {
	    {TABLE_RESTOCK, {number, 8}, {three, 3}, "restock: a row of 3 bytes"},
	    {TABLE_RESTOCK, {three, 3}, {(const uint8_t *)&stranger, sizeof(stranger)}, "restock: a row of"},
	    {TABLE_RESTOCK, {number, 8}, {(const uint8_t *)&stranger, sizeof(stranger)}, "R-9999999: open, but not by the journal"},
	    {TABLE_SHELF, {(const uint8_t *)"S2\0B", 4}, {three, 1}, "shelf: a row of 1 bytes"},
	    {TABLE_SHELF, {(const uint8_t *)"S2\0B", 4}, {NULL, 0}, "B at S2: on hand is 0, it must be"},
	    {TABLE_WAITING, {(const uint8_t *)"S2\0B\0o", 6}, {three, 3}, "waiting: a row of 3 bytes"},
	    {TABLE_SCORE, {(const uint8_t *)"s\0SUP", 5}, {three, 3}, "score: a row of 3 bytes"},
	    {TABLE_SCORE, {(const uint8_t *)"s\0SUP", 5}, {(const uint8_t *)&late, sizeof(late)}, "score of SUP: its sums cannot be"},
	    {TABLE_BUDGET, {(const uint8_t *)"Q", 1}, {three, 3}, "budget: a row of 3 bytes"},
	    {TABLE_BUDGET, {(const uint8_t *)"Q", 1}, {(const uint8_t *)&spent, sizeof(spent)}, "budget Q: 5 spent, its restocks cost 0"},
	    {TABLE_TRANSFER, {number, 8}, {three, 3}, "transfer: a row of 3 bytes"},
	    {TABLE_TRANSFER, {number, 8}, {(const uint8_t *)&unnamed, sizeof(unnamed)}, "transfers: 1 more are open"},
	};
	static struct world world;
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stage_folder(dir);
		world_open(&world, *state, dir, 31337, 50);
		world_run(&world, 600);
		stage_close(&world.stage);
		stage_write(*state, dir, rows[i].table, rows[i].key, rows[i].value);
		assert_true(stage_check_says(*state, dir, rows[i].says));
		stage_folder_remove(dir, *state);
	}
}

/* Staff wants S1 to have A, so that there is an open restock at a known shelf. */
static void want_some(struct world *world, const char *who)
{
	struct stock_policy_declared policy = {.has_sku = true,
	                                       .sku = TEXT_LITERAL("A"),
	                                       .has_outlet = true,
	                                       .outlet = TEXT_LITERAL("S1"),
	                                       .reorder_point = {8000},
	                                       .order_up_to = {9000},
	                                       .version = 1};

	stage_hear(&world->stage, who, &stock_policy_declared_type, &policy);
}

static void bring(struct world *world, const char *restock)
{
	struct shipment_planned_line plan = {.restock = text_of(restock), .sku = TEXT_LITERAL("A"), .quantity = {9000}};
	struct shipment_planned planned = {.shipment = TEXT_LITERAL("S-1"),
	                                   .warehouse = TEXT_LITERAL("W"),
	                                   .outlet = TEXT_LITERAL("S1"),
	                                   .carrier = TEXT_LITERAL("c"),
	                                   .lane = TEXT_LITERAL("l"),
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .lines = {&plan, 1}};
	struct shipment_received_line in = {.restock = plan.restock, .sku = plan.sku, .quantity = plan.quantity};
	struct shipment_received received = {.shipment = planned.shipment,
	                                     .warehouse = planned.warehouse,
	                                     .outlet = planned.outlet,
	                                     .lines = {&in, 1}};

	stage_hear(&world->stage, "carrier", &shipment_planned_type, &planned);
	stage_hear(&world->stage, "carrier", &shipment_received_type, &received);
}

/* A shelf that forgets its restock asks again, and what it then says in the journal contradicts what it has said. */
static void test_a_journal_that_contradicts_itself_is_found(void **state)
{
	static struct world world;
	uint8_t key[KEY_SIZE];
	struct bytes shelf = shelf_key(key, TEXT_LITERAL("S1"), TEXT_LITERAL("A"));
	char dir[64];

	stage_folder(dir);
	world_open(&world, *state, dir, 1, 1);
	want_some(&world, "anna"); /* */
	stage_close(&world.stage);
	stage_write(*state, dir, TABLE_SHELF, shelf, bytes_of(NULL, 0));
	stage_open(&world.stage, *state, dir);
	want_some(&world, "bert"); /* */
	stage_close(&world.stage);
	assert_true(stage_check_says(*state, dir, "R-2: A at S1 has R-1 open already"));
	stage_open(&world.stage, *state, dir);
	bring(&world, "R-1");
	stage_close(&world.stage);
	assert_true(stage_check_says(*state, dir, "R-1: closes, but R-2 is the one open for A at S1"));
	stage_write(*state, dir, TABLE_SHELF, shelf, bytes_of(NULL, 0)); /* and forgets what it has */
	stage_open(&world.stage, *state, dir);
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	stage_hear(&world.stage, "tills", &sale_recorded_type,
	           &(struct sale_recorded){.outlet = TEXT_LITERAL("S1"),
	                                   .terminal = TEXT_LITERAL("t"),
	                                   .receipt = TEXT_LITERAL("r"),
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .day = TEXT_LITERAL("2026-03-05"),
	                                   .tier = 1,
	                                   .lines = {&line, 1}});
	stage_close(&world.stage);
	assert_true(stage_check_says(*state, dir, "A at S1 says on hand -1000, its movements add up to 8000"));
	stage_folder_remove(dir, *state);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(inventory_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_truths_hold_whatever_happens),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_changed_figure_is_found),
	    cmocka_unit_test(test_a_row_that_cannot_be_read_is_found),
	    cmocka_unit_test(test_a_journal_that_contradicts_itself_is_found),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
