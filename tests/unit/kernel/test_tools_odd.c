/*
 * Goal: check and backup name what is wrong with stores that say what no engine would have written. Method: rows, journals and inputs of
 * two toy services are written by hand; what the tool says is compared word by word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "by_hand.h"
#include "kernel/epochs.h"
#include "log/log.h"

/* ---- what check says ---- */

static unsigned audited;

static void audit_twice(struct audit *audit)
{
	struct envelope envelope;

	for (audited = 0; audit_event(audit, &envelope); audited++)
		;
	assert_false(audit_event(audit, &envelope)); /* the end is the end */
	audit_wrong(audit, "\"%s\" \\ %u\n", "words", audited);
}

static void test_a_service_has_truths_of_its_own(void **state)
{
	struct shop *shop = *state;
	struct service audited_toy = toy;

	audited_toy.audit = audit_twice;
	shop_sell(shop, 3);
	assert_int_equal(check(shop, &audited_toy), 1);
	assert_int_equal(audited, 3);
	assert_said("{\"service\":\"orders\",\"found\":\"'words' ' 3'\"}\n");
	assert_said("tributary rebuild --replace");
}

static void test_the_first_of_an_epoch_may_not_be_missing(void **state)
{
	struct shop *shop = *state;
	struct meta meta;

	shop_sell(shop, 3);
	put_epoch(shop->orders, engine_meta(shop->orders)->epoch - 1, 3, EPOCH_NUMBERS + 1, 3);
	append_event(shop->orders, EPOCH_NUMBERS + 2);
	meta = *engine_meta(shop->orders);
	meta.head = EPOCH_NUMBERS + 2;
	put_meta(shop->orders, meta);
	assert_int_equal(check(shop, &toy), 1);
	assert_said("journal: entry 4 is missing");
}

static void test_a_missing_input_is_named(void **state)
{
	struct shop *shop = *state;
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1};
	struct meta meta = *engine_meta(shop->orders);

	meta.intake = 1;
	put_meta(shop->orders, meta);
	shop_rest(shop);
	shop_wake(shop);
	append_run(shop->orders, &run);
	assert_int_equal(check(shop, &toy), 1);
	assert_said("intake: input 1 is missing");
	assert_said("restore a backup");
}

static void test_whom_it_hears_has_to_be_there_and_to_know_its_place(void **state)
{
	struct shop *shop = *state;
	char path[160], away[170];

	shop_sell(shop, 3);
	shop_hear(shop, 3);
	uint64_t epoch = engine_meta(shop->orders)->epoch;
	put_epoch(shop->orders, epoch - 7, 2, 3, 2);
	put_cursor(shop->inventory, "orders", epoch - 7, 2); /* at the end of an epoch that is over: it goes on from there */
	assert_int_equal(check(shop, &toy_echo), 0);
	shop_wake(shop);
	put_cursor(shop->inventory, "orders", epoch - 9, 1); /* nobody knows that epoch */
	assert_int_equal(check(shop, &toy_echo), 1);
	assert_said("which is in epoch");
	assert_said("restore all stores from one backup");
	snprintf(path, sizeof(path), "%s/orders", shop->folder);
	snprintf(away, sizeof(away), "%s.away", path);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(check(shop, &toy_echo), 1);
	assert_said("the store of orders cannot be opened");
	assert_int_equal(rebuild(shop, &toy_echo), ERR_NOT_FOUND);
}

/* A folder with a store in it that no service has begun. */
static void test_a_store_without_a_beginning_is_no_store_of_a_service(void **state)
{
	static const struct table none = {"nothing", TABLE_ROWS, "nothing"};
	struct shop *shop = *state;
	struct store *store;
	char path[160];
	struct store_options options = {.path = path, .map_bytes = 1 << 20, .map_bytes_max = 1 << 20};

	shop_rest(shop);
	snprintf(path, sizeof(path), "%s/orders", shop->folder);
	remove_tree(path);
	assert_int_equal(store_open(&store, &options, &none, 1), ERR_NONE);
	store_close(&store);
	assert_int_equal(check(shop, &toy), ERR_STORE_CORRUPT);
	assert_int_equal(rebuild(shop, &toy), ERR_STORE_CORRUPT);
	assert_int_equal(backup_take(&shop->backup, shop->folder, shop->copy, 0), ERR_STORE_CORRUPT);
	assert_string_equal(shop->backup.failed, "orders");
}

