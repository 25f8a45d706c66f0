/*
 * Goal: the audit names every row of targets, parts, promotions, scores and processes that does not add up; questions leave out rows that cannot
 * be read, and go on from any place that is one. Method: a day of one shop through the real engine, with narrow targets, a part of another, a
 * promotion and a case; then one row changed, added or cut short, as a bug would leave it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "appraisal.h"
#include "device.h"
#include "metric.h"
#include "base/error.h"
#include "events/inventory.h"
#include "events/orders.h"
#include "events/partners.h"
#include "kernel/query.h"
#include "process.h"
#include "state.h"
#include "../stage/stage.h"

int kpi_main(int argc, char **argv);

#define TEN_O_CLOCK INT64_C(1772359200000000) /* 2026-03-01, day 0x5021 */

static void declare_target(struct stage *stage, const char *code, const char *seller, const char *parent)
{
	stage_hear(stage, "office", &target_declared_type,
		   &(struct target_declared){.target = text_of(code),
					     .has_outlet = true,
					     .outlet = TEXT_LITERAL("S1"),
					     .metric = TEXT_LITERAL("revenue"),
					     .has_currency = true,
					     .currency = TEXT_LITERAL("GBP"),
					     .from = TEXT_LITERAL("2026-03-01"),
					     .until = TEXT_LITERAL("2026-03-31"),
					     .value = 100000,
					     .has_salesperson = seller != NULL,
					     .salesperson = text_of(seller != NULL ? seller : ""),
					     .has_parent = parent != NULL,
					     .parent = text_of(parent != NULL ? parent : ""),
					     .version = 1});
}

static void declare(struct stage *stage)
{
	stage_hear(stage, "office", &outlet_declared_type,
		   &(struct outlet_declared){.outlet = TEXT_LITERAL("S1"),
					     .name = TEXT_LITERAL("s"),
					     .tier = 1,
					     .kind = TEXT_LITERAL("own_store"),
					     .currency = TEXT_LITERAL("GBP"),
					     .version = 1});
	stage_hear(stage, "office", &terminal_declared_type,
		   &(struct terminal_declared){.terminal = TEXT_LITERAL("S1/T1"), .outlet = TEXT_LITERAL("S1"), .version = 1});
	stage_hear(stage, "office", &certificate_granted_type,
		   &(struct certificate_granted){.training_result = TEXT_LITERAL("TR-1"),
						 .member = TEXT_LITERAL("mei"),
						 .outlet = TEXT_LITERAL("S1"),
						 .course = TEXT_LITERAL("LAMPS"),
						 .course_version = 1,
						 .from = TEXT_LITERAL("2026-03-01")});
	stage_hear(stage, "sales", &device_seen_type,
		   &(struct device_seen){.outlet = TEXT_LITERAL("S1"), .terminal = TEXT_LITERAL("S1/T1"), .software = TEXT_LITERAL("4.2.1")});
	declare_target(stage, "SELLER", "mei", NULL);
	declare_target(stage, "SELLERS", "mei", NULL);
	declare_target(stage, "TELLERS", "mei", NULL);
	declare_target(stage, "YEAR", NULL, NULL);
	declare_target(stage, "PART", NULL, "YEAR");
	stage_hear(stage, "office", &metric_declared_type,
		   &(struct metric_declared){.metric = TEXT_LITERAL("SUM"),
					     .event = TEXT_LITERAL("sale.recorded"),
					     .has_sum = true,
					     .sum = TEXT_LITERAL("total"),
					     .version = 1});
	stage_hear(stage, "office", &metric_declared_type,
		   &(struct metric_declared){.metric = TEXT_LITERAL("VOIDS"), .event = TEXT_LITERAL("sale.voided"), .version = 1});
	stage_hear(stage, "office", &promotion_declared_type,
		   &(struct promotion_declared){.promotion = TEXT_LITERAL("P"),
						.name = TEXT_LITERAL("p"),
						.mechanic = TEXT_LITERAL("percent"),
						.has_off_bp = true,
						.off_bp = 1000,
						.currency = TEXT_LITERAL("GBP"),
						.from = TEXT_LITERAL("2026-03-01"),
						.until = TEXT_LITERAL("2026-03-07"),
						.brand_bp = 6000,
						.version = 1});
}

