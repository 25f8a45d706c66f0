/*
 * Goal: a backup holds nobody who has heard what is not in it, and a store that goes back to it gives no number twice.
 * Method: two toy services, one hearing the other, in real stores; their state before, in the copy and after is compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "kernel/backup.h"
#include "kernel/epochs.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)
#define LATER_EPOCH (UINT64_C(1) << 52)

struct shop {
	char folder[64], copy[80], aside[80];
	struct engine *orders, *inventory;
	uint64_t sold;
	struct backup backup;
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static struct engine *open_service(const char *folder, const struct service *service, const char *suffix)
{
	char path[160];
	struct engine_options options = {.path = path, .map_bytes = 8 << 20, .map_bytes_max = 64 << 20, .now_us = START_US};
	struct engine *engine;

	snprintf(path, sizeof(path), "%s/%s%s", folder, service->name, suffix);
	assert_int_equal(engine_open(&engine, service, &options), ERR_NONE);
	return engine;
}

static void sell(struct shop *shop, uint64_t count)
{
	assert_int_equal(engine_begin(shop->orders, START_US), ERR_NONE);
	for (; count > 0; count--) {
		uint8_t event[256];
		char receipt[24];
		struct admission admission;
		uint64_t seq = ++shop->sold;

		snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)seq);
		size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", receipt, 1000, START_US + (int64_t)seq);
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = seq - 1, .count = 1, .events = bytes_of(event, size)};
		engine_admit(shop->orders, &run, &admission);
		assert_int_equal(admission.state, ADMISSION_DONE);
	}
	assert_int_equal(engine_commit(shop->orders), ERR_NONE);
}

/* Inventory hears the journal of orders through this number. */
static void hear(struct shop *shop, uint64_t through)
{
	static uint8_t bytes[64 << 10];
	struct writer events = writer_of(bytes, sizeof(bytes));
	struct cursor at = engine_cursor(shop->inventory, TEXT_LITERAL("orders"));
	struct admission admission;
	struct view view = {0};
	uint64_t number;
	uint32_t count = 0;

	assert_int_equal(view_open(&view, engine_store(shop->orders)), ERR_NONE);
	for (struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, at.through + 1, &number); event.data != NULL && number <= through;
	     event = view_log_next(&view, KERNEL_JOURNAL, &number), count++)
		writer_raw(&events, event);
	view_close(&view);
	struct run run = {.source = TEXT_LITERAL("orders"), .epoch = engine_meta(shop->orders)->epoch, .feed = true, .after = at.through,
			  .through = through, .count = count, .events = writer_bytes(&events)};
	assert_int_equal(engine_begin(shop->inventory, START_US), ERR_NONE);
	engine_admit(shop->inventory, &run, &admission);
	assert_int_equal(admission.state, ADMISSION_DONE);
	assert_int_equal(engine_commit(shop->inventory), ERR_NONE);
}

static int shop_open(void **state)
{
	static struct shop shop;

	shop = (struct shop){.folder = "/tmp/backup-XXXXXX", .backup = {.stores = {{.service = "orders"}, {.service = "inventory"}}, .count = 2}};
	assert_non_null(mkdtemp(shop.folder));
	snprintf(shop.copy, sizeof(shop.copy), "%s/copy", shop.folder);
	snprintf(shop.aside, sizeof(shop.aside), "%s/aside", shop.folder);
	assert_int_equal(mkdir(shop.copy, 0700), 0);
	assert_int_equal(mkdir(shop.aside, 0700), 0);
	shop.orders = open_service(shop.folder, &toy, "");
	shop.inventory = open_service(shop.folder, &toy_echo, "");
	*state = &shop;
	return 0;
}

static int shop_close(void **state)
{
	struct shop *shop = *state;

	engine_close(&shop->orders);
	engine_close(&shop->inventory);
	(void)nftw(shop->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* The shop's own process has its stores open, so the copy is taken when it does not. */
static void back_up(struct shop *shop)
{
	engine_close(&shop->orders);
	engine_close(&shop->inventory);
	assert_int_equal(backup_take(&shop->backup, shop->folder, shop->copy, 0), ERR_NONE);
	shop->orders = open_service(shop->folder, &toy, "");
	shop->inventory = open_service(shop->folder, &toy_echo, "");
}

static void restored(struct shop *shop)
{
	engine_close(&shop->orders);
	engine_close(&shop->inventory);
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH), ERR_NONE);
	shop->orders = open_service(shop->aside, &toy, ".restored");
	shop->inventory = open_service(shop->aside, &toy_echo, ".restored");
}

