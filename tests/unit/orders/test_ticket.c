/*
 * Goal: whatever tills and outlets say, what orders records is what an independent reckoning makes of it, and
 * the longest ticket is no exception. Method: the seeded world beside its model (world.h), the audit over the
 * outcome.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/orders.h"
#include "events/terminals.h"
#include "world.h"

int orders_main(int argc, char **argv);

static void test_the_books_are_those_of_the_model(void **state)
{
	static struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 5; seed++) {
		stage_folder(dir);
		world_open(&world, *state, dir, seed * 7919, 40);
		world_run(&world, 1500);
		world_listen(&world);
		assert_in_range(world.sold, 50, 1000); /* the run was worth its time */
		assert_in_range(world.voided, 20, 1000);
		assert_in_range(world.refused, 100, 1500);
		assert_in_range(world.cancelled, 3, 1000);
		assert_in_range(world.said.deviations, 10, 1500);
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

/* As many lines as there may be, each of them outside its corridor. */
static void test_the_longest_ticket_is_recorded_and_undone(void **state)
{
	static struct ticket_sold_line lines[1000];
	static struct world world;
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
	                           .receipt = TEXT_LITERAL("R0123456789012345678901234567890123456789"),
	                           .currency = TEXT_LITERAL("GBP"),
	                           .day = TEXT_LITERAL("2026-03-01")};

	sold.receipt.size = 40;
	world_open(&world, *state, NULL, 1, 1);
	for (int i = 0; i < 1000; i++)
		lines[i] = (struct ticket_sold_line){.sku = text_of(world_skus[i % 4]),
		                                     .quantity = {NUMBER_MAX / 1000},
		                                     .has_unit_price = true,
		                                     .unit_price = {1},
		                                     .has_amount = true,
		                                     .amount = money_of(90072)};
	assert_true(money_of_line(lines[0].quantity, lines[0].unit_price, 2, &lines[0].amount));
	for (int i = 1; i < 1000; i++)
		lines[i].amount = lines[0].amount;
	sold.lines.items = lines;
	sold.lines.count = 1000;
	stage_hear(&world.stage, world_tills[0], &ticket_sold_type, &sold);
	stage_hear(&world.stage, world_tills[0], &ticket_voided_type,
	           &(struct ticket_voided){.outlet = sold.outlet, .receipt = sold.receipt, .day = sold.day});
	const struct event_type *type;
	const void *event;
	uint64_t deviations = 0, voided = 0;

	assert_true(stage_said(&world.stage, &type, &event));
	assert_ptr_equal(type, &sale_recorded_type);
	assert_int_equal(((const struct sale_recorded *)event)->lines.count, 1000);
	assert_int_equal(((const struct sale_recorded *)event)->total.minor, 1000 * lines[0].amount.minor);
	while (stage_said(&world.stage, &type, &event)) {
		deviations += type == &price_deviation_detected_type;
		voided += type == &sale_voided_type;
	}
	assert_int_equal(deviations, 250); /* of the four products one has a price */
	assert_int_equal(voided, 1);
	stage_close(&world.stage);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(orders_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_books_are_those_of_the_model),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_the_longest_ticket_is_recorded_and_undone),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