static void sell(struct stage *stage)
{
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .amount = {1500}};

	stage_hear(stage, "tills", &sale_recorded_type,
		   &(struct sale_recorded){.outlet = TEXT_LITERAL("S1"),
					   .terminal = TEXT_LITERAL("S1/T1"),
					   .receipt = TEXT_LITERAL("1"),
					   .currency = TEXT_LITERAL("GBP"),
					   .day = TEXT_LITERAL("2026-03-01"),
					   .tier = 1,
					   .total = {1500},
					   .units = {1000},
					   .lines = {&line, 1},
					   .has_cashier = true,
					   .cashier = TEXT_LITERAL("mei")});
	stage_hear(stage, "tills", &promotion_applied_type,
		   &(struct promotion_applied){.outlet = TEXT_LITERAL("S1"),
					       .terminal = TEXT_LITERAL("S1/T1"),
					       .receipt = TEXT_LITERAL("1"),
					       .day = TEXT_LITERAL("2026-03-01"),
					       .line = 1,
					       .sku = TEXT_LITERAL("A"),
					       .quantity = {1000},
					       .currency = TEXT_LITERAL("GBP"),
					       .promotion = TEXT_LITERAL("P"),
					       .promotion_version = 1,
					       .amount = {100},
					       .brand_amount = {60},
					       .dealer_amount = {40}});
}

static void happen(struct stage *stage)
{
	stage->time_us = TEN_O_CLOCK;
	declare(stage);
	sell(stage);
	stage_hear(stage, "stock", &stock_assessed_type,
		   &(struct stock_assessed){.outlet = TEXT_LITERAL("S1"),
					    .currency = TEXT_LITERAL("GBP"),
					    .from = TEXT_LITERAL("2026-03-01"),
					    .until = TEXT_LITERAL("2026-03-28"),
					    .sold_cost = {700},
					    .mean_stock_cost = {400}});
	stage_hear(stage, "office", &conflict_opened_type,
		   &(struct conflict_opened){.conflict = TEXT_LITERAL("C-1"),
					     .outlet = TEXT_LITERAL("S1"),
					     .kind = TEXT_LITERAL("price"),
					     .rule = TEXT_LITERAL("R"),
					     .rule_version = 1,
					     .severity = TEXT_LITERAL("notice"),
					     .evidence = TEXT_LITERAL("orders#1"),
					     .due = 1});
	stage->time_us += 20 * US_PER_SECOND;
	stage_hear(stage, "office", &conflict_assigned_type,
		   &(struct conflict_assigned){.conflict = TEXT_LITERAL("C-1"), .outlet = TEXT_LITERAL("S1"), .handler = TEXT_LITERAL("staff/mei")});
}

static void happen_in(const struct service *service, const char *dir)
{
	struct stage stage;

	stage_open(&stage, service, dir);
	happen(&stage);
	stage_close(&stage);
}

#define KEY(text) (text), sizeof(text) - 1
#define VISIT(n, field) offsetof(struct process, visits) + (n) * sizeof(struct visit) + offsetof(struct visit, field)
#define SCORE_COUNT offsetof(struct score, count)
#define SCORE_SIZE(n) (sizeof(struct score) + (n) * sizeof(struct input_of_score))

