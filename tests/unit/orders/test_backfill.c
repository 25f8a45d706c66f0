/*
 * Goal: a metric that is registered late is told exactly what the journal held, once, in however many parts, and whatever dies between
 * them; and the audit names a reading that cannot be. Method: thousands of tickets through the real engine, then the metric and ticks; the
 * parts are added up and compared with a sum of the tickets; the store is closed and opened again between the parts; rows are written over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../stage/stage.h"
#include "backfill/backfill.h"
#include "base/error.h"
#include "events/partners.h"
#include "events/terminals.h"
#include "orders.h"

#define SALES 4500
#define START_US INT64_C(1772352000000000)

int orders_main(int argc, char **argv);

static void master(struct stage *stage)
{
	struct outlet_declared outlet = {.outlet = TEXT_LITERAL("S1"),
					 .name = TEXT_LITERAL("s"),
					 .tier = 1,
					 .kind = TEXT_LITERAL("own_store"),
					 .currency = TEXT_LITERAL("GBP"),
					 .version = 1};
	struct terminal_declared terminal = {.terminal = TEXT_LITERAL("S1/T1"), .outlet = TEXT_LITERAL("S1"), .version = 1};
	struct product_declared product = {.sku = TEXT_LITERAL("A"), .name = TEXT_LITERAL("a"), .goods = true, .version = 1};

	stage_hear(stage, "rulebook", &outlet_declared_type, &outlet);
	stage_hear(stage, "rulebook", &terminal_declared_type, &terminal);
	stage_hear(stage, "rulebook", &product_declared_type, &product);
}

static void sell(struct stage *stage, unsigned number)
{
	struct ticket_sold_line line = {
	    .sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_unit_price = true, .unit_price = {(int64_t)(number % 7 + 1) * 100}};
	char receipt[16];
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
				   .receipt = {receipt, (uint32_t)snprintf(receipt, sizeof(receipt), "%u", number)},
				   .currency = TEXT_LITERAL("GBP"),
				   .day = number % 2 == 0 ? TEXT_LITERAL("2026-03-01") : TEXT_LITERAL("2026-02-28"),
				   .lines = {&line, 1}};

	stage_hear(stage, "S1/T1", &ticket_sold_type, &sold);
}

/* The next minute: the clock ticks before what comes in it. */
static void tick(struct stage *stage, unsigned minute)
{
	stage->time_us = START_US + (int64_t)minute * US_PER_MINUTE;
	sell(stage, SALES + 1000 + minute);
}

/* Everything dies between two parts, and begins again where it was. */
static void die(struct stage *stage, const struct service *service, const char *dir)
{
	struct stage before = *stage;

	stage_close(stage);
	stage_open(stage, service, dir);
	stage->time_us = before.time_us;
	stage->said = before.said;
	stage->turn_size = before.turn_size;
	memcpy(stage->sources, before.sources, sizeof(stage->sources));
}

/* What was said of the metric: the sum of all parts, how many there were, and whether the last one has come. */
struct told {
	int64_t sum;
	unsigned parts;
	bool is_done;
};

static void listen(struct stage *stage, struct told *told)
{
	const struct event_type *type;
	const void *event;

	while (stage_said(stage, &type, &event)) {
		const struct metric_replayed *replayed = event;

		if (type != &metric_replayed_type)
			continue;
		assert_false(told->is_done);
		told->parts++;
		told->is_done = replayed->has_done && replayed->done;
		for (uint32_t i = 0; i < replayed->sums.count; i++)
			told->sum += replayed->sums.items[i].counted;
	}
}

static void test_all_of_the_past_is_told_once(void **state)
{
	const struct metric_declared metric = {.metric = TEXT_LITERAL("SUM"),
					       .event = TEXT_LITERAL("sale.recorded"),
					       .has_sum = true,
					       .sum = TEXT_LITERAL("total"),
					       .version = 1};
	struct told told = {0};
	struct stage stage;
	int64_t expected = 0;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	stage.time_us = START_US;
	stage.turn_size = 100;
	master(&stage);
	for (unsigned number = 0; number < SALES; number++) {
		sell(&stage, number);
		expected += number % 7 + 1;
	}
	stage_hear(&stage, "rulebook", &metric_declared_type, &metric);
	for (unsigned number = SALES; number < SALES + 50; number++) /* not of the past */
		sell(&stage, number);
	for (unsigned minute = 1; !told.is_done; minute++) {
		assert_in_range(minute, 1, SALES / BACKFILL_EVENTS + 2);
		tick(&stage, minute);
		listen(&stage, &told);
		die(&stage, *state, dir);
	}
	assert_int_equal(told.sum, expected);
	assert_int_equal(told.parts, SALES / BACKFILL_EVENTS + 1);
	tick(&stage, 100);
	listen(&stage, &told);
	assert_int_equal(told.parts, SALES / BACKFILL_EVENTS + 1);
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_folder_remove(dir, *state);
}

/* Rows of readings as a bug would leave them, beside a reading that is open: 2,000 of the events before it are read. */
static void test_a_row_that_is_no_reading_is_named(void **state)
{
	const struct metric_declared metric = {
	    .metric = TEXT_LITERAL("SUM"), .event = TEXT_LITERAL("sale.recorded"), .has_sum = true, .sum = TEXT_LITERAL("total"), .version = 1};
	const struct odd odds[] = {
	    {TABLE_BACKFILL, "SUM", 3, 0, 0, 7, "a row of 7 bytes"},
	    {TABLE_BACKFILL, "SUM", 3, offsetof(struct backfill, version), 2, 0, "no such reading is open"},
	    {TABLE_BACKFILL, "SUM", 3, offsetof(struct backfill, through), 9, 0, "no such reading is open"},
	    {TABLE_BACKFILL, "SUM", 3, offsetof(struct backfill, next), 2000, 0, "goes on at event 2000"},
	    {TABLE_BACKFILL, "SUM", 3, offsetof(struct backfill, next), 9999, 0, "goes on at event 9999"},
	    {TABLE_BACKFILL, "SUM", 3, offsetof(struct backfill, event), 0x61, 0, "no metric counts a"},
	    {TABLE_BACKFILL, "GONE", 4, 0, 0, sizeof(struct backfill), "no such reading is open"},
	};
	char dir[64];

	for (size_t i = 0; i < sizeof(odds) / sizeof(odds[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage.time_us = START_US;
		stage.turn_size = 100;
		master(&stage);
		for (unsigned number = 0; number < BACKFILL_EVENTS + 50; number++)
			sell(&stage, number);
		stage_hear(&stage, "rulebook", &metric_declared_type, &metric);
		tick(&stage, 1);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_spoil(*state, dir, &odds[i]);
		assert_true(stage_check_says(*state, dir, odds[i].says));
		stage_folder_remove(dir, *state);
	}
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(orders_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_of_the_past_is_told_once), cmocka_unit_test(test_a_row_that_is_no_reading_is_named)};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
