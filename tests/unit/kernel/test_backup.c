/*
 * Goal: a backup holds nobody who has heard what is not in it, and a store that goes back to it gives no number twice.
 * Method: two toy services, one hearing the other, in real stores; their state before, in the copy and after is compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "kernel/epochs.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "shop.h"

#define LATER_EPOCH (UINT64_C(1) << 52)

/* What is copied instead of orders, once; NULL: orders. */
static struct view *older;

int __real_store_copy(struct view *view, const char *path, uint64_t bytes_per_second, struct store_copied *copied);
int __wrap_store_copy(struct view *view, const char *path, uint64_t bytes_per_second, struct store_copied *copied);
int __wrap_store_copy(struct view *view, const char *path, uint64_t bytes_per_second, struct store_copied *copied)
{
	bool is_orders = strcmp(path + strlen(path) - 6, "orders") == 0;

	return __real_store_copy(older != NULL && is_orders ? older : view, path, bytes_per_second, copied);
}

/* The shop's own process has its stores open, so the copy is taken when it does not. */
static void back_up(struct shop *shop)
{
	shop_rest(shop);
	assert_int_equal(backup_take(&shop->backup, shop->folder, shop->copy, 0), ERR_NONE);
	shop_wake(shop);
}

static void restored(struct shop *shop)
{
	shop_rest(shop);
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH), ERR_NONE);
	shop->orders = shop_service(shop->aside, &toy, ".restored");
	shop->inventory = shop_service(shop->aside, &toy_echo, ".restored");
}

static void test_what_goes_back_gives_no_number_twice(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 10);
	shop_hear(shop, 7);
	back_up(shop);
	uint64_t epoch = engine_meta(shop->orders)->epoch;
	assert_int_equal(shop->backup.stores[0].meta.head, 10);
	shop_sell(shop, 20); /* lost with the disk */
	shop_hear(shop, 30);

	restored(shop);
	assert_int_equal(engine_meta(shop->orders)->epoch, LATER_EPOCH);
	struct cursor at = engine_cursor(shop->inventory, TEXT_LITERAL("orders"));
	assert_int_equal(at.epoch, LATER_EPOCH);
	assert_int_equal(at.through, 7);
	shop->sold = engine_cursor(shop->orders, TEXT_LITERAL("S1/T1")).through;
	assert_int_equal(shop->sold, 10);
	shop_sell(shop, 1);
	assert_true(engine_meta(shop->orders)->head > 30 + EPOCH_NUMBERS / 2);
	const struct epoch *ended = epochs_find(engine_epochs(shop->orders), epoch);
	assert_non_null(ended);
	assert_int_equal(ended->last, 10);
	assert_int_equal(ended->next, engine_meta(shop->orders)->head);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 10), 0);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 11), ended->next - 1);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), ended->next), 0);
	shop_hear(shop, engine_meta(shop->orders)->head);
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

/* Copies that do not belong together are found out when they are looked through, not when somebody needs them. */
static void test_a_copy_of_another_moment_is_no_backup(void **state)
{
	struct shop *shop = *state;
	char copy[sizeof(shop->copy) + 8];
	struct view view = {0};

	shop_sell(shop, 5);
	back_up(shop);
	shop_sell(shop, 5);
	shop_hear(shop, 10);
	struct engine *then = shop_service(shop->copy, &toy, "");
	assert_int_equal(view_open(&view, engine_store(then)), ERR_NONE);
	snprintf(copy, sizeof(copy), "%s2", shop->copy);
	assert_int_equal(mkdir(copy, 0700), 0);
	shop_rest(shop);
	older = &view;
	assert_int_equal(backup_take(&shop->backup, shop->folder, copy, 0), ERR_OUT_OF_RANGE);
	older = NULL;
	view_close(&view);
	engine_close(&then);
}

static void test_nothing_said_in_between_joins_two_holes(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 4);
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
			remove_tree(path);
		}
		shop->orders = shop_service(shop->aside, &toy, ".restored");
		shop->inventory = shop_service(shop->aside, &toy_echo, ".restored");
	}
	assert_int_equal(engine_epochs(shop->orders)->count, 3);
	assert_int_equal(epochs_hole(engine_epochs(shop->orders), 5), engine_meta(shop->orders)->head);
	assert_int_equal(tool_audit(shop->orders, stdout), 0);
	shop_sell(shop, 1);
	shop_hear(shop, engine_meta(shop->orders)->head);
	assert_int_equal(tool_audit(shop->orders, stdout), 0);
}

/* A store of before and one of after, side by side: nobody's moment. */
static void test_stores_that_do_not_fit_are_no_backup(void **state)
{
	struct shop *shop = *state;
	struct store_copied copied;
	struct view view = {0};
	char path[160];

	shop_sell(shop, 5);
	snprintf(path, sizeof(path), "%s/orders", shop->copy);
	assert_int_equal(view_open(&view, engine_store(shop->orders)), ERR_NONE);
	assert_int_equal(store_copy(&view, path, 0, &copied), ERR_NONE);
	view_close(&view);
	shop_sell(shop, 5);
	shop_hear(shop, 10);
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

	shop_sell(shop, 5);
	shop_hear(shop, 5);
	back_up(shop);
	shop->backup.stores[1].copied.hash ^= 1;
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH), ERR_STORE_CORRUPT);
	assert_string_equal(shop->backup.failed, "inventory");
}

static void test_an_epoch_is_later_than_all_before(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 1);
	back_up(shop);
	assert_int_equal(backup_fetch(&shop->backup, shop->copy, shop->aside, engine_meta(shop->orders)->epoch), ERR_OUT_OF_RANGE);
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_what_goes_back_gives_no_number_twice),
	    SHOP(test_a_copy_of_another_moment_is_no_backup),
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