static void test_a_row_that_does_not_add_up_is_found(void **state)
{
	static const struct odd rows[] = {
	    {TABLE_NARROW, KEY("SELLER\0\0\0\x50\x21"), 0, 999, 0, "target SELLER: achieved 1500, its days add up to 999"},
	    {TABLE_NARROW, KEY("SELLER\0\0\0\x50\x21"), 0, 0, 3, "target SELLER: achieved 1500, its days add up to 0"},
	    {TABLE_NARROW, KEY("SELLERS\0\0\0\x50\x20"), 0, 5, 8, NULL}, /* the day before its period */
	    {TABLE_NARROW, KEY("SELLERS\0\0\0\x51\x20"), 0, 5, 8, NULL}, /* and one behind */
	    {TABLE_NARROW, KEY("SELLERS\0\0\0\x50\x22"), 0, 5, 8, "target SELLERS: achieved 1500, its days add up to 1505"},
	    {TABLE_PART, KEY("YEAR\0PART"), 0, 5, 0, "target PART: its parent YEAR adds it up with another value"},
	    {TABLE_PART, KEY("YEAR\0PART"), 0, 5, 3, "target PART: its parent YEAR adds it up with another value"},
	    {TABLE_CERTIFICATE, KEY("LAMPS\0S1\0TR-1"), 0, 0, 3, "certificate TR-1 of LAMPS at S1: it counts on no day"},
	    {TABLE_CERTIFICATE, KEY("LAMPS\0S1\0TR-1"), 8, 0, 0, "certificate TR-1 of LAMPS at S1: it counts on no day"},
	    {TABLE_METRIC, KEY("SUM"), 0, 0, 3, "metric SUM: a row of 3 bytes"},
	    {TABLE_METRIC, KEY("SUM"), offsetof(struct metric_row, event), 0x61, 0, "metric SUM: what it counts is not what it hears"},
	    {TABLE_METRIC, KEY("VOIDS"), offsetof(struct metric_row, sum), 0x61, 0, "metric VOIDS: what it counts is not what it hears"},
	    {TABLE_METRIC, KEY("MORE"), 0, 1, sizeof(struct metric_row), "metrics: 3 rows, and 2 are known"},
	    {TABLE_LISTEN, KEY("sale.voided\0SUM"), 0, 1, 8, "metric SUM: it hears sale.voided, which it does not count"},
	    {TABLE_LISTEN, KEY("sale.voided\0NONE"), 0, 1, 8, "metric NONE: it hears sale.voided, which it does not count"},
	    {TABLE_COUNTER, KEY("SUM\0S1\0\0\0\x50\x21"), 0, 1, 3, "counter SUM, S1: nobody counts that"},
	    {TABLE_COUNTER, KEY("VOIDS\0S1\0\0\0\x50\x21"), 0, 1, 8, "counter VOIDS, S1: nobody counts that"},
	    {TABLE_COUNTER, KEY("NONE\0S1\0\0\0\x50\x21"), 0, 1, 8, "counter NONE, S1: nobody counts that"},
	    {TABLE_COUNTER, KEY("sale.voided\0S1\0\0\0\x50\x21"), 0, 1, 8, NULL},
	    {TABLE_DEVICE, KEY("S1/T1"), 0, 0, 3, "device S1/T1: it has reported and was not heard"},
	    {TABLE_DEVICE, KEY("S1/T9"), 0, 0, sizeof(struct device), "device S1/T9: it has reported and was not heard"},
	    {TABLE_DEVICE, KEY("S1/T1"), 0, UINT64_C(1) << 60, 0, "device S1/T1: it has reported and was not heard"},
	    {TABLE_TILL, KEY("S1/T8"), offsetof(struct till, silent), 1, sizeof(struct till), "device S1/T8: it is silent and never spoke"},
	    {TABLE_PROMOTION, KEY("P"), offsetof(struct promotion, brand), 61, 0, "promotion P: 100 given, 61 and 40 paid"},
	    {TABLE_PROMOTION, KEY("P"), 0, 0, 3, "promotion P: "},
	    {TABLE_SCORE, KEY("A\0S1"), SCORE_COUNT, 1, SCORE_SIZE(1), NULL},
	    {TABLE_SCORE, KEY("A\0S1"), SCORE_COUNT, UINT64_MAX, SCORE_SIZE(0), "score: a row of 48 bytes"},
	    {TABLE_SCORE, KEY("A\0S1"), SCORE_COUNT, APPRAISAL_METRICS_MAX + 1, SCORE_SIZE(0), "score: a row of 48 bytes"},
	    {TABLE_SCORE, KEY("A\0S1"), SCORE_COUNT, 2, SCORE_SIZE(1), "score: a row of 120 bytes"},
	    {TABLE_PROCESS, KEY("conflict\0C-1"), VISIT(0, time_us), INT64_MAX, 0, "conflict C-1: its visits are not in order"},
	    {TABLE_PROCESS, KEY("conflict\0C-1"), VISIT(1, state), 99, 0, "conflict C-1: its visits are not in order"},
	};
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stage_folder(dir);
		happen_in(*state, dir);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_spoil(*state, dir, &rows[i]);
		if (rows[i].says == NULL)
			assert_int_equal(stage_check(*state, dir), 0);
		else if (!stage_check_says(*state, dir, rows[i].says))
			fail_msg("not found: %s", rows[i].says);
		stage_folder_remove(dir, *state);
	}
}

/* What was granted belongs to a final score. */
static void test_a_reward_of_a_score_is_sound(void **state)
{
	static const struct odd score = {TABLE_SCORE, KEY("A\0S1"), SCORE_COUNT, 1, SCORE_SIZE(1), NULL};
	static const struct odd grant = {TABLE_GRANT, KEY("A\0S1\0R"), 0, 1, 8, NULL};
	char dir[64];

	stage_folder(dir);
	happen_in(*state, dir);
	stage_spoil(*state, dir, &grant);
	assert_true(stage_check_says(*state, dir, "appraisal A, S1: a reward without a final score"));
	stage_spoil(*state, dir, &score);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_folder_remove(dir, *state);
}

static uint32_t answers(struct stage *stage, const char *what, struct bytes from)
{
	static uint8_t room[QUERY_PAGE_BYTES];
	const struct bytes no_arguments = bytes_of("\x80", 1);
	struct page page;

	assert_int_equal(query_run(stage->engine, text_of(what), no_arguments, from, room, &page), ERR_NONE);
	return page.row_count;
}

