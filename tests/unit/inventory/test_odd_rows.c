/*
 * Goal: a row that inventory cannot read is passed over, by its answers and by its decisions, and a row of an older version is read as it
 * was meant. Method: a small network in a store; rows written over behind the service's back; the answers and the events after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/orders.h"
#include "events/partners.h"
#include "events/warehouses.h"
#include "kernel/query.h"
#include "procure.h"
#include "rank.h"
#include "score.h"
#include "transfer.h"
#include "window.h"
#include "../stage/stage.h"

int inventory_main(int argc, char **argv);

static const uint8_t three[3] = {1, 2, 3};

static void declare_product(struct stage *stage)
{
	stage_hear(stage, "staff", &product_declared_type,
	           &(struct product_declared){.sku = TEXT_LITERAL("A"),
	                                      .name = TEXT_LITERAL("a"),
	                                      .goods = true,
	                                      .has_pack = true,
	                                      .pack = {4000},
	                                      .has_cost = true,
	                                      .cost = {20000},
	                                      .has_cost_currency = true,
	                                      .cost_currency = TEXT_LITERAL("GBP"),
	                                      .version = 1});
}

/* A warehouse W, an outlet S1 that it supplies, and a product A. */
static void network_open(struct stage *stage, const struct service *service, const char *dir)
{
	struct outlet_declared_upstream upstream = {.has_warehouse = true, .warehouse = TEXT_LITERAL("W")};

	stage_open(stage, service, dir);
	stage_hear(stage, "staff", &warehouse_declared_type,
	           &(struct warehouse_declared){.warehouse = TEXT_LITERAL("W"), .name = TEXT_LITERAL("w"), .version = 1});
	stage_hear(stage, "staff", &outlet_declared_type,
	           &(struct outlet_declared){.outlet = TEXT_LITERAL("S1"),
	                                     .name = TEXT_LITERAL("s"),
	                                     .tier = 1,
	                                     .kind = TEXT_LITERAL("own_store"),
	                                     .currency = TEXT_LITERAL("GBP"),
	                                     .has_upstreams = true,
	                                     .upstreams = {&upstream, 1},
	                                     .version = 1});
	stage_hear(stage, "staff", &lane_declared_type,
	           &(struct lane_declared){.lane = TEXT_LITERAL("L1"),
	                                   .from = TEXT_LITERAL("W"),
	                                   .to = TEXT_LITERAL("S1"),
	                                   .lead_time = 60,
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .version = 1});
	declare_product(stage);
}

static void sell(struct stage *stage, const char *till, int64_t milli)
{
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {milli}};

	stage_hear(stage, till, &sale_recorded_type,
	           &(struct sale_recorded){.outlet = TEXT_LITERAL("S1"),
	                                   .terminal = TEXT_LITERAL("t"),
	                                   .receipt = TEXT_LITERAL("r"),
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .day = TEXT_LITERAL("2026-03-01"),
	                                   .tier = 1,
	                                   .lines = {&line, 1}});
}

static void count_some(struct stage *stage, const char *who, int64_t milli)
{
	struct stock_counted_line line = {.sku = TEXT_LITERAL("A"), .counted = {milli}};

	stage_hear(stage, who, &stock_counted_type,
	           &(struct stock_counted){.place = TEXT_LITERAL("S1"), .reference = TEXT_LITERAL("c"), .lines = {&line, 1}});
}

static void declare_budget(struct stage *stage, const char *code, int64_t minor)
{
	stage_hear(stage, "staff", &budget_declared_type,
	           &(struct budget_declared){.budget = text_of(code),
	                                     .currency = TEXT_LITERAL("GBP"),
	                                     .amount = {minor},
	                                     .from = TEXT_LITERAL("2026-01-01"),
	                                     .until = TEXT_LITERAL("2026-12-31"),
	                                     .version = 1});
}

/* How many rows an answer has. */
static uint32_t rows_of(struct stage *stage, const char *what)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	static const uint8_t no_arguments[1] = {0x80};
	struct page page = {0};

	stage_commit(stage);
	assert_int_equal(query_run(stage->engine, text_of(what), bytes_of(no_arguments, 1), bytes_of(NULL, 0), buffer, &page), ERR_NONE);
	assert_false(page.more);
	return page.row_count;
}

/* The restocks that were asked for since the last look, and how much the last one was of. */
static unsigned asked_for(struct stage *stage, int64_t *milli)
{
	const struct event_type *type;
	const void *event;
	unsigned count = 0;

	while (stage_said(stage, &type, &event)) {
		if (type != &restock_requested_type)
			continue;
		*milli = ((const struct restock_requested *)event)->quantity.milli;
		count++;
	}
	return count;
}

