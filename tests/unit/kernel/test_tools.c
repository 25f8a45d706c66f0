/*
 * Goal: no tool says that all is well when it could not look, and none leaves less than it found. Method: check, rebuild, replace, backup
 * and its way back at a shop of two toy services, with each call of LMDB and of the C library refused once at each of its times; and
 * stores that say what no engine would have written.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <lmdb.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../store/refusals.h"
#include "base/error.h"
#include "kernel/tools.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "shop.h"

#define LATER_EPOCH (UINT64_C(1) << 52)
#define SAID_MAX 4000

static char said[SAID_MAX]; /* what the last tool wrote */

/* One tool's answer about one service of the shop, which rests. */
static int tool(struct shop *shop, const struct service *service, bool rebuilds, bool replaces)
{
	char *words = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&words, &size);
	struct tool_options options = {.dir = shop->folder, .map_bytes_max = 64 << 20, .replace = replaces, .out = out};

	assert_non_null(out);
	int result = rebuilds ? tool_rebuild(service, &options) : tool_check(service, &options);
	fclose(out);
	snprintf(said, sizeof(said), "%s", words);
	free(words);
	return result;
}

static int check(struct shop *shop, const struct service *service)
{
	return tool(shop, service, false, false);
}

static int rebuild(struct shop *shop, const struct service *service)
{
	return tool(shop, service, true, false);
}

static int replace(struct shop *shop, const struct service *service)
{
	return tool(shop, service, true, true);
}

/* Sales, what a till said that nobody can read, a tick of the clock, and an operator's hand. */
static void trade(struct shop *shop)
{
	static const uint8_t torn[] = {0xc1};
	struct run run = {.source = TEXT_LITERAL("S1/T2"), .epoch = 5, .count = 1, .events = bytes_of(torn, 1)};
	struct admission admission;
	uint8_t forged[300];

	shop_sell(shop, 10);
	assert_int_equal(engine_begin(shop->orders, SHOP_START_US), ERR_NONE);
	engine_admit(shop->orders, &run, &admission);
	run.after = 1;
	run.events = bytes_of(forged, toy_sale(forged, sizeof(forged), "other", 2, "S1", "R", 1000, SHOP_START_US));
	engine_admit(shop->orders, &run, &admission);
	run = (struct run){.source = TEXT_LITERAL("S1/T3"), .epoch = 5, .after = 3, .count = 1, .events = run.events};
	engine_admit(shop->orders, &run, &admission);
	assert_int_equal(admission.state, ADMISSION_GAP); /* known, and never heard */
	assert_int_equal(engine_commit(shop->orders), ERR_NONE);
	assert_int_equal(engine_begin(shop->orders, SHOP_START_US + US_PER_HOUR), ERR_NONE);
	assert_true(engine_tick(shop->orders));
	assert_int_equal(engine_commit(shop->orders), ERR_NONE);
	assert_int_equal(engine_discard(shop->orders, 1, SHOP_START_US + US_PER_HOUR), ERR_NONE);
	assert_int_equal(engine_retry(shop->orders, 2, SHOP_START_US + US_PER_HOUR), ERR_NONE);
	shop_hear(shop, 7);
}

/* ---- every refusal ---- */

static const struct {
	enum call call;
	int answer;
} asks[] = {
    {CALL_mdb_txn_begin, MDB_READERS_FULL}, {CALL_mdb_txn_renew, MDB_PANIC},
    {CALL_mdb_cursor_open, ENOMEM},         {CALL_mdb_cursor_renew, EINVAL}, {CALL_mdb_cursor_get, MDB_CORRUPTED},
    {CALL_mdb_cursor_put, MDB_MAP_FULL},    {CALL_mdb_txn_commit, EIO},      {CALL_mdb_env_open, EIO},
    {CALL_mdb_dbi_open, MDB_CORRUPTED},     {CALL_open, EMFILE},             {CALL_flock, EWOULDBLOCK},
    {CALL_fsync, EIO},                      {CALL_mkdir, EACCES},            {CALL_strdup, ENOMEM},
};

