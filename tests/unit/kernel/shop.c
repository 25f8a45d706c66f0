/* shop.c -- see shop.h. */
#include "shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

void remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void shop_rest(struct shop *shop)
{
	engine_close(&shop->orders);
	engine_close(&shop->inventory);
}

void shop_wake(struct shop *shop)
{
	shop->orders = shop_service(shop->folder, &toy, "");
	shop->inventory = shop_service(shop->folder, &toy_echo, "");
}

struct engine *shop_service(const char *folder, const struct service *service, const char *suffix)
{
	char path[160];
	struct engine_options options = {.path = path, .map_bytes = 8 << 20, .map_bytes_max = 64 << 20, .now_us = SHOP_START_US};
	struct engine *engine;

	snprintf(path, sizeof(path), "%s/%s%s", folder, service->name, suffix);
	assert_int_equal(engine_open(&engine, service, &options), ERR_NONE);
	return engine;
}

void shop_sell(struct shop *shop, uint64_t count)
{
	assert_int_equal(engine_begin(shop->orders, SHOP_START_US), ERR_NONE);
	for (; count > 0; count--) {
		uint8_t event[256];
		char receipt[24];
		struct admission admission;
		uint64_t seq = ++shop->sold;

		snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)seq);
		size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", receipt, 1000, SHOP_START_US + (int64_t)seq);
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = seq - 1, .count = 1, .events = bytes_of(event, size)};
		engine_admit(shop->orders, &run, &admission);
		assert_int_equal(admission.state, ADMISSION_DONE);
	}
	assert_int_equal(engine_commit(shop->orders), ERR_NONE);
}

/* Inventory hears the journal of orders through this number. */
void shop_hear(struct shop *shop, uint64_t through)
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
	assert_int_equal(engine_begin(shop->inventory, SHOP_START_US), ERR_NONE);
	engine_admit(shop->inventory, &run, &admission);
	assert_int_equal(admission.state, ADMISSION_DONE);
	assert_int_equal(engine_commit(shop->inventory), ERR_NONE);
}

int shop_open(void **state)
{
	static struct shop shop;

	shop = (struct shop){.folder = "/tmp/backup-XXXXXX", .backup = {.stores = {{.service = "orders"}, {.service = "inventory"}}, .count = 2}};
	assert_non_null(mkdtemp(shop.folder));
	snprintf(shop.copy, sizeof(shop.copy), "%s/copy", shop.folder);
	snprintf(shop.aside, sizeof(shop.aside), "%s/aside", shop.folder);
	assert_int_equal(mkdir(shop.copy, 0700), 0);
	assert_int_equal(mkdir(shop.aside, 0700), 0);
	shop_wake(&shop);
	*state = &shop;
	return 0;
}

int shop_close(void **state)
{
	struct shop *shop = *state;

	shop_rest(shop);
	remove_tree(shop->folder);
	return 0;
}