static void test_what_goes_back_gives_no_number_twice(void **state)
{
	struct shop *shop = *state;

	sell(shop, 10);
	hear(shop, 7);
	back_up(shop);
	uint64_t epoch = engine_meta(shop->orders)->epoch;
	assert_int_equal(shop->backup.stores[0].meta.head, 10);
	sell(shop, 20); /* lost with the disk */
	hear(shop, 30);

	restored(shop);
	assert_int_equal(engine_meta(shop->orders)->epoch, LATER_EPOCH);
	struct cursor at = engine_cursor(shop->inventory, TEXT_LITERAL("orders"));
	assert_int_equal(at.epoch, LATER_EPOCH);
	assert_int_equal(at.through, 7);
	shop->sold = engine_cursor(shop->orders, TEXT_LITERAL("S1/T1")).through;
	assert_int_equal(shop->sold, 10);
	sell(shop, 1);
	assert_true(engine_meta(shop->orders)->head > 30 + EPOCH_NUMBERS / 2);
	const struct epoch *ended = epochs_find(engine_epochs(shop->orders), epoch);
	assert_non_null(ended);
	assert_int_equal(ended->last, 10);
	assert_int_equal(ended->next, engine_meta(shop->orders)->head);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 10), 0);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 11), ended->next - 1);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), ended->next), 0);
	hear(shop, engine_meta(shop->orders)->head);
	struct view view = {0};
	int64_t sales = 0;
	assert_int_equal(view_open(&view, engine_store(shop->inventory)), ERR_NONE);
	struct bytes sum = view_get(&view, KERNEL_TABLES + TOY_SUMS, bytes_of("S1", 2));
	memcpy(&sales, sum.data, sizeof(sales));
	view_close(&view);
	assert_int_equal(sales, 11); /* each once: seven before, three that were on their way, one since */
	assert_int_equal(tool_audit(shop->orders, stdout), 0);
	assert_int_equal(tool_audit(shop->inventory, stdout), 0);
}

static void test_nothing_said_in_between_joins_two_holes(void **state)
{
	struct shop *shop = *state;

	sell(shop, 4);
	back_up(shop);
	restored(shop);
	for (uint64_t i = 0; i < 2; i++) { /* and back again, twice, from its own copy */
		char copy[sizeof(shop->copy)], path[160];

		snprintf(copy, sizeof(copy), "%s/copy%llu", shop->folder, (unsigned long long)i);
		assert_int_equal(mkdir(copy, 0700), 0);
		engine_close(&shop->orders);
		engine_close(&shop->inventory);
		for (unsigned s = 0; s < 2; s++) {
			char from[160];

			snprintf(from, sizeof(from), "%s/%s.restored", shop->aside, shop->backup.stores[s].service);
			snprintf(path, sizeof(path), "%s/%s", shop->aside, shop->backup.stores[s].service);
			assert_int_equal(rename(from, path), 0);
		}
		assert_int_equal(backup_take(&shop->backup, shop->aside, copy, 0), ERR_NONE);
		assert_int_equal(backup_fetch(&shop->backup, copy, shop->aside, LATER_EPOCH + 1 + i), ERR_NONE);
		for (unsigned s = 0; s < 2; s++) {
			snprintf(path, sizeof(path), "%s/%s", shop->aside, shop->backup.stores[s].service);
			(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
		}
		shop->orders = open_service(shop->aside, &toy, ".restored");
		shop->inventory = open_service(shop->aside, &toy_echo, ".restored");
	}
	assert_int_equal(engine_epochs(shop->orders)->count, 3);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 5), engine_meta(shop->orders)->head);
	assert_int_equal(tool_audit(shop->orders, stdout), 0);
	sell(shop, 1);
	hear(shop, engine_meta(shop->orders)->head);
	assert_int_equal(tool_audit(shop->orders, stdout), 0);
}

/* A store of before and one of after, side by side: nobody's moment. */
static void test_stores_that_do_not_fit_are_no_backup(void **state)
{
	struct shop *shop = *state;
	struct store_copied copied;
	struct view view = {0};
	char path[160];

	sell(shop, 5);
	snprintf(path, sizeof(path), "%s/orders", shop->copy);
	assert_int_equal(view_open(&view, engine_store(shop->orders)), ERR_NONE);
	assert_int_equal(store_copy(&view, path, 0, &copied), ERR_NONE);
	view_close(&view);
	sell(shop, 5);
	hear(shop, 10);
	snprintf(path, sizeof(path), "%s/inventory", shop->copy);
	assert_int_equal(view_open(&view, engine_store(shop->inventory)), ERR_NONE);
	assert_int_equal(store_copy(&view, path, 0, &copied), ERR_NONE);
	assert_int_equal(store_copy(&view, path, 0, &copied), ERR_USAGE); /* never over another */
	view_close(&view);
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH), ERR_OUT_OF_RANGE);
	assert_string_equal(shop->backup.failed, "orders");
}

static void test_a_copy_that_is_not_what_was_said_is_refused(void **state)
{
	struct shop *shop = *state;

	sell(shop, 5);
	hear(shop, 5);
	back_up(shop);
	shop->backup.stores[1].copied.hash ^= 1;
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH), ERR_STORE_CORRUPT);
	assert_string_equal(shop->backup.failed, "inventory");
}

static void test_an_epoch_is_later_than_all_before(void **state)
{
	struct shop *shop = *state;

	sell(shop, 1);
	back_up(shop);
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, engine_meta(shop->orders)->epoch), ERR_OUT_OF_RANGE);
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_what_goes_back_gives_no_number_twice),
	    SHOP(test_nothing_said_in_between_joins_two_holes),
	    SHOP(test_stores_that_do_not_fit_are_no_backup),
	    SHOP(test_a_copy_that_is_not_what_was_said_is_refused),
	    SHOP(test_an_epoch_is_later_than_all_before),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	log_open("backup", LOG_BROKEN);
	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