/*
 * `act` for each refusal; `after` looks at what is left and at what was answered, with nothing refused. A call that is made again after
 * its refusal may succeed, so an answer of 0 is held against what stands there, not against the refusal. Returns how many were told.
 */
static void never_well(struct shop *shop, int result);

static unsigned sweep(struct shop *shop, int (*act)(struct shop *shop), void (*after)(struct shop *shop, int result))
{
	unsigned told = 0;

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		for (unsigned n = 0, struck = 1; struck > 0; n += 1 + n / 16) {
			refuse(asks[i].call, n, 1, asks[i].answer);
			int result = act(shop);
			struck = refused();
			refuse_nothing();
			if (struck == 0 && result != 0 && after != never_well)
				fail_msg("nothing of %s was refused at %u, and it answers %d: %s", call_name(asks[i].call), n, result, said);
			told += struck > 0 && result != 0;
			after(shop, result);
		}
	return told;
}

static int act_check(struct shop *shop)
{
	int orders = check(shop, &toy);

	return orders != 0 ? orders : check(shop, &toy_echo);
}

static int act_rebuild(struct shop *shop)
{
	int orders = rebuild(shop, &toy);

	return orders != 0 ? orders : rebuild(shop, &toy_echo);
}

static int act_replace(struct shop *shop)
{
	return replace(shop, &toy);
}

static int act_backup(struct shop *shop)
{
	return backup_take(&shop->backup, shop->folder, shop->copy, 0);
}

static int act_fetch(struct shop *shop)
{
	return backup_fetch(&shop->backup, shop->copy, shop->aside, LATER_EPOCH);
}

static void never_well(struct shop *shop, int result)
{
	(void)shop;
	if (result == 0)
		fail_msg("a wrong store is called whole: %s", said);
}

static void stays_whole(struct shop *shop, int result)
{
	(void)result;
	if (act_check(shop) != 0)
		fail_msg("the shop is not what it was: %s", said);
}

static void forget_aside(struct shop *shop)
{
	char pattern[160];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/orders.damaged-*", shop->folder);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			remove_tree(found.gl_pathv[i]);
	globfree(&found);
}

/* One store or the other stands in the place, with all that was known. */
static void keeps_all(struct shop *shop, int result)
{
	stays_whole(shop, result);
	forget_aside(shop);
	shop_wake(shop);
	assert_int_equal(engine_cursor(shop->orders, TEXT_LITERAL("S1/T1")).through, 10);
	assert_int_equal(engine_meta(shop->orders)->head, 11);
	assert_int_equal(engine_cursor(shop->inventory, TEXT_LITERAL("orders")).through, 7);
	shop_rest(shop);
}