static void test_questions_leave_out_rows_that_cannot_be_read(void **state)
{
	static const struct {
		const char *what;
		struct odd row;
		uint32_t before, after;
	} cases[] = {
	    {"sales", {TABLE_MEASURE, KEY("oS1\0z"), 0, 0, 3, NULL}, 1, 1},
	    {"silent", {TABLE_OUTLET, KEY("S1"), 0, 0, 3, NULL}, 0, 0},
	    {"training", {TABLE_OUTLET, KEY("S1"), 0, 0, 3, NULL}, 1, 0},
	    {"training", {TABLE_CERTIFICATE, KEY("LAMPS\0S1\0TR-1"), 0, 0, 3, NULL}, 1, 1}, /* without */
	    {"devices", {TABLE_TILL, KEY("S1/T1"), 0, 0, 3, NULL}, 1, 0},
	    {"devices", {TABLE_DEVICE, KEY("S1/T1"), 0, 0, 3, NULL}, 1, 1},
	    {"silent", {TABLE_MEASURE, KEY("oS1\0z"), 0, 0, 3, NULL}, 0, 0}, /* it has sold all the same */
	    {"hours", {TABLE_HOUR, KEY("\0\0\x50\x21\x18" "aall\0GBP"), 0, 0, 3, NULL}, 1, 0},
	    {"promotions", {TABLE_PROMOTION, KEY("P"), 0, 0, 3, NULL}, 1, 0},
	    {"targets", {TABLE_TARGET, KEY("PART"), 0, 0, 3, NULL}, 5, 4},
	    {"league", {TABLE_TARGET, KEY("PART"), 0, 0, 3, NULL}, 2, 1},
	    {"target_versions", {TABLE_SAID, KEY("PART\0\0\0\0\0\0\0\0\1"), 0, 0, 3, NULL}, 5, 4},
	    {"terminals", {TABLE_TILL, KEY("S1/T1"), 0, 0, 3, NULL}, 1, 0},
	    {"gmroi", {TABLE_ASSESSED, KEY("S1\0GBP"), 0, 0, 3, NULL}, 1, 0},
	    {"waiting", {TABLE_WAIT, KEY("conflict\0opened\0abc"), 0, 0, 3, NULL}, 1, 1},
	    {"appraisals", {TABLE_APPRAISAL, KEY("A"), 0, 0, 3, NULL}, 0, 0},
	};
	const struct bytes start = bytes_of(NULL, 0);
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		happen(&stage);
		stage_commit(&stage);
		if (answers(&stage, cases[i].what, start) != cases[i].before)
			fail_msg("%s: %u rows", cases[i].what, answers(&stage, cases[i].what, start));
		stage_close(&stage);
		stage_spoil(*state, dir, &cases[i].row);
		stage_open(&stage, *state, dir);
		if (answers(&stage, cases[i].what, start) != cases[i].after)
			fail_msg("%s, one row odd: %u rows", cases[i].what, answers(&stage, cases[i].what, start));
		stage_close(&stage);
		stage_folder_remove(dir, *state);
	}
}

/* A place among the answers comes back from outside. */
static void test_processes_go_on_from_a_place_that_is_one(void **state)
{
	struct stage stage;
	uint8_t conflict = 0, states;

	stage_open(&stage, *state, NULL);
	happen(&stage);
	stage_commit(&stage);
	while (flows[conflict] != &flow_conflict)
		conflict++;
	states = (uint8_t)flow_states(flows[conflict]);
	const struct {
		uint8_t place[3];
		size_t size;
		uint32_t rows;
	} cases[] = {
	    {{0}, 0, 2},
	    {{conflict, 0, 0}, 3, 2},
	    {{conflict, (uint8_t)(states - 1), states}, 3, 0}, /* behind all that there is */
	    {{conflict, 0, 0}, 2, 2},			       /* none: from the start */
	    {{200, 0, 0}, 3, 0},
	    {{conflict, states, 0}, 3, 0},
	    {{conflict, 0, (uint8_t)(states + 1)}, 3, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(answers(&stage, "processes", bytes_of(cases[i].place, cases[i].size)), cases[i].rows);
	stage_close(&stage);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(kpi_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_row_that_does_not_add_up_is_found),
	    cmocka_unit_test(test_a_reward_of_a_score_is_sound),
	    cmocka_unit_test(test_questions_leave_out_rows_that_cannot_be_read),
	    cmocka_unit_test(test_processes_go_on_from_a_place_that_is_one),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
