/*
 * Goal: the audit adds up what belongs together: the sums of a score, a budget's charges, open transfers, and shelves however many there
 * are. Method: rows written into an empty store, right ones and wrong ones, and what the audit says of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "events/orders.h"
#include "procure.h"
#include "score.h"
#include "transfer.h"
#include "../stage/stage.h"

int inventory_main(int argc, char **argv);

/* Each of the sums of a score beyond what it is a part of. */
static void test_a_score_that_cannot_be_is_found(void **state)
{
	static const struct score scores[] = {
	    {.deliveries = 0},
	    {.deliveries = 1, .promised = 2},
	    {.deliveries = 1, .in_full = 2},
	    {.deliveries = 2, .promised = 2, .on_time = 0, .in_full = 2, .both = 1},
	    {.deliveries = 2, .promised = 2, .on_time = 2, .in_full = 0, .both = 1},
	    {.deliveries = 1, .timed = 2},
	    {.deliveries = 1, .sent = {1000}, .usable = {1001}},
	    {.deliveries = 1, .sent = {1000}, .valued = {1001}},
	    {.deliveries = 1, .timed = 1, .minutes = 10, .squares = 99},
	};
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		stage_write(*state, dir, TABLE_SCORE, bytes_of("s\0SUP", 5), bytes_of(&scores[i], sizeof(scores[i])));
		assert_true(stage_check_says(*state, dir, "score of SUP: its sums cannot be"));
	}
	stage_folder_remove(dir, *state);
}

/* A budget has spent what its own restocks cost, and nobody else's; a transfer that is over is not open. */
static void test_charges_and_open_transfers_are_added_up(void **state)
{
	static const struct budget spent = {.currency = "GBP", .amount = {9}, .spent = {5}};
	static const struct transfer over = {.sku = "A", .from = "S1", .to = "S2", .state = TRANSFER_BOOKED};
	static const struct transfer open = {.sku = "A", .from = "S1", .to = "S3", .state = TRANSFER_PROPOSED};
	static const int64_t five = 5, seven = 7;
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	stage_close(&stage);
	stage_write(*state, dir, TABLE_BUDGET, bytes_of("Q", 1), bytes_of(&spent, sizeof(spent)));
	stage_write(*state, dir, TABLE_CHARGE, bytes_of("\0\0\0\0\0\0\0\1Q", 9), bytes_of(&five, 8));
	stage_write(*state, dir, TABLE_CHARGE, bytes_of("\0\0\0\0\0\0\0\1R", 9), bytes_of(&seven, 8));
	stage_write(*state, dir, TABLE_CHARGE, bytes_of("\0\0\0\0\0\0\0\2QQ", 10), bytes_of(&seven, 8));
	stage_write(*state, dir, TABLE_CHARGE, bytes_of("\0\0\0\0\0\0\0\3Q", 9), bytes_of("odd", 3));
	stage_write(*state, dir, TABLE_TRANSFER, bytes_of("\0\0\0\0\0\0\0\1", 8), bytes_of(&over, sizeof(over)));
	stage_write(*state, dir, TABLE_TRANSFER, bytes_of("\0\0\0\0\0\0\0\2", 8), bytes_of(&open, sizeof(open)));
	stage_write(*state, dir, TABLE_TRANSFER_OPEN, bytes_of("S1\0S3\0A", 7), bytes_of(&five, 8));
	assert_int_equal(stage_check(*state, dir), 0);
	stage_write(*state, dir, TABLE_CHARGE, bytes_of("\0\0\0\0\0\0\0\4Q", 9), bytes_of(&seven, 8));
	assert_true(stage_check_says(*state, dir, "budget Q: 5 spent, its restocks cost 12"));
	stage_folder_remove(dir, *state);
}

/* More shelves than the audit makes room for at first. */
static void test_the_truths_of_many_shelves_hold(void **state)
{
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	stage.turn_size = 100;
	for (int i = 0; i < 1100; i++) {
		char sku[16];
		struct sale_recorded_line line = {.quantity = {1000}};

		line.sku = (struct text){sku, (uint32_t)snprintf(sku, sizeof(sku), "SKU-%d", i)};
		stage_hear(&stage, "tills", &sale_recorded_type,
		           &(struct sale_recorded){.outlet = TEXT_LITERAL("S1"),
		                                   .terminal = TEXT_LITERAL("t"),
		                                   .receipt = TEXT_LITERAL("r"),
		                                   .currency = TEXT_LITERAL("GBP"),
		                                   .day = TEXT_LITERAL("2026-03-05"),
		                                   .tier = 1,
		                                   .lines = {&line, 1}});
	}
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_write(*state, dir, TABLE_SHELF, bytes_of("S1\0SKU-7", 8), bytes_of(NULL, 0));
	assert_true(stage_check_says(*state, dir, "SKU-7 at S1: on hand is 0, it must be -1000"));
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
	    cmocka_unit_test(test_a_score_that_cannot_be_is_found),
	    cmocka_unit_test(test_charges_and_open_transfers_are_added_up),
	    cmocka_unit_test(test_the_truths_of_many_shelves_hold),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