static void assert_no_engine(struct shop *shop)
{
	char path[160];
	struct engine *engine;
	struct engine_options options = {.path = path, .map_bytes = 8 << 20, .map_bytes_max = 64 << 20};

	shop_rest(shop);
	snprintf(path, sizeof(path), "%s/orders", shop->folder);
	assert_int_equal(engine_open(&engine, &toy, &options), ERR_STORE_CORRUPT);
	assert_null(engine);
	remove_tree(path);
	shop_wake(shop);
}

static void test_numbers_that_no_message_can_say_are_damage(void **state)
{
	struct shop *shop = *state;
	const uint64_t large = UINT64_C(1) << 62;
	const struct meta metas[] = {{.epoch = large}, {.head = large}, {.intake = large}, {.quarantined = large}};
	uint8_t row[32] = {0};

	for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++) {
		put_meta(shop->orders, metas[i]);
		assert_no_engine(shop);
	}
	put_row(shop->orders, KERNEL_META, bytes_of("meta", 4), bytes_of("short", 5));
	assert_no_engine(shop);
	put_cursor(shop->orders, "S1/T1", large, 1);
	assert_no_engine(shop);
	put_cursor(shop->orders, "S1/T1", 1, large);
	assert_no_engine(shop);
	put_row(shop->orders, KERNEL_CURSOR, bytes_of("S1/T1", 5), bytes_of("short", 5));
	assert_no_engine(shop);
	put_row(shop->orders, KERNEL_EPOCHS, bytes_of("1234567", 7), bytes_of(row, sizeof(row)));
	assert_no_engine(shop);
	put_row(shop->orders, KERNEL_EPOCHS, bytes_of("12345678", 8), bytes_of(row, sizeof(row) - 1));
	assert_no_engine(shop);
}

/* ---- backups of stores that have their own epochs ---- */

static int back_up(struct shop *shop)
{
	shop_rest(shop);
	remove_tree(shop->copy);
	assert_int_equal(mkdir(shop->copy, 0700), 0);
	int error = backup_take(&shop->backup, shop->folder, shop->copy, 0);
	shop_wake(shop);
	return error;
}

static void test_a_cut_knows_the_epochs_that_are_over(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 5);
	shop_hear(shop, 3);
	uint64_t epoch = engine_meta(shop->orders)->epoch;
	put_epoch(shop->orders, epoch - 7, 3, 4, 3);
	put_cursor(shop->inventory, "orders", epoch - 7, 3);
	assert_int_equal(back_up(shop), ERR_NONE);
	put_cursor(shop->inventory, "orders", epoch - 7, 4); /* beyond its end */
	assert_int_equal(back_up(shop), ERR_AGAIN);
	assert_string_equal(shop->backup.failed, "orders");
	put_cursor(shop->inventory, "orders", epoch - 9, 1); /* never heard of */
	assert_int_equal(back_up(shop), ERR_AGAIN);
	put_cursor(shop->inventory, "orders", epoch - 9, 0); /* nothing was taken of it */
	assert_int_equal(back_up(shop), ERR_NONE);
}

static void test_a_service_that_is_not_there_has_no_backup(void **state)
{
	struct shop *shop = *state;

	shop->backup.stores[1].service = "nowhere";
	assert_int_equal(back_up(shop), ERR_NOT_FOUND);
	assert_string_equal(shop->backup.failed, "nowhere");
}

static void test_each_figure_of_a_manifest_is_held_against_the_copy(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 5);
	shop_hear(shop, 5);
	assert_int_equal(back_up(shop), ERR_NONE);
	for (unsigned figure = 0; figure < 6; figure++) {
		struct backup wrong = shop->backup;
		struct backup_store *store = &wrong.stores[0];
		uint64_t *const figures[] = {&store->copied.hash, &store->copied.rows, &store->meta.epoch, &store->meta.head,
					     &store->journal.link, &store->intake.link};

		(*figures[figure])++;
		remove_tree(shop->aside);
		assert_int_equal(mkdir(shop->aside, 0700), 0);
		assert_int_equal(backup_fetch(&wrong, shop->copy, shop->aside, LATER_EPOCH), ERR_STORE_CORRUPT);
		assert_string_equal(wrong.failed, "orders");
	}
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_a_service_has_truths_of_its_own),
	    SHOP(test_the_first_of_an_epoch_may_not_be_missing),
	    SHOP(test_a_missing_input_is_named),
	    SHOP(test_whom_it_hears_has_to_be_there_and_to_know_its_place),
	    SHOP(test_a_store_without_a_beginning_is_no_store_of_a_service),
	    SHOP(test_numbers_that_no_message_can_say_are_damage),
	    SHOP(test_a_cut_knows_the_epochs_that_are_over),
	    SHOP(test_a_service_that_is_not_there_has_no_backup),
	    SHOP(test_each_figure_of_a_manifest_is_held_against_the_copy),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