static void test_an_answer_passes_over_a_row_that_cannot_be_read(void **state)
{
	static const uint8_t number[8] = {0, 0, 0, 0, 0, 0x98, 0x96, 0x7f};
	static const struct restock restock = {.place = "S1", .sku = "A", .from = "W", .asked = {1000}};
	static const struct transfer transfer = {.sku = "A", .from = "S1", .to = "S2"};
	static const struct {
		const char *what;
		unsigned table;
		struct bytes key, value;
	} rows[] = {
	    {"stock", TABLE_SHELF, {(const uint8_t *)"S1\0ODD", 6}, {three, 1}},
	    {"ageing", TABLE_SHELF, {(const uint8_t *)"S1\0ODD", 6}, {three, 1}},
	    {"turnover", TABLE_THROUGHPUT, {(const uint8_t *)"S1\0ODD", 6}, {three, 3}},
	    {"stuffing", TABLE_THROUGHPUT, {(const uint8_t *)"S1\0ODD", 6}, {three, 3}},
	    {"budgets", TABLE_BUDGET, {(const uint8_t *)"ODD", 3}, {three, 3}},
	    {"held", TABLE_HELD, {(const uint8_t *)"S1\0ODD", 6}, {three, 3}},
	    {"restocks", TABLE_RESTOCK, {number, 8}, {three, 3}},
	    {"restocks", TABLE_RESTOCK, {three, 3}, {(const uint8_t *)&restock, sizeof(restock)}},
	    {"transfers", TABLE_TRANSFER, {number, 8}, {three, 3}},
	    {"transfers", TABLE_TRANSFER, {three, 3}, {(const uint8_t *)&transfer, sizeof(transfer)}},
	    {"scorecards", TABLE_SCORE, {(const uint8_t *)"s\0ODD\0\0\0\0\0\0\0\0\0\1", 15}, {three, 3}},
	};
	struct stage stage;
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stage_folder(dir);
		network_open(&stage, *state, dir);
		sell(&stage, "tills", 1000);
		count_some(&stage, "wms", 5000);
		uint32_t before = rows_of(&stage, rows[i].what);
		stage_close(&stage);
		stage_write(*state, dir, rows[i].table, rows[i].key, rows[i].value);
		stage_open(&stage, *state, dir);
		assert_int_equal(rows_of(&stage, rows[i].what), before);
		stage_close(&stage);
		stage_folder_remove(dir, *state);
	}
}

/* Layers that cannot be read are none: all that lies there has an unknown age, and what comes next begins anew. */
static void test_a_shelf_without_layers_has_an_age_nobody_knows(void **state)
{
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	network_open(&stage, *state, dir);
	count_some(&stage, "wms", 5000);
	stage_close(&stage);
	stage_write(*state, dir, TABLE_LAYER, bytes_of("S1\0A", 4), bytes_of(three, 3));
	stage_open(&stage, *state, dir);
	assert_int_equal(rows_of(&stage, "ageing"), 1);
	count_some(&stage, "wms 2", 6000);
	assert_int_equal(rows_of(&stage, "ageing"), 1);
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_folder_remove(dir, *state);
}

/* A lane, a policy and a budget that cannot be read are as if they had never been declared. */
static void test_a_decision_passes_over_a_row_that_cannot_be_read(void **state)
{
	struct stage stage;
	char dir[64];
	int64_t milli = 0;

	stage_folder(dir);
	network_open(&stage, *state, dir);
	stage_hear(&stage, "staff", &procurement_declared_type,
	           &(struct procurement_declared){.procurement = TEXT_LITERAL("P"),
	                                          .method = TEXT_LITERAL("continuous"),
	                                          .has_multiple = true,
	                                          .multiple = {9000},
	                                          .version = 1});
	declare_budget(&stage, "B", 1);
	stage_close(&stage);
	stage_write(*state, dir, TABLE_LANE, bytes_of("L1", 2), bytes_of(three, 3));
	stage_write(*state, dir, TABLE_BUDGET, bytes_of("B", 1), bytes_of(three, 3));
	stage_write(*state, dir, TABLE_PROCURE, bytes_of("\0\0\0P", 4), bytes_of(three, 3));
	stage_open(&stage, *state, dir);
	sell(&stage, "tills", 1000);
	assert_int_equal(asked_for(&stage, &milli), 0); /* no lane leads there any more */
	stage_hear(&stage, "staff 2", &lane_declared_type,
	           &(struct lane_declared){.lane = TEXT_LITERAL("L2"),
	                                   .from = TEXT_LITERAL("W"),
	                                   .to = TEXT_LITERAL("S1"),
	                                   .lead_time = 60,
	                                   .currency = TEXT_LITERAL("GBP"),
	                                   .version = 1});
	sell(&stage, "tills", 1000);
	assert_int_equal(asked_for(&stage, &milli), 1);
	assert_int_equal(milli, 8000); /* in packs of four, not in the policy's nines, and nothing forbids it */
	stage_close(&stage);
	stage_folder_remove(dir, *state);
}