static void empty(const char *path)
{
	remove_tree(path);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* What is called a backup can be fetched. */
static void is_none_or_one(struct shop *shop, int result)
{
	if (result == 0) {
		assert_int_equal(act_fetch(shop), ERR_NONE);
		empty(shop->aside);
	}
	empty(shop->copy);
}

static void is_there_or_not(struct shop *shop, int result)
{
	char path[160];

	if (result == 0) {
		snprintf(path, sizeof(path), "%s/orders.restored", shop->aside);
		assert_int_equal(mkdir(path, 0700), -1);
		struct engine *orders = shop_service(shop->aside, &toy, ".restored");
		assert_int_equal(engine_meta(orders)->epoch, LATER_EPOCH);
		engine_close(&orders);
	}
	empty(shop->aside);
}

static void test_whatever_is_refused_a_wrong_store_is_not_called_whole(void **state)
{
	struct shop *shop = *state;

	trade(shop);
	struct store *store = engine_store(shop->inventory);
	assert_int_equal(store_begin(store), ERR_NONE);
	store_put(store, KERNEL_TABLES + TOY_SUMS, bytes_of("S9", 2), bytes_of("12345678", 8));
	struct cursor ahead = {.epoch = engine_meta(shop->orders)->epoch, .through = 99};
	store_put(store, KERNEL_CURSOR, bytes_of("orders", 6), bytes_of(&ahead, sizeof(ahead)));
	assert_int_equal(store_commit(store), ERR_NONE);
	shop_rest(shop);
	assert_in_range(sweep(shop, act_check, never_well), 20, 100000);
	assert_in_range(sweep(shop, act_rebuild, never_well), 20, 100000);
}

static void test_whatever_is_refused_a_tool_that_looks_changes_nothing(void **state)
{
	struct shop *shop = *state;

	trade(shop);
	shop_rest(shop);
	assert_in_range(sweep(shop, act_check, stays_whole), 20, 100000);
	assert_in_range(sweep(shop, act_rebuild, stays_whole), 20, 100000);
}

static void test_whatever_is_refused_what_is_called_a_backup_is_one(void **state)
{
	struct shop *shop = *state;

	trade(shop);
	shop_rest(shop);
	assert_in_range(sweep(shop, act_backup, is_none_or_one), 20, 100000);
	assert_int_equal(act_backup(shop), ERR_NONE);
	assert_in_range(sweep(shop, act_fetch, is_there_or_not), 20, 100000);
	stays_whole(shop, 0);
}

static void test_whatever_is_refused_one_store_or_the_other_stands_in_the_place(void **state)
{
	struct shop *shop = *state;

	trade(shop);
	shop_rest(shop);
	assert_in_range(sweep(shop, act_replace, keeps_all), 20, 100000);
}

static int open_new(struct engine **engine, const char *folder)
{
	char path[160];
	struct engine_options options = {.path = path, .map_bytes = 8 << 20, .map_bytes_max = 8 << 20, .now_us = SHOP_START_US};

	snprintf(path, sizeof(path), "%s/new", folder);
	return engine_open(engine, &toy, &options);
}

/* Whatever memory is not there, the start says so and leaves nothing open; the next one finds it. */
static void test_without_memory_no_engine_and_no_tool(void **state)
{
	static const enum call calls[] = {CALL_malloc, CALL_calloc, CALL_realloc};
	struct shop *shop = *state;
	struct engine *engine;
	unsigned met = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (unsigned n = 0;; n++) {
			refuse(calls[i], n, 1, ENOMEM);
			int error = open_new(&engine, shop->folder);
			unsigned struck = refused();
			refuse_nothing();
			assert_int_equal(error, struck > 0 ? ERR_MEMORY : ERR_NONE);
			engine_close(&engine);
			if (struck == 0)
				break;
			met++;
		}
	assert_in_range(met, 7, 1000);
	uint8_t row[40] = {0};
	assert_int_equal(store_begin(engine_store(shop->orders)), ERR_NONE);
	store_put(engine_store(shop->orders), KERNEL_EPOCHS, bytes_of(row, 8), bytes_of(row, 32));
	assert_int_equal(store_commit(engine_store(shop->orders)), ERR_NONE);
	shop_rest(shop);
	refuse(CALL_realloc, 0, 1, ENOMEM);
	assert_int_equal(check(shop, &toy), ERR_MEMORY);
	refuse(CALL_malloc, 0, 1, ENOMEM);
	assert_int_equal(rebuild(shop, &toy), ERR_MEMORY);
	refuse_nothing();
	shop_wake(shop);
	refuse(CALL_malloc, 0, 1, ENOMEM);
	assert_int_equal(tool_replay(shop->orders, NULL, shop->inventory, stdout), ERR_MEMORY);
	refuse_nothing();
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_whatever_is_refused_a_wrong_store_is_not_called_whole),
	    SHOP(test_whatever_is_refused_a_tool_that_looks_changes_nothing),
	    SHOP(test_whatever_is_refused_what_is_called_a_backup_is_one),
	    SHOP(test_whatever_is_refused_one_store_or_the_other_stands_in_the_place),
	    SHOP(test_without_memory_no_engine_and_no_tool),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