/* A shelf from before the network was ranked has its window. */
static void test_a_shelf_of_an_older_version_has_its_window(void **state)
{
	static const struct throughput flow = {.received = {7000}, .since_us = 1, .closed = {.until_us = 1, .sold = {7000}}};
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	network_open(&stage, *state, dir);
	stage_close(&stage);
	stage_write(*state, dir, TABLE_THROUGHPUT, bytes_of("S1\0A", 4), bytes_of(&flow, THROUGHPUT_SIZE_BEFORE));
	stage_open(&stage, *state, dir);
	assert_int_equal(rows_of(&stage, "turnover"), 1);
	stage_close(&stage);
	stage_folder_remove(dir, *state);
}

/* A product from before there were costs has its pack, a lane from before it had a currency its time, a procurement policy from before it
   chose sources, or knew breaks, its multiple; one with more breaks than there can be says nothing; a store from before rules were marked looks at all
   of them. */
static void rows_are_read(void **state, struct bytes procure, int64_t asked)
{
	static const struct rule rule = {.reorder_point = {1000}, .order_up_to = {39000}, .version = 1};
	static const struct lane lane = {.from = "W", .to = "S1", .lead_minutes = 60};
	struct product product = {.pack = {5000}};
	struct stage stage;
	char dir[64];
	int64_t milli = 0;

	stage_folder(dir);
	network_open(&stage, *state, dir);
	stage_close(&stage);
	stage_write(*state, dir, TABLE_PRODUCT, bytes_of("A", 1), bytes_of(&product, PRODUCT_SIZE_BEFORE));
	stage_write(*state, dir, TABLE_LANE, bytes_of("L1", 2), bytes_of(&lane, LANE_SIZE_BEFORE));
	stage_write(*state, dir, TABLE_PROCURE, bytes_of("\0\0\0P", 4), procure);
	stage_write(*state, dir, TABLE_BOOK, bytes_of("procurement", 11), bytes_of(three, 3));
	stage_write(*state, dir, TABLE_RULE, bytes_of("s\0A\0", 4), bytes_of(&rule, sizeof(rule)));
	stage_open(&stage, *state, dir);
	stage_hear(&stage, "staff 2", &stock_policy_declared_type,
	           &(struct stock_policy_declared){.has_sku = true,
	                                           .sku = TEXT_LITERAL("OTHER"),
	                                           .has_outlet = true,
	                                           .outlet = TEXT_LITERAL("S1"),
	                                           .order_up_to = {1000},
	                                           .version = 1});
	(void)asked_for(&stage, &milli);
	sell(&stage, "tills", 1000);
	assert_int_equal(asked_for(&stage, &milli), 1);
	assert_int_equal(milli, asked);
	stage_close(&stage);
	stage_folder_remove(dir, *state);
}

static void test_rows_of_an_older_version_are_read(void **state)
{
	static const struct procure policy = {.multiple = {9000}, .version = 1};
	static const struct procure broken = {.multiple = {9000}, .version = 1, .break_count = BREAKS_MAX + 1};

	rows_are_read(state, bytes_of(&policy, PROCURE_SIZE_BEFORE), 45000); /* the old rule, 40 in nines */
	rows_are_read(state, bytes_of(&policy, PROCURE_SIZE_UNBROKEN), 45000);
	rows_are_read(state, bytes_of(&policy, sizeof(policy)), 45000);
	rows_are_read(state, bytes_of(&broken, sizeof(broken)), 40000); /* without a policy in fives */
}

static void test_keys_that_are_too_short_name_nothing(void **state)
{
	struct text sku = TEXT_LITERAL("before");
	uint32_t month = 7;

	(void)state;
	assert_int_equal(months_key(bytes_of("s\0SUP", 5), &month), 0);
	assert_int_equal(month, 7);
	assert_int_equal(rank_value(bytes_of("S1\0GBP\0\1\2\3\4\5\6\7\10", 15), &sku), 0);
	assert_int_equal(sku.size, 0);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(inventory_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_answer_passes_over_a_row_that_cannot_be_read),
	    cmocka_unit_test(test_a_shelf_without_layers_has_an_age_nobody_knows),
	    cmocka_unit_test(test_a_decision_passes_over_a_row_that_cannot_be_read),
	    cmocka_unit_test(test_rows_of_an_older_version_are_read),
	    cmocka_unit_test(test_a_shelf_of_an_older_version_has_its_window),
	    cmocka_unit_test(test_keys_that_are_too_short_name_nothing),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
